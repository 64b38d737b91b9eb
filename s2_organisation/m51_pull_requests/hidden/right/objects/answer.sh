#!/usr/bin/env bash
# usage: bash answer.sh BRANCH REVIEWER PATCH...
set -euo pipefail
branch=$1 reviewer=$2
shift 2
# In a working tree of its own: this one stays as it is until all is done.
git fetch -q origin "$branch"
work=$(mktemp -d)/tree
git worktree add -q --detach "$work" FETCH_HEAD
for patch in "$@"; do
    git -C "$work" apply --index "$(cd "$(dirname "$patch")" && pwd)/$(basename "$patch")"
    git -C "$work" commit -q -F - <<END
$(git -C "$work" diff --cached --name-only HEAD | head -n 1): as suggested

The reviewer's words are in the pull request.

Reviewed-by: $reviewer
Co-Authored-By: $reviewer
END
done
git -C "$work" push -q origin HEAD:"refs/heads/$branch"
git worktree remove --force "$work"
