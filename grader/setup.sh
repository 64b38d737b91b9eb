#!/usr/bin/env bash
# What a workflow needs before it grades on a fresh machine: the environment (unless it is cached) and the jail.
set -euo pipefail
course="$(cd "$(dirname "$0")/.." && pwd)"
if [ ! -x ~/mlops-grade-venv/bin/mlops-grade ]; then
    python -m venv ~/mlops-grade-venv
    ~/mlops-grade-venv/bin/pip install --quiet --constraint "$course/constraints.txt" --editable "$course[all]"
fi
sudo apt-get install --quiet --quiet --yes bubblewrap
sudo sysctl --quiet --write kernel.apparmor_restrict_unprivileged_userns=0 || true
