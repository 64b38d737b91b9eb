#!/usr/bin/env bash
# Gradescope runs this once, when it builds the autograder's image.
set -euo pipefail
place=${MLOPS_GRADE_PREFIX:-/opt}
apt-get update -qq
apt-get install -y -qq python3 python3-venv git bubblewrap
cd "${MLOPS_GRADE_SOURCE:-/autograder/source/course}"

# Gradescope's images come with Python 3.10 or older, the course needs 3.11: where the image has none, uv brings one.
for python in python3.13 python3.12 python3.11 python3; do
    if command -v "$python" >/dev/null && "$python" -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))'; then
        "$python" -m venv "$place/mlops-grade"
        break
    fi
done
if ! [ -x "$place/mlops-grade/bin/pip" ]; then
    python3 -m venv "$place/uv"
    "$place/uv/bin/pip" install --quiet --constraint constraints.txt uv
    # Not below root's home: student code runs as another user.
    UV_PYTHON_INSTALL_DIR="$place/python" "$place/uv/bin/uv" venv --quiet --seed --python 3.11 "$place/mlops-grade"
fi
"$place/mlops-grade/bin/pip" install --quiet --constraint constraints.txt --editable ".[all]"
