#!/bin/bash
set -o errexit -o nounset -o pipefail

configure() {
    dvc init
    # The path in the file is relative to the file.
    cat >.dvc/config <<'CONFIG'
[core]
    remote = storage
    analytics = false
['remote "storage"']
    url = ../../storage
CONFIG
}

share() {
    git commit -a -m "$2"
    git tag -a "$1" -m "$2"
    dvc push
    git push --follow-tags origin main
}

main() {
    configure
    dvc add --quiet data/raw
    git add data/raw.dvc data/.gitignore .dvc/config .dvc/.gitignore .dvcignore
    share v1.0 "Raw data, first version"
}

main "$@"
