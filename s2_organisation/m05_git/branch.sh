#!/usr/bin/env bash
# Begin a branch where main is on the remote now, and publish it.
#
# usage: bash branch.sh NAME

echo "TODO: make the branch, switch to it and publish it" >&2
exit 70
