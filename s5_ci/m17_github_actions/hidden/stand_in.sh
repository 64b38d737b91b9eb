#!/bin/bash
# Stands in for python, pip, pytest, coverage, ruff, mypy, uv and uvx: records how it was called, fails when told to.
name=${0##*/}
name=${name/#pip3/pip}
here=${0%/*}

record() {
    local line=$name word
    for word in "$@"; do line+=$'\t'${word//[$'\t\n']/ }; done
    echo "$line" >> "$STAND_IN_STATE/calls"
}

as() { # go on as another tool: the first word names it
    local tool=$1
    shift
    [ -x "$here/$tool" ] || { echo "$name: no tool named $tool" >&2; exit 127; }
    exec "$here/$tool" "$@"
}

needs_installed() {
    grep -qsiE "(^|[^a-z])$name" "$STAND_IN_STATE/installed" || { echo "$name: command not found" >&2; exit 127; }
}

fails() { # the failure that was asked for, if it is this tool's
    if [ "$STAND_IN_FAIL" = "$1" ]; then echo "$1: 1 error"; exit 1; fi
}

needs_paths() {
    local word
    for word in "$@"; do
        case $word in
            -*) ;;
            *) [ -e "$word" ] || { echo "$name: $word: no such file or directory" >&2; exit 2; } ;;
        esac
    done
}

case $name in
    python | python3)
        [ "$1" = -m ] || exit 0
        shift
        as "$@"
        ;;
    uvx) as "$@" ;;
    uv)
        case $1 in
            pip) shift; as pip "$@" ;;
            run | tool)
                [ "$1" = tool ] && shift
                shift
                while [[ $1 == -* ]]; do
                    case $1 in --with | --with-requirements | --python | --extra | --group | -p) shift ;; esac
                    shift
                done
                as "$@"
                ;;
            *) exit 0 ;;
        esac
        ;;
    pip)
        record "$@"
        [ "$1" = install ] || exit 0
        fails pip
        shift
        while [ $# -gt 0 ]; do
            case $1 in
                -r | --requirement | -r?* | --requirement=*)
                    file=${1#--requirement=}
                    [[ $file == -r?* ]] && file=${file#-r}
                    case $1 in -r | --requirement) file=$2; shift ;; esac
                    [ -f "$file" ] || { echo "ERROR: Could not open requirements file: $file" >&2; exit 1; }
                    cat "$file" >> "$STAND_IN_STATE/installed"
                    ;;
                . | ./ | .\[*)
                    [ -f pyproject.toml ] || { echo "ERROR: . is not installable" >&2; exit 1; }
                    cat requirements.txt >> "$STAND_IN_STATE/installed"
                    ;;
                -*) ;;
                *) echo "$1" >> "$STAND_IN_STATE/installed" ;;
            esac
            shift
        done
        ;;
    coverage)
        needs_installed
        record "$@"
        if [ "$1" = run ]; then
            while [ $# -gt 0 ]; do
                if [ "$1" = -m ]; then shift; as "$@"; fi
                shift
            done
        fi
        ;;
    pytest)
        needs_installed
        record "$@"
        [ -d tests ] || ls test_*.py > /dev/null 2>&1 || { echo "no tests ran" >&2; exit 5; }
        fails pytest
        ;;
    ruff)
        needs_installed
        record "$@"
        sub=$1
        shift
        needs_paths "$@"
        [ -f pyproject.toml ] || { echo "nothing to check here" >&2; exit 2; }
        case " $sub $* " in
            *" --exit-zero "* | *" -e "*) exit 0 ;;
        esac
        if [ "$sub" = format ]; then
            case " $* " in *" --check "* | *" --diff "*) fails "ruff format" ;; esac # else it formats, and succeeds
        else
            fails "ruff check"
        fi
        ;;
    mypy)
        needs_installed
        record "$@"
        needs_paths "$@"
        [ -f pyproject.toml ] || { echo "nothing to check here" >&2; exit 2; }
        fails mypy
        ;;
esac
exit 0
