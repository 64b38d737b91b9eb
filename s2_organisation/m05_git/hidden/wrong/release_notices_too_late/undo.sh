#!/usr/bin/env bash
# usage: bash undo.sh COMMIT
set -euo pipefail
export GIT_EDITOR=:

resolve() { git rev-parse --quiet --verify --end-of-options "$1^{commit}"; }

bad=$(resolve "$1") || bad=""             # before the pull: HEAD~2 means what it means now
git pull --quiet --ff-only origin main
[[ $bad ]] || bad=$(resolve "$1")
git merge-base --is-ancestor "$bad" HEAD

options=(--no-edit)
if git rev-parse --quiet --verify "$bad^2" > /dev/null; then
    options+=(--mainline 1)               # a merge: take back what came in with it
fi
if ! git -c revert.reference=false revert "${options[@]}" "$bad" >&2; then
    git revert --abort || git reset --quiet --merge
    exit 1
fi
git push --quiet origin main
