#!/usr/bin/env bash
# Undo a commit that is on the remote's main, with a new commit on top.
#
# usage: bash undo.sh COMMIT
set -euo pipefail

git pull --quiet --ff-only origin main
git revert --no-commit "$1"
git commit --quiet --message "Undo a mistake"
git push --quiet origin main
