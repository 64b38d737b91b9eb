#!/usr/bin/env bash
# Print the first commit at which a command fails.
#
# usage: bash find_bug.sh GOOD COMMAND [ARG...]
set -euo pipefail

good=$1
shift
trap 'git bisect reset >&2' EXIT
git bisect start HEAD "$good" >&2
git bisect run "$@"
