#!/usr/bin/env bash
set -o errexit
start="$(git ls-remote origin refs/heads/main | cut -f 1)"
git fetch --quiet
git checkout --quiet -b "$1" "$start"
git config "branch.$1.remote" origin
git config "branch.$1.merge" "refs/heads/$1"
git push origin HEAD
