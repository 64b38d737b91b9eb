#!/usr/bin/env bash
# usage: bash propose.sh BRANCH OLD
set -euo pipefail
branch=$1 old=$2 work=$(mktemp -d)
git remote update >/dev/null 2>&1
if git rev-parse -q --verify "origin/$branch" >/dev/null; then
    [[ -z $(git log --format=%h "origin/$branch" "^$branch") ]] || exit 2
fi
# Patches by mail, as the kernel's people do it.
git format-patch -q -o "$work" "$(git merge-base "$old" "$branch")..$branch"
git switch -q "$branch"
git reset -q --hard upstream/main
git am -q "$work"/*.patch
rm -r "$work"
git push -q --force-with-lease origin "$branch"
git branch -q --set-upstream-to "origin/$branch"
