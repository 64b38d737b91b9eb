#!/usr/bin/env bash
# second_version.sh FOLDER: copy the files of FOLDER into data/raw and share the result as v2.0.

cp -R "$1"/. data/raw/
dvc add data/raw
git add data/raw.dvc
git commit --quiet --message "Add the new files to the raw data"
git tag --annotate v2.0 --message "The second data set"
dvc push
git push --quiet origin HEAD v2.0
