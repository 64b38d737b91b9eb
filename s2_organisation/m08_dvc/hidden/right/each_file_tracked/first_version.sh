#!/usr/bin/env bash
# Each raw file is tracked on its own.
set -eu

dvc init -q
cat > .dvc/config << 'END'
[core]
    remote = storage
    analytics = false
['remote "storage"']
    # relative to this file's folder
    url = ../../storage
END
find data/raw -type f -print0 | xargs -0 dvc add -q

git add --all
git commit -qm "Raw data, version 1"
git tag v1.0
dvc push -q
git push -q origin main
git push -q origin v1.0
