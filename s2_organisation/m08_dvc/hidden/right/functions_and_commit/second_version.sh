#!/bin/bash
set -o errexit -o nounset -o pipefail
python - "$1" <<'PYTHON'
import shutil
import sys

shutil.copytree(sys.argv[1], "data/raw", dirs_exist_ok=True)
PYTHON
dvc commit --force data/raw.dvc
git commit -a -m "Raw data, second version"
git tag -a v2.0 -m "second version"
dvc push
git push --follow-tags origin main
