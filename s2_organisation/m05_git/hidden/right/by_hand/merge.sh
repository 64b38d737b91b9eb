#!/usr/bin/env bash
# Merges all but the changelog as git does, and the changelog line by line: what main has, then what is new in BRANCH.
theirs="origin/$1"
git fetch origin
git merge --no-commit --no-ff "$theirs"
git show HEAD:CHANGELOG.md >ours.tmp
git show "$(git merge-base HEAD "$theirs")":CHANGELOG.md >base.tmp
git show "$theirs":CHANGELOG.md >theirs.tmp
git merge-file --union ours.tmp base.tmp theirs.tmp
mv ours.tmp CHANGELOG.md
rm base.tmp theirs.tmp
git add CHANGELOG.md
git commit -m "Merge branch '$1'" && git push origin HEAD:main
