#!/usr/bin/env bash
# Gradescope runs this once, when it builds the autograder's image.
set -euo pipefail
apt-get update -qq
apt-get install -y -qq python3 python3-venv git bubblewrap
cd /autograder/source/course
python3 -m venv /opt/mlops-grade
/opt/mlops-grade/bin/pip install --quiet --constraint constraints.txt --editable ".[all]"
