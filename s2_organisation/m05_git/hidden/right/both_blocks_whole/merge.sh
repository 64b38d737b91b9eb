#!/usr/bin/env bash
# usage: bash merge.sh BRANCH
set -euo pipefail

FILE=CHANGELOG.md

give_up() {
    echo "merge.sh: $*" >&2
    git merge --abort
    exit 1
}

# A conflict has three stages in the index: 1 the ancestor, 2 ours, 3 theirs.
stage() { git cat-file blob ":$1:$FILE"; }

branch=$1
git fetch --quiet origin "refs/heads/$branch"
if ! git merge --quiet --no-ff --no-commit FETCH_HEAD >&2; then
    unmerged=$(git diff --name-only --diff-filter=U)
    [[ $unmerged == "$FILE" ]] || give_up "there are other conflicts: $unmerged"
    scratch=$(mktemp -d)
    trap 'rm -r "$scratch"' EXIT
    stage 1 > "$scratch/base"
    stage 2 > "$scratch/ours"
    stage 3 > "$scratch/theirs"
    # Both additions, whole: ours, then theirs. The markers are so long that no line of the file looks like one, and
    # diff3 keeps Git from sharing lines between the two.
    (cd "$scratch" && git merge-file -p --diff3 --marker-size=61 ours base theirs > merged) || (($? < 128))
    awk -v size=61 '
        function marker(sign,    line) { line = sign; while (length(line) < size) line = line sign; return line }
        BEGIN { begin = marker("<"); base = marker("|"); middle = marker("="); end = marker(">") }
        index($0, begin) == 1 || index($0, end) == 1 { next }
        index($0, base) == 1 { skip = 1; next }
        $0 == middle { skip = 0; next }
        !skip
    ' "$scratch/merged" > "$FILE"
    git add -- "$FILE"
fi
git commit --quiet --message "Merge branch '$branch'"
git push --quiet origin HEAD:refs/heads/main
