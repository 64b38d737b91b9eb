#!/usr/bin/env bash
# usage: bash release.sh VERSION
set -euo pipefail

die() { echo "release.sh: $*" >&2; exit 1; }

[[ $# == 1 && -n $1 ]] || die "one VERSION, please"
tag=v$1
ref=refs/tags/$tag

git check-ref-format "$ref" || die "$tag: not a name for a tag"
if git show-ref --quiet --verify "$ref"; then die "$tag: exists here"; fi

git fetch --quiet --no-tags origin refs/heads/main
git tag --annotate --message "Release $1" "$tag" FETCH_HEAD
git push --quiet --no-follow-tags origin "$ref:$ref"
