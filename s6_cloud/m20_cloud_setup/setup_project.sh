#!/usr/bin/env bash
# Set up a project for training: its services, an account for the training machine, and the machine.
# Usage: setup_project.sh PROJECT ZONE
set -euo pipefail

echo "TODO: call gcloud" >&2
exit 1
