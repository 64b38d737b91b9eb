#!/usr/bin/env bash
# The tag is made as an object without a name, and gets its name on the remote first: if it is taken there, nothing
# has changed here.
set -eu
name="refs/tags/v$1"
git check-ref-format "$name"
if git rev-parse -q --verify "$name" > /dev/null || [ -n "$(git ls-remote origin "$name")" ]; then
    echo "v$1 is taken" >&2
    exit 17
fi
commit=$(git ls-remote origin refs/heads/main | cut -c -40)
git fetch -q --no-tags origin main
object=$(git mktag << END
object $commit
type commit
tag v$1
tagger $(git var GIT_COMMITTER_IDENT)

This is version $1.
END
)
git -c push.followTags=false push -q origin "$object:$name"
git update-ref "$name" "$object" ""
