#!/usr/bin/env bash
# The server makes the branch; we check out what it has.
[ $# -eq 1 ] || { echo "usage: bash branch.sh NAME" >&2; exit 64; }
new="refs/heads/$1"
git check-ref-format "$new" || exit 65
git show-ref --quiet --verify "$new" && { echo "there is a branch $1 here" >&2; exit 66; }

listing=$(git ls-remote origin) || exit
start=""
while read -r hash ref; do
    [ "$ref" = refs/heads/main ] && start=$hash
    [ "$ref" = "$new" ] && { echo "there is a branch $1 on origin" >&2; exit 67; }
done <<< "$listing"
[ -n "$start" ] || { echo "origin has no main" >&2; exit 68; }

git fetch -q --no-tags origin main || exit          # brings the commit, if it is new to us
git push -q origin "$start:$new" || exit
git fetch -q --no-tags origin "$new:refs/remotes/origin/$1" || exit
git checkout -q -b "$1" "$start" || exit
git config "branch.$1.remote" origin && git config "branch.$1.merge" "$new"
