#!/usr/bin/env bash
# Print the first commit at which a command fails.
#
# usage: bash find_bug.sh GOOD COMMAND [ARG...]
set -euo pipefail

good=$1
shift
git bisect start HEAD "$good" >&2
git bisect run "$@" >&2
git rev-parse refs/bisect/bad
