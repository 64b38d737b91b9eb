#!/bin/bash
# Everything step by step, each step checked.
git fetch origin main || exit 1
git branch --no-track "$1" FETCH_HEAD || exit 1
git checkout "$1" || exit 1
git push origin "refs/heads/$1" || exit 1
git branch --set-upstream-to="origin/$1"
