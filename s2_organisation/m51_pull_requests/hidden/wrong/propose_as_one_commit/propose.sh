#!/usr/bin/env bash
# Move a branch's own commits to the project's main, and publish it on the fork.
#
# usage: bash propose.sh BRANCH OLD
set -euo pipefail

git fetch --quiet upstream
git fetch --quiet --prune origin
published=$(git rev-parse --quiet --verify "refs/remotes/origin/$1" || true)
if [[ -n $published ]] && ! git merge-base --is-ancestor "$published" "$1"; then
    echo "propose.sh: the fork's $1 has commits that yours lacks" >&2
    exit 1
fi
git rebase --quiet --onto upstream/main "$2" "$1"
message=$(git log -1 --format=%B)
git reset --quiet --soft upstream/main
git commit --quiet --message "$message"
# The lease names what was looked at: whoever pushes in between is not overwritten.
git push --quiet --set-upstream --force-with-lease="$1:$published" origin "$1"
