#!/usr/bin/env bash
# A revert by hand: a three-way merge from COMMIT to its parent.
commit=$(git rev-parse --verify "${1:?COMMIT}^{commit}") || {
    git fetch -q origin && commit=$(git rev-parse --verify "$1^{commit}")
} || exit 2

git fetch -q origin refs/heads/main:refs/remotes/origin/main && git merge -q --ff-only refs/remotes/origin/main || exit 3

mainline=()
parents=$(git show -s --format=%P "$commit")
case $parents in *" "*) mainline=(-m 1) ;; esac

if git revert --no-commit "${mainline[@]}" "$commit" &&
    git commit -q --cleanup=verbatim -F - <<< "Take back: $(git show -s --format=%s "$commit")

It was $commit."
then
    exec git push -q origin main:main
fi
git revert --abort 2> /dev/null || git revert --quit
git reset -q --keep HEAD
exit 4
