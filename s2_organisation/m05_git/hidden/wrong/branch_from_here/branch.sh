#!/usr/bin/env bash
# Begin a branch where main is on the remote now, and publish it.
#
# usage: bash branch.sh NAME
set -euo pipefail

git switch --quiet --create "$1"
git push --quiet --set-upstream origin "$1"
