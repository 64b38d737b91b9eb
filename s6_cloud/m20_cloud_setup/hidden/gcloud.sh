#!/bin/bash
# Stands in for gcloud: hands its arguments to the cloud on the other side of a socket, and says what that answers.
exec 3<> "/dev/tcp/127.0.0.1/$STAND_IN_PORT" || exit 1
printf '%s\0' "$#" "$@" >&3
IFS= read -r -u 3 status || exit 1
while IFS= read -r -u 3 line; do
    case $line in
        out:*) printf '%s\n' "${line#out:}" ;;
        err:*) printf '%s\n' "${line#err:}" >&2 ;;
    esac
done
exit "$status"
