#!/usr/bin/env bash
# usage: bash load_env.sh FILE COMMAND [ARG...]

pairs=()

mistake() {
    printf 'load_env.sh: %s\n' "$*" >&2
    exit 2
}

# Fill `pairs` with NAME=value, in the order of the lines. The locale is the function's own: bytes are enough.
parse() {
    local LC_ALL=C file=$1 line name value tail number=0
    local assignment='^[[:space:]]*(export[[:space:]]+)?([A-Za-z_][A-Za-z0-9_]*)=(.*)$'
    local double='^"([^"]*)"[[:space:]]*(#.*)?$'
    local single="^'([^']*)'[[:space:]]*(#.*)?\$"
    local skipped='^[[:space:]]*(#.*)?$'

    while IFS= read -r line || [[ -n $line ]]; do
        ((++number))
        [[ $line =~ $skipped ]] && continue
        [[ $line =~ $assignment ]] || mistake "$file, line $number: this is no NAME=value"
        name=${BASH_REMATCH[2]} value=${BASH_REMATCH[3]}
        if [[ $value == [\"\']* ]]; then
            [[ $value =~ $double || $value =~ $single ]] || mistake "$file, line $number: the quotes of $name"
            value=${BASH_REMATCH[1]}
        else
            value=${value%%[[:space:]]#*}
            tail=${value##*[![:space:]]}
            value=${value%"$tail"}
            value=${value#"${value%%[![:space:]]*}"}
        fi
        pairs+=("$name=$value")
    done
}

(($# >= 2)) || mistake "usage: bash load_env.sh FILE COMMAND [ARG...]"
[[ -r $1 && ! -d $1 ]] || mistake "$1: cannot be read"
parse "$1" < "$1"
shift
# Not `export`: UID and some others are read-only in bash, and $_ is bash's own.
exec env -- "${pairs[@]}" "$@"
