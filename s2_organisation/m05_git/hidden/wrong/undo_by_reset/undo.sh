#!/usr/bin/env bash
# Undo a commit that is on the remote's main, with a new commit on top.
#
# usage: bash undo.sh COMMIT
set -euo pipefail

git reset --quiet --hard "$1~1"
git push --quiet --force origin main
