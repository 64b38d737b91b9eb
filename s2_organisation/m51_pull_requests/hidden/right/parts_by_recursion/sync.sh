#!/usr/bin/env bash
# usage: bash sync.sh URL
set -e
if git remote get-url upstream >/dev/null 2>&1; then
    git remote set-url upstream "$1"
else
    git remote add upstream "$1"
fi
git fetch -q upstream
# Neither of the two moves anything but forward.
if [ "$(git symbolic-ref --short HEAD)" = main ]; then
    git merge -q --ff-only upstream/main
else
    git fetch -q . refs/remotes/upstream/main:refs/heads/main
fi
git push -q origin main:main
test "$(git rev-parse main)" = "$(git rev-parse upstream/main)"
