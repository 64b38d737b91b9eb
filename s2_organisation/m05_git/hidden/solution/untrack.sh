#!/usr/bin/env bash
# Stop tracking the folder data/ in the root; its files stay on the disk.
#
# usage: bash untrack.sh
set -euo pipefail

git rm -r --quiet --cached data
# The last line may lack its newline.
[[ -z $(tail -c 1 .gitignore) ]] || echo >>.gitignore
echo "/data/" >>.gitignore
git add .gitignore
git commit --quiet --message "Take data/ out of version control"
git push --quiet origin main
