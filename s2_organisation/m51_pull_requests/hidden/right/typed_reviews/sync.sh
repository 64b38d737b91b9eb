#!/usr/bin/env bash
# Bring main, here and on the fork, in step with the project.
#
# usage: bash sync.sh URL
set -euo pipefail
export GIT_TERMINAL_PROMPT=0 GIT_EDITOR=:

die() { printf 'sync: %s\n' "$*" >&2; exit 1; }
[ $# -eq 1 ] || { sed -n 's/^# usage/usage/p' "$0" >&2; exit 64; }

if git config --get-all remote.upstream.url >/dev/null; then
  git remote set-url upstream "$1"
else
  git remote add upstream "$1"
fi
git fetch --quiet upstream '+refs/heads/main:refs/remotes/upstream/main' || die "cannot reach $1"
project=$(git rev-parse --verify 'refs/remotes/upstream/main^{commit}')

# nothing of ours may be lost, here or there
if [ -n "$(git ls-remote origin refs/heads/main)" ]; then
  git fetch --quiet origin '+refs/heads/main:refs/remotes/origin/main'
  git merge-base --is-ancestor refs/remotes/origin/main "$project" || die "the fork's main has commits of its own"
fi
if git show-ref --verify --quiet refs/heads/main; then
  git merge-base --is-ancestor refs/heads/main "$project" || die "main has commits of its own"
fi

if [ "$(git symbolic-ref --quiet HEAD || true)" = refs/heads/main ]; then
  git merge --quiet --ff-only "$project" || die "main cannot be moved"
else
  git update-ref -m 'sync: fast-forward' refs/heads/main "$project"
fi
git push --quiet origin "$project:refs/heads/main" || die "the fork refuses"
