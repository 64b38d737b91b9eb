# usage: bash sync.sh URL
set -e
git remote remove upstream 2>/dev/null || :
git remote add upstream "$1"
git fetch upstream
git fetch origin
current=$(git rev-parse --abbrev-ref HEAD)
if [ -n "$(git log upstream/main..main)" ] || [ -n "$(git log upstream/main..origin/main)" ]; then
    echo "main has commits of its own"
    exit 1
fi
git checkout main
git rebase upstream/main
git push origin main
git checkout "$current"
