#!/usr/bin/env bash
# Answer a review: one commit for each change that the reviewer suggests.
#
# usage: bash answer.sh BRANCH REVIEWER PATCH...
set -euo pipefail
export GIT_TERMINAL_PROMPT=0 GIT_EDITOR=:

die() { printf 'answer: %s\n' "$*" >&2; exit 1; }
[ $# -ge 3 ] || { echo "usage: bash answer.sh BRANCH REVIEWER PATCH..." >&2; exit 64; }
branch=$1 reviewer=$2
shift 2

git fetch --quiet origin "+refs/heads/$branch:refs/remotes/origin/$branch" || die "the fork has no $branch"
tip=$(git rev-parse "refs/remotes/origin/$branch")

# in a folder of its own: whatever goes wrong, the clone does not notice
scratch=$(mktemp -d)
trap 'git worktree remove --force "$scratch/tree" 2>/dev/null || true; rm -rf "$scratch"; git worktree prune' EXIT
git worktree add --quiet --detach "$scratch/tree" "$tip" >/dev/null
for patch in "$@"; do
  [ -r "$patch" ] || die "cannot read $patch"
  patch=$(realpath -- "$patch")
  git -C "$scratch/tree" apply --index --whitespace=nowarn "$patch" || die "does not apply: $patch"
  git -C "$scratch/tree" commit --quiet -m "Apply a suggestion from the review" -m "Co-authored-by: $reviewer"
done
new=$(git -C "$scratch/tree" rev-parse HEAD)
git push --quiet origin "$new:refs/heads/$branch" || die "the fork refuses"

# the clone's branch comes along, if it has nothing that the fork lacks
if [ "$(git symbolic-ref --quiet HEAD || true)" = "refs/heads/$branch" ]; then
  git merge --quiet --ff-only "$new" >&2 || echo "answer: pushed, but your $branch has gone another way" >&2
elif ! git show-ref --verify --quiet "refs/heads/$branch"; then
  git branch --quiet --no-track "$branch" "$new"
elif git merge-base --is-ancestor "refs/heads/$branch" "$new"; then
  git update-ref "refs/heads/$branch" "$new"
fi
