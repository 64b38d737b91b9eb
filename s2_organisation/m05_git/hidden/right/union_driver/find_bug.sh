#!/usr/bin/env bash
# Bisection without `git bisect`: rev-list knows the commit in the middle.
set -eu
good=("^$(git rev-parse --verify "$1^{commit}")")
shift
bad=$(git rev-parse HEAD)
here=$(git symbolic-ref -q --short HEAD || echo "$bad")
trap 'git checkout -q "$here" --' EXIT

while [ "$(git rev-list --count "$bad" "${good[@]}")" -gt 1 ]; do
    middle=$(git rev-list --bisect "$bad" "${good[@]}")
    git checkout -q --detach "$middle"
    status=0
    "$@" > /dev/null < /dev/null || status=$?
    case $status in
        0) good+=("^$middle") ;;
        1) bad=$middle ;;
        *) echo "status $status at $middle" >&2; exit "$status" ;;
    esac
done
[ -n "$(git rev-list -1 "$bad" "${good[@]}")" ] || { echo "nothing between good and here" >&2; exit 1; }
echo "$bad"
