#!/usr/bin/env bash
# Bring main, here and on the fork, in step with the project.
#
# usage: bash sync.sh URL
set -euo pipefail

git remote add upstream "$1" 2>/dev/null || git remote set-url upstream "$1"
git switch --quiet main
git pull --quiet --ff-only upstream main
git push --quiet origin main
