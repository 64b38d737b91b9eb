#!/usr/bin/env bash
# Undo a commit that is on the remote's main, with a new commit on top.
#
# usage: bash undo.sh COMMIT
set -euo pipefail

git pull --quiet --ff-only origin main
git rm -r --quiet .
git checkout --quiet "$1~1" -- .
git commit --quiet --message "Undo $(git rev-parse "$1")"
git push --quiet origin main
