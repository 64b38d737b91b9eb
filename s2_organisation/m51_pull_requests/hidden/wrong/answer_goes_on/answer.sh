#!/usr/bin/env bash
# Answer a review: one commit for each change that the reviewer suggests.
#
# usage: bash answer.sh BRANCH REVIEWER PATCH...
set -u

branch=$1 reviewer=$2
shift 2
patches=()
for patch in "$@"; do
    patches+=("$(realpath "$patch")")
done
git fetch --quiet origin
git switch --quiet "$branch"
git merge --quiet --ff-only "origin/$branch"
for patch in "${patches[@]}"; do
    git apply --index "$patch"
    git commit --quiet --message "Apply a suggestion from review" --message "Co-authored-by: $reviewer"
done
git push --quiet origin "$branch"
