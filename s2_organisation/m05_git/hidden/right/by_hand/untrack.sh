#!/usr/bin/env bash
set -euo pipefail
rules="$(cat .gitignore)"
{
    echo "$rules"
    echo "data/*"
} >.gitignore
git rm --cached -r data/ >/dev/null
git add -- .gitignore
git commit -m "Forget data/"
git push origin main
