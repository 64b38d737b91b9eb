#!/usr/bin/env bash
# Merge a branch of the remote into main; in CHANGELOG.md, keep what both sides added.
#
# usage: bash merge.sh BRANCH
set -euo pipefail

git fetch --quiet origin
git switch --quiet --create "$1" "origin/$1"
if ! git merge --quiet --no-ff --no-edit main; then
    # Both sides only added lines, so the union of the two is the result: the lines of the markers go, nothing else.
    sed -i -e '/^<<<<<<< /d' -e '/^=======$/d' -e '/^>>>>>>> /d' CHANGELOG.md
    git add CHANGELOG.md
    git commit --quiet --no-edit
fi
git switch --quiet main
git merge --quiet --ff-only "$1"
git push --quiet origin main
