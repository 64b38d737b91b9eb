#!/usr/bin/env bash
# usage: bash answer.sh BRANCH REVIEWER PATCH...
set -e
git fetch -q origin
git checkout -q "$1"
git pull -q --ff-only origin "$1"
branch=$1; reviewer=$2; shift 2
for patch; do
    git apply --check "$patch"
    git apply --index "$patch"
    git commit -q -m "Take up what the review says" --trailer "Co-authored-by: $reviewer"
done
git push -q origin HEAD:"refs/heads/$branch"
