#!/bin/bash
set -e
sha=$(git rev-parse --verify "$1^{commit}")
git pull --rebase
git revert --no-commit "$sha"
git commit -m "Take back $sha" -m "It was a mistake."
git push
