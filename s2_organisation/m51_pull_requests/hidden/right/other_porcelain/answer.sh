# Answer a review: one commit for each change that the reviewer suggests.
# usage: bash answer.sh BRANCH REVIEWER PATCH...
#
# No working tree is touched until all is pushed: the commits are made with an index of their own.
set -u
usage="usage: bash answer.sh BRANCH REVIEWER PATCH..."
BRANCH=${1:?$usage} REVIEWER=${2:?$usage}
: "${3:?$usage}"
shift 2

git fetch -q origin "+refs/heads/$BRANCH:refs/remotes/origin/$BRANCH" </dev/null || exit 3
TOP=$(git rev-parse "refs/remotes/origin/$BRANCH") || exit 3

TMP=$(mktemp -d) || exit 3
trap 'rm -r "$TMP"' EXIT
COUNT=0
for PATCH; do
    ((COUNT += 1))
    # the index is read from the commit, the patch goes into the index alone
    GIT_INDEX_FILE=$TMP/index git read-tree "$TOP" || exit 4
    GIT_INDEX_FILE=$TMP/index git apply --cached --whitespace=nowarn "$PATCH" || { echo "$PATCH does not apply" >&2; exit 4; }
    TREE=$(GIT_INDEX_FILE=$TMP/index git write-tree) || exit 4
    TOP=$(printf 'Review: suggestion %d\n\nAs %s has it.\n\nCo-authored-by: %s\n' "$COUNT" "${REVIEWER%% <*}" "$REVIEWER" |
        git commit-tree "$TREE" -p "$TOP") || exit 4
done

git push -q origin "$TOP:refs/heads/$BRANCH" </dev/null || exit 5

# here as well, where that is possible
if [[ $(git symbolic-ref -q --short HEAD) == "$BRANCH" ]]; then
    git merge -q --ff-only "$TOP" || echo "note: your own $BRANCH differs from the fork's" >&2
else
    git fetch -q . "$TOP:refs/heads/$BRANCH" || echo "note: your own $BRANCH differs from the fork's" >&2
fi
exit 0
