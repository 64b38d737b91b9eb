#!/usr/bin/env bash
if [[ $# -lt 2 || ! $1 =~ ^[0-9]+$ ]]; then
    echo "usage: bash run_n.sh N COMMAND [ARG...]" >&2
    exit 2
fi

runs=$1
shift
while true; do
    "$@" || exit
    runs=$((runs - 1))
    [[ $runs -gt 0 ]] || break
done
