#!/usr/bin/env bash
# Stop tracking the folder data/ in the root; its files stay on the disk.
#
# usage: bash untrack.sh

echo "TODO: untrack and ignore the folder, commit and push" >&2
exit 70
