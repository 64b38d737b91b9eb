#!/usr/bin/env bash
# usage: bash propose.sh BRANCH OLD
set -e
branch=$1 old=$2
git fetch -q --all
if git show-ref -q --verify "refs/remotes/origin/$branch"; then
    unknown=$(git rev-list --count "$branch..origin/$branch")
    [ "$unknown" = 0 ] || { echo "there are $unknown commits on the fork that are not here" >&2; exit 3; }
fi
own=$(git rev-list --reverse "$old..$branch")
git switch -q --detach upstream/main
git cherry-pick $own >/dev/null
git switch -q -C "$branch"
git push -q -f -u origin "$branch"
