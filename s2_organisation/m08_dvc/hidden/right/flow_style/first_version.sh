#!/bin/bash
# The first version of the data: DVC keeps data/raw, Git keeps data/raw.dvc.
set -o errexit -o nounset -o pipefail

readonly version=v1.0
export DVC_NO_ANALYTICS=1

track() {
    dvc init --quiet
    dvc config core.autostage true          # dvc adds its own files to Git's index
    dvc config core.analytics false
    dvc add --quiet data/raw
}

connect() {
    # From the command line a path is relative to the current folder; dvc writes it down relative to .dvc/config.
    dvc remote add --quiet --default storage ../storage
}

share() {
    git add .dvc/config
    git commit --quiet --message "Track the raw data with DVC"
    git tag --annotate "$version" --message "First delivery"
    dvc push --quiet --remote storage
    git push --quiet --atomic origin HEAD:refs/heads/main "refs/tags/$version"
}

track
connect
share
