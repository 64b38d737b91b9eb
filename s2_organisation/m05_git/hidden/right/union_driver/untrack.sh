#!/usr/bin/env bash
# Stop tracking data/, by way of the index.
set -eu
rules="$(cat .gitignore; echo; echo /data)"
printf '%s\n' "$rules" > .gitignore
git ls-files -z -- ':(top)data/' | git update-index -z --force-remove --stdin
git update-index --add .gitignore
tree=$(git write-tree)
commit=$(echo "data/ leaves version control" | git commit-tree "$tree" -p HEAD)
git push -q origin "$commit:refs/heads/main"
git update-ref -m "untrack.sh" refs/heads/main "$commit"
