#!/usr/bin/env bash
# Run a command N times; stop at the first failure, and exit with its status.
#
# usage: bash run_n.sh N COMMAND [ARG...]

if [[ $# -lt 2 || ! $1 =~ ^[0-9]+$ ]]; then
    echo "usage: bash run_n.sh N COMMAND [ARG...], where N is a whole number from 0 up" >&2
    exit 2
fi

runs=$1
shift
for ((run = 0; run < runs; run++)); do
    $@ || exit
done
