#!/usr/bin/env bash
# Tag the commit where main is on the remote now as vVERSION, and push the tag.
#
# usage: bash release.sh VERSION
set -euo pipefail

tag=v$1
git fetch --quiet origin
if [[ -n $(git ls-remote origin "refs/tags/$tag") ]]; then
    echo "release.sh: $tag is on the remote already" >&2
    exit 1
fi
git tag --force --annotate --message "Release $1" "$tag" origin/main
git push --quiet origin "refs/tags/$tag"
