#!/usr/bin/env bash
# usage: bash branch.sh NAME
set -euo pipefail

main() {
    local name=${1:?usage: branch.sh NAME} status=0
    git check-ref-format --branch "$name" >/dev/null

    git ls-remote --exit-code origin "refs/heads/$name" >/dev/null || status=$?
    case $status in
        0) echo "$name: is on the remote already" >&2; return 1 ;;
        2) ;;                       # the answer that we want: no such branch
        *) return "$status" ;;
    esac

    git fetch --quiet --no-tags origin refs/heads/main
    git switch --quiet --no-track --create "$name" FETCH_HEAD
    git push --quiet --no-follow-tags --set-upstream origin "refs/heads/$name:refs/heads/$name"
}

main "$@"
