#!/usr/bin/env bash
# Print the first commit at which a command fails.
#
# usage: bash find_bug.sh GOOD COMMAND [ARG...]

echo "TODO: find the commit between GOOD and here, and print its hash" >&2
exit 70
