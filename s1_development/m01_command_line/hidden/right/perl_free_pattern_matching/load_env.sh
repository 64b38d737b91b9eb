#!/usr/bin/env bash
shopt -s extglob
[[ $# -gt 1 ]] || { echo "two arguments at least: FILE COMMAND" >&2; exit 2; }
lines=()
mapfile -t lines <"$1" || exit 2
[[ -d $1 ]] && exit 2
number=0
declare -a names=() values=()
for line in "${lines[@]}"; do
    ((number += 1))
    line=${line##+([[:space:]])}
    line=${line%%+([[:space:]])}
    case $line in
        "" | "#"*) continue ;;
        export[[:space:]]*) line=${line#export} line=${line##+([[:space:]])} ;;
    esac
    name=${line%%=*} value=${line#*=}
    case $line in
        [A-Za-z_]*([A-Za-z0-9_])=*) ;;
        *) echo "line $number of the file is no assignment" >&2; exit 2 ;;
    esac
    case $value in
        '"'*([!'"'])'"'*([[:space:]])?('#'*)) value=${value#'"'} value=${value%%'"'*} ;;
        "'"*([!"'"])"'"*([[:space:]])?('#'*)) value=${value#"'"} value=${value%%"'"*} ;;
        ['"'"'"]*) echo "line $number of the file has quotes that do not close" >&2; exit 2 ;;
        *) value=${value%%+([[:space:]])'#'*} ;;
    esac
    names+=("$name") values+=("$value")
done
shift
# In a shell of its own, so that a name of the file cannot change what is read above.
pairs=()
for index in "${!names[@]}"; do pairs+=("${names[index]}=${values[index]}"); done
env -- "${pairs[@]}" "$@"
