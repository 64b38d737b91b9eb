#!/usr/bin/env bash
set -eu

complain() {
  echo "run_n.sh: $1" >&2
  echo "usage: bash run_n.sh N COMMAND [ARG...]" >&2
  exit 2
}

case ${1-} in
  '') complain "no N" ;;
  *[!0123456789]*) complain "$1: not a whole number from 0 up" ;;
esac
[ $# -gt 1 ] || complain "no COMMAND"

count=$1
until [ "${count#0}" = "$count" ]; do count=${count#0}; done   # 007 -> 7, 0 -> nothing
shift
for ((run = 0; run < ${count:-0}; run++)); do
  command -- "$@"                 # set -e ends the script, with the command's status
done
