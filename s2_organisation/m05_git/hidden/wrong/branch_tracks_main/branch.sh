#!/usr/bin/env bash
# Begin a branch where main is on the remote now, and publish it.
#
# usage: bash branch.sh NAME
set -euo pipefail

git fetch --quiet origin
git switch --quiet --create "$1" origin/main
git push --quiet origin "$1"
