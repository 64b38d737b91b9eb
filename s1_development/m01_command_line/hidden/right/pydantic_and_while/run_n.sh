#!/bin/bash
set -eu

usage() {
    printf '%s\n' "run_n.sh: $1" "usage: bash run_n.sh N COMMAND [ARG...]" >&2
    exit 2
}

test "$#" -gt 1 || usage "a number and a command are needed"
case $1 in
    '' | *[!0-9]*) usage "'$1' is not a whole number" ;;
esac

left=$1
shift
while [ "$left" -gt 0 ]; do
    "$@"
    left=$((left - 1))
done
