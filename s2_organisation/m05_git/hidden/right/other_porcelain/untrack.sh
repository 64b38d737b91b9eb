#!/bin/bash
set -e
files=$(git ls-files data)
echo "$files" | tr '\n' '\0' | xargs -0 git update-index --force-remove
printf '\n# data lives elsewhere\n/data\n' >> .gitignore
git commit -am "data/ is not for git"
git push
