#!/usr/bin/env bash
# awk reads the file and prints NAME=value, each ended by a NUL; bash collects and runs.
if [ "$#" -lt 2 ]; then
    echo "load_env.sh: FILE and COMMAND, please" >&2
    exit 2
fi
file="$1"
shift
if ! [ -f "$file" ]; then
    echo "load_env.sh: there is no file $file" >&2
    exit 2
fi
program='
    function wrong() { printf "load_env.sh: line %d: %s\n", FNR, $0 > "/dev/stderr"; bad = 1; exit 2 }
    /^[ \t]*(#|$)/ { next }
    {
        line = $0
        sub(/^[ \t]+/, "", line)
        sub(/^export[ \t]+/, "", line)
        if (line !~ /^[A-Za-z_][A-Za-z0-9_]*=/) wrong()
        at = index(line, "=")
        name = substr(line, 1, at - 1)
        rest = substr(line, at + 1)
        quote = substr(rest, 1, 1)
        if (quote == "\"" || quote == "\047") {
            rest = substr(rest, 2)
            end = index(rest, quote)
            after = substr(rest, end + 1)
            if (end == 0 || after !~ /^[ \t]*(#.*)?$/) wrong()
            value = substr(rest, 1, end - 1)
        } else {
            value = rest
            sub(/[ \t]+#.*$/, "", value)
            sub(/[ \t]+$/, "", value)
        }
        printf "%s=%s\n", name, value
    }'
pairs="$(awk "$program" "$file")" || exit 2
while IFS= read -r pair; do
    [ -z "$pair" ] || export "${pair?}"
done <<<"$pairs"
exec "$@"
