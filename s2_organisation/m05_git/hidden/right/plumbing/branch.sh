set -e
git fetch -q origin main
git branch --no-track "$1" FETCH_HEAD
git checkout -q "$1"
git push -q -u origin HEAD
