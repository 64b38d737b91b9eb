#!/usr/bin/env bash
version="$1"
if git ls-remote --exit-code --tags origin "v$version" >/dev/null || git rev-parse --verify --quiet "v$version" >/dev/null; then
    echo "v$version is taken" >&2
    exit 1
fi
git fetch --no-tags origin main
git tag --annotate "v$version" FETCH_HEAD --message "v$version" && git push origin tag "v$version"
