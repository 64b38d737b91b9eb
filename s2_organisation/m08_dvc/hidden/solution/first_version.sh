#!/usr/bin/env bash
# Put data/raw under DVC, share it through the remote "storage", and tag the result v1.0.
set -euo pipefail

dvc init --quiet
# Relative to the project, so that it holds wherever a colleague keeps both folders.
dvc remote add --default storage ../storage
dvc add data/raw
git add .dvc .dvcignore data/raw.dvc data/.gitignore
git commit --quiet --message "Track the raw data with DVC"
git tag --annotate v1.0 --message "The first data set"
dvc push
git push --quiet origin HEAD v1.0
