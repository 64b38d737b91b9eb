#!/bin/bash
# TODO lists are for people: nothing is left to do here.
set -u

usage() { printf 'usage: %s N COMMAND [ARG...]\n' "${0##*/}" 1>&2; exit 2; }

again() {
    local -i left=$1
    shift
    if [ "$left" -eq 0 ]; then return 0; fi
    "$@" || return
    again "$((left - 1))" "$@"
}

case ${1-} in
    "" | *[!0-9]*) usage ;;
esac
[ -n "${2+given}" ] || usage
again "$@"
exit $?
