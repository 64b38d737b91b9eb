#!/usr/bin/env bash
# Print the first commit at which a command fails.
#
# usage: bash find_bug.sh GOOD COMMAND [ARG...]
set -euo pipefail

good=$1
shift
branch=$(git branch --show-current)
for commit in $(git rev-list --reverse "$good..HEAD"); do
    git checkout --quiet "$commit"
    if ! "$@" >&2; then
        git switch --quiet "$branch"
        echo "$commit"
        exit 0
    fi
done
exit 1
