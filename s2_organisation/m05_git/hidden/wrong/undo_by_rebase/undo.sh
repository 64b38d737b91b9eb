#!/usr/bin/env bash
# Undo a commit that is on the remote's main, with a new commit on top.
#
# usage: bash undo.sh COMMIT
set -euo pipefail

git pull --quiet --ff-only origin main
git rebase --quiet --onto "$1~1" "$1" main
git push --quiet --force origin main
