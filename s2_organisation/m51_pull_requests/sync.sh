#!/usr/bin/env bash
# Bring main, here and on the fork, in step with the project.
#
# usage: bash sync.sh URL

echo "TODO: know the project as upstream, and bring both main branches in step with its main" >&2
exit 70
