#!/usr/bin/env bash
# Tag the commit where main is on the remote now as vVERSION, and push the tag.
#
# usage: bash release.sh VERSION

echo "TODO: make the tag and push it" >&2
exit 70
