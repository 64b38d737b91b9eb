#!/usr/bin/env bash
# Merge a branch of the remote into main; in CHANGELOG.md, keep what both sides added.
#
# usage: bash merge.sh BRANCH
set -euo pipefail

git fetch --quiet origin
if ! git merge --quiet --squash "origin/$1"; then
    # Both sides only added lines, so the union of the two is the result: the lines of the markers go, nothing else.
    sed -i -e '/^<<<<<<< /d' -e '/^=======$/d' -e '/^>>>>>>> /d' CHANGELOG.md
    git add CHANGELOG.md
    git commit --quiet --message "Merge $1"
fi
git push --quiet origin main
