#!/usr/bin/env bash
# Move a branch's own commits to the project's main, and publish it on the fork.
#
# usage: bash propose.sh BRANCH OLD

echo "TODO: put the branch's own commits on the project's main, and publish the branch" >&2
exit 70
