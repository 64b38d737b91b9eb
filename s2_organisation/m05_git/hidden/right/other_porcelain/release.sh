#!/bin/bash
git fetch --tags --force origin || exit 1
if git show-ref --quiet --tags "v$1"; then
    echo "v$1 has been released before" >&2
    exit 3
fi
git tag -a "v$1" -F - origin/main <<END || exit 1
Version $1

See CHANGELOG.md.
END
git push origin "v$1"
