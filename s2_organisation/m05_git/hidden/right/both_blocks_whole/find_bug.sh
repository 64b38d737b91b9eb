#!/usr/bin/env bash
# usage: bash find_bug.sh GOOD COMMAND [ARG...]
set -euo pipefail

exec 3>&1 1>&2          # standard output is for the answer; everything else talks to standard error
good=$1
shift

finish() { git bisect reset; }
trap finish EXIT
git bisect start HEAD "$good"
git bisect run "$@" 3>&- < /dev/null
git rev-parse refs/bisect/bad >&3
