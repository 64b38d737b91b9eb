#!/usr/bin/env bash
# usage: bash sync.sh URL
set -euo pipefail
git config remote.upstream.url "$1"
git config --replace-all remote.upstream.fetch '+refs/heads/*:refs/remotes/upstream/*'
git fetch -q upstream
git fetch -q origin
for ours in refs/heads/main refs/remotes/origin/main; do
    [[ $(git rev-list --count "refs/remotes/upstream/main..$ours") == 0 ]] || exit 4
done
here=$(git symbolic-ref -q --short HEAD)
git switch -q main
git reset -q --hard refs/remotes/upstream/main
git push -q origin HEAD:refs/heads/main
git switch -q "$here"
