#!/usr/bin/env bash
# Undo a commit that is on the remote's main, with a new commit on top.
#
# usage: bash undo.sh COMMIT

echo "TODO: undo the commit and push" >&2
exit 70
