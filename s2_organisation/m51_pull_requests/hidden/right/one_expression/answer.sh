#!/usr/bin/env bash
# usage: bash answer.sh BRANCH REVIEWER PATCH...
set -euo pipefail
branch=$1; reviewer=$2; shift 2
git fetch -q origin
git checkout -q -B answers "origin/$branch"
number=0
for patch in "$@"; do
    git apply --3way "$patch" 2>/dev/null
    printf 'Answer %d to the review\n\nCo-authored-by: %s\n' $((++number)) "$reviewer" | git commit -q -F -
done
git push -q origin answers:"$branch"
