#!/usr/bin/env bash
# Move a branch's own commits to the project's main, and publish it on the fork.
#
# usage: bash propose.sh BRANCH OLD
set -euo pipefail
export GIT_TERMINAL_PROMPT=0 GIT_EDITOR=:

die() { printf 'propose: %s\n' "$*" >&2; exit 1; }
[ $# -eq 2 ] || { echo "usage: bash propose.sh BRANCH OLD" >&2; exit 64; }
branch=$1

mine=$(git rev-parse --verify --quiet "refs/heads/$branch^{commit}") || die "there is no branch $branch"
old=$(git rev-parse --verify --quiet "refs/heads/$2^{commit}") ||
  old=$(git rev-parse --verify --quiet "refs/remotes/origin/$2^{commit}") || die "there is no branch $2"
here=$(git symbolic-ref --quiet --short HEAD || git rev-parse HEAD)

git fetch --quiet upstream '+refs/heads/main:refs/remotes/upstream/main' || die "cannot reach the project"
project=$(git rev-parse refs/remotes/upstream/main)

# what is on the fork now; empty: nothing
published=$(git ls-remote origin "refs/heads/$branch" | cut -f1)
if [ -n "$published" ]; then
  git fetch --quiet origin "+refs/heads/$branch:refs/remotes/origin/$branch"
  published=$(git rev-parse "refs/remotes/origin/$branch")
  git merge-base --is-ancestor "$published" "$mine" || die "the fork's $branch has commits that yours lacks"
fi

# built without a branch, so that a conflict leaves no trace
back() { git cherry-pick --abort 2>/dev/null || true; git checkout --quiet "$here"; die "$1"; }
git checkout --quiet --detach "$project" || die "cannot switch to the project's main"
mapfile -t own < <(git rev-list --reverse --topo-order --no-merges "$mine" "^$old" "^$project")
if [ ${#own[@]} -gt 0 ]; then
  git cherry-pick --allow-empty --allow-empty-message --keep-redundant-commits "${own[@]}" >/dev/null ||
    back "the commits do not fit on the project's main"
fi
git push --quiet --force-with-lease="refs/heads/$branch:$published" origin "HEAD:refs/heads/$branch" ||
  back "the fork refuses"
git checkout --quiet --no-track -B "$branch"
git config "branch.$branch.remote" origin
git config "branch.$branch.pushRemote" origin
git config "branch.$branch.merge" "refs/heads/$branch"
