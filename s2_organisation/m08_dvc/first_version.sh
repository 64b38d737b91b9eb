#!/usr/bin/env bash
# Put data/raw under DVC, share it through the remote "storage", and tag the result v1.0.
set -euo pipefail
echo "TODO: write first_version.sh" >&2
exit 1
