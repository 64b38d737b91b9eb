# Move a branch's own commits to the project's main, and publish it on the fork.
# usage: bash propose.sh BRANCH OLD
set -u
BRANCH=${1:?BRANCH is missing} OLD=${2:?OLD is missing}
exec </dev/null

fail() {
    echo "$1" >&2
    exit 2
}

git fetch -q upstream || fail "no answer from the project"
git fetch -q --prune origin || fail "no answer from the fork"

START=$(git symbolic-ref -q --short HEAD) || START=$(git rev-parse HEAD)
BEFORE=$(git rev-parse -q --verify "refs/heads/$BRANCH") || fail "no branch $BRANCH"
git rev-parse -q --verify "refs/heads/$OLD" >/dev/null || fail "no branch $OLD"

LEASE=$(git rev-parse -q --verify "refs/remotes/origin/$BRANCH") || LEASE=
if [[ -n $LEASE && -n $(git rev-list "refs/heads/$BRANCH..$LEASE") ]]; then
    fail "somebody has pushed to $BRANCH: $(git log --oneline "refs/heads/$BRANCH..$LEASE")"
fi

undo() {
    git rebase --abort 2>/dev/null
    git checkout -q "$START"
    if [[ $(git symbolic-ref -q --short HEAD) == "$BRANCH" ]]; then
        git reset -q --keep "$BEFORE"
    else
        git update-ref "refs/heads/$BRANCH" "$BEFORE"
    fi
    fail "$1"
}

GIT_SEQUENCE_EDITOR=: GIT_EDITOR=: git -c rebase.updateRefs=false -c rebase.autoSquash=false \
    rebase -q --reapply-cherry-picks --empty=keep --onto refs/remotes/upstream/main "refs/heads/$OLD" "$BRANCH" ||
    undo "the commits of $BRANCH do not go onto main"
git push -q --set-upstream --force-with-lease="$BRANCH:$LEASE" origin "refs/heads/$BRANCH:refs/heads/$BRANCH" ||
    undo "cannot be published"
