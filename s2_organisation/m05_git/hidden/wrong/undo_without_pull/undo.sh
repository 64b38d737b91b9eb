#!/usr/bin/env bash
# Undo a commit that is on the remote's main, with a new commit on top.
#
# usage: bash undo.sh COMMIT
set -euo pipefail

git revert --no-edit "$1" >/dev/null
git push --quiet origin main
