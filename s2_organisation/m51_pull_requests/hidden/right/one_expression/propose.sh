#!/usr/bin/env bash
# usage: bash propose.sh BRANCH OLD
set -euo pipefail
git fetch -q --multiple origin upstream
theirs=$(git ls-remote origin "refs/heads/$1" | cut -f 1)
[[ -z $theirs ]] || git merge-base --is-ancestor "$theirs" "$1"
git checkout -q "$1"
git rebase -q --onto upstream/main "$2"
git push -q -u origin "+$1"
