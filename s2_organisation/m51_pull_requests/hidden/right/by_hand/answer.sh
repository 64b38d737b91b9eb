# usage: bash answer.sh BRANCH REVIEWER PATCH...
set -e
branch="$1"
reviewer="$2"
shift
shift
git checkout "$branch"
git pull --rebase origin "$branch"
for patch in "$@"; do
    git apply --index "$patch"
    git commit -m "Suggested by the reviewer

Co-authored-by: $reviewer"
done
git push origin "$branch"
