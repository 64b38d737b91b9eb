#!/usr/bin/env bash
# Merge a branch of the remote into main; in CHANGELOG.md, keep what both sides added.
#
# usage: bash merge.sh BRANCH

echo "TODO: merge, resolve the conflict, commit and push" >&2
exit 70
