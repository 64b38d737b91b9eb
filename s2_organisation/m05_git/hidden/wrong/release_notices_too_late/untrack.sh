#!/usr/bin/env bash
# usage: bash untrack.sh
set -euo pipefail

# $(…) drops newlines at the end: what is left tells whether the last line is a whole one.
if [[ -s .gitignore && -n $(tail -c 1 .gitignore) ]]; then
    echo >> .gitignore
fi
printf '%s\n' '' '# data is kept elsewhere' '/data/' >> .gitignore

git rm -r --cached --quiet -- data
git add -- .gitignore
git commit --quiet -m 'Stop tracking data/'
git push --quiet origin main
