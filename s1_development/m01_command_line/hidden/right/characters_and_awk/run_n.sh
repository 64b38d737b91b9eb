#!/usr/bin/env bash
count="${1-}"
if ! [ "$count" -ge 0 ] 2>/dev/null || [ "$#" -eq 1 ]; then
    echo >&2 "Please give a number (0 or more) and a command."
    exit 2
fi
shift
for _ in $(seq 1 "$count"); do
    if "$@"; then
        :
    else
        status=$?
        exit "$status"
    fi
done
exit 0
