#!/usr/bin/env bash
# Tag the commit where main is on the remote now as vVERSION, and push the tag.
#
# usage: bash release.sh VERSION
set -euo pipefail

tag=v$1
git fetch --quiet origin
git tag --force --annotate --message "Release $1" "$tag" origin/main
git push --force --quiet origin "refs/tags/$tag"
