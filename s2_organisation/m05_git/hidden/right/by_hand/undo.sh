#!/usr/bin/env bash
# The opposite of a commit is its difference, the other way round.
set -euo pipefail
git fetch origin
git merge --ff-only origin/main
full="$(git rev-parse "$1")"
git diff --binary "$full" "$full^" | git apply --index
git commit --message "Revert \"$(git log -1 --format=%s "$full")\"

This takes back $full."
git push
