#!/usr/bin/env bash
# A binary search by hand.
branch="$(git rev-parse --abbrev-ref HEAD)"
mapfile -t commits < <(git rev-list --reverse "$1..HEAD")
shift
low=0
high=$((${#commits[@]} - 1))
while ((low < high)); do
    middle=$(((low + high) / 2))
    git checkout --quiet --detach "${commits[middle]}"
    if "$@" >/dev/null 2>&1; then
        low=$((middle + 1))
    else
        high=$middle
    fi
done
git checkout --quiet "$branch"
echo "${commits[low]}"
