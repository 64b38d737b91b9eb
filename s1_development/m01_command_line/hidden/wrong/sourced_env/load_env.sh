#!/usr/bin/env bash
if [[ $# -lt 2 || ! -f $1 ]]; then
    echo "usage: bash load_env.sh FILE COMMAND [ARG...]" >&2
    exit 2
fi
set -a
# shellcheck source=/dev/null
source "$1"
set +a
shift
exec "$@"
