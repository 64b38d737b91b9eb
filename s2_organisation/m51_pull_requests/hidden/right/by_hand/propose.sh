# usage: bash propose.sh BRANCH OLD
set -e
git fetch upstream
git fetch origin
if [ -n "$(git branch --remotes --list "origin/$1")" ]; then
    if [ -n "$(git log --oneline "$1..origin/$1")" ]; then
        echo "somebody has pushed to $1"
        exit 1
    fi
fi
git checkout -b temporary upstream/main
for commit in $(git log --format=%H --reverse "$1" --not "$2"); do
    git cherry-pick "$commit"
done
git branch -M temporary "$1"
git push --force --set-upstream origin "$1"
