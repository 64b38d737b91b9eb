#!/usr/bin/env bash
# Run a command N times; stop at the first failure, and exit with its status.
#
# usage: bash run_n.sh N COMMAND [ARG...]

echo "TODO: run the command N times" >&2
exit 70
