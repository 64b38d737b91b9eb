#!/bin/bash
set -u

stop() {
    printf 'load_env.sh: %s\n' "$*" >&2
    exit 2
}

test "$#" -ge 2 || stop "a file and a command are needed"
test -r "$1" && test ! -d "$1" || stop "no such file: $1"
mapfile -t lines <"$1"
shift

# The value of an assignment, into `value`; status 1 where the quotes make no sense.
read_value() {
    local text=$1 quote=${1:0:1} after
    case $quote in
        \" | \')
            text=${text:1}
            [[ $text == *"$quote"* ]] || return 1
            value=${text%%"$quote"*}
            after=${text#*"$quote"}
            after=${after//[[:space:]]/}
            [[ -z $after || $after == '#'* ]]
            ;;
        *)
            value=$text
            local i
            for ((i = 0; i < ${#text}; i++)); do
                if [[ ${text:i:1} == [[:space:]] && ${text:i+1} == '#'* ]]; then
                    value=${text:0:i}
                    break
                fi
            done
            shopt -s extglob
            value=${value%%*([[:space:]])}
            ;;
    esac
}

declare -A variables=()
for index in "${!lines[@]}"; do
    line=${lines[index]}
    read -r first _ <<<"$line"
    case $first in
        '' | '#'*) continue ;;
        export) line=${line#*export} ;;
    esac
    while [[ $line == [[:space:]]* ]]; do line=${line:1}; done
    name=${line%%=*}
    case $name in
        "$line" | '' | [0-9]* | *[!A-Za-z0-9_]*) stop "line $((index + 1)) is not NAME=value" ;;
    esac
    read_value "${line#*=}" || stop "line $((index + 1)) has odd quotes"
    variables[$name]=$value
done

for name in "${!variables[@]}"; do
    export "$name=${variables[$name]}"
done
"$@"
