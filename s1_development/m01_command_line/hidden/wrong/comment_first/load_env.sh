#!/usr/bin/env bash
# Run a command with the variables of a .env file added to its environment.
#
# usage: bash load_env.sh FILE COMMAND [ARG...]

fail() {
    echo "load_env.sh: $1" >&2
    exit 2
}

[[ $# -ge 2 ]] || fail "usage: bash load_env.sh FILE COMMAND [ARG...]"
file=$1
shift
[[ -f $file && -r $file ]] || fail "$file cannot be read"

skipped='^[[:space:]]*(#.*)?$'
assignment='^[[:space:]]*(export[[:space:]]+)?([A-Za-z_][A-Za-z0-9_]*)=(.*)$'
quoted="^(\"[^\"]*\"|'[^']*')[[:space:]]*(#.*)?\$"

assignments=()
number=0
# The second test keeps a last line that lacks its newline.
while IFS= read -r line || [[ -n $line ]]; do
    number=$((number + 1))
    line=${line%%#*}
    [[ $line =~ $skipped ]] && continue
    [[ $line =~ $assignment ]] || fail "$file, line $number: not NAME=value: $line"
    name=${BASH_REMATCH[2]}
    value=${BASH_REMATCH[3]}
    if [[ $value =~ $quoted ]]; then
        value=${BASH_REMATCH[1]:1:-1}
    elif [[ $value == [\"\']* ]]; then
        fail "$file, line $number: something is wrong with the quotes: $line"
    else
        value=${value%%[[:space:]]#*}
        value=${value#"${value%%[![:space:]]*}"}
        value=${value%"${value##*[![:space:]]}"}
    fi
    assignments+=("$name=$value")
done <"$file"

# `env` sets all of them at once: a name of the file cannot disturb a variable of this script.
exec env "${assignments[@]}" "$@"
