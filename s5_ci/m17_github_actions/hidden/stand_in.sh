#!/bin/bash
# Stands in for python, pip, pytest, coverage, ruff, mypy, uv and uvx: records how it was called, fails when told to.
name=${0##*/}
name=${name/#pip3/pip}
name=${name%.exe}
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

installs() { # a file of requirements, or a name
    echo "$1" >> "$STAND_IN_STATE/installed"
}

installs_file() {
    [ -r "$1" ] || { echo "ERROR: Could not open requirements file: $1" >&2; exit 1; }
    cat "$1" >> "$STAND_IN_STATE/installed"
}

makes_environment() { # the folder of a virtual environment, whose commands are these stand-ins
    local tool folder
    folder=$(realpath -m "$1")
    mkdir -p "$folder/bin" "$folder/Scripts"
    for tool in "$here"/*; do
        ln -sf "$(realpath "$tool")" "$folder/bin/${tool##*/}"
        ln -sf "$(realpath "$tool")" "$folder/Scripts/${tool##*/}"
        ln -sf "$(realpath "$tool")" "$folder/Scripts/${tool##*/}.exe"
    done
    for tool in bin Scripts; do
        {
            echo "export VIRTUAL_ENV='$folder' PATH='$folder/bin':\"\$PATH\""
            echo "deactivate() { :; }"
        } > "$folder/$tool/activate"
    done
    echo "$folder" >> "$STAND_IN_STATE/environments"
}

folder_among() { # the last word that is no option, nor the value of one
    local folder=.venv
    while [ $# -gt 0 ]; do
        case $1 in
            --python | -p | --prompt) shift ;;
            -*) ;;
            *) folder=$1 ;;
        esac
        shift
    done
    echo "$folder"
}

runs_tool() { # uv run, uvx: what to install for it, then the tool itself
    local of_its_own=$1
    shift
    while [[ $1 == -* ]]; do
        case $1 in
            --with-requirements) record_installation "$2"; installs_file "$2"; shift ;;
            --with-requirements=*) record_installation "${1#*=}"; installs_file "${1#*=}" ;;
            --with | --from) record_installation "$2"; installs "$2"; shift ;;
            --with=* | --from=*) record_installation "${1#*=}"; installs "${1#*=}" ;;
            --python | -p | --extra | --group | --only-group | --no-group | --env-file | --index | --index-url | \
                --default-index | --directory | --project | --package | --with-editable | --constraints | -c) shift ;;
            -m | --module) shift; break ;;
            --) shift; break ;;
        esac
        shift
    done
    local tool=${1%%@*}
    shift
    [ "$of_its_own" = yes ] && installs "$tool"
    as "$tool" "$@"
}

record_installation() {
    printf 'pip\tinstall\t%s\n' "${1//[$'\t\n']/ }" >> "$STAND_IN_STATE/calls"
    fails pip
}

needs_paths() { # every word that is neither an option nor the value of one
    local values=" $1 " word
    shift
    while [ $# -gt 0 ]; do
        word=$1
        shift
        case $word in
            -*) [[ $values == *" $word "* ]] && shift ;;
            *) [ -e "$word" ] || { echo "$name: $word: no such file or directory" >&2; exit 2; } ;;
        esac
    done
}

has() { # whether one of the options in $1 is among the words after it
    local options=" $1 " word
    shift
    for word in "$@"; do [[ $options == *" $word "* ]] && return 0; done
    return 1
}

RUFF_VALUES="--output-format --config --select --ignore --extend-select --extend-ignore --per-file-ignores \
--extend-per-file-ignores --fixable --unfixable --extend-fixable --exclude --extend-exclude --line-length --target-version \
--output-file -o --cache-dir --stdin-filename --color --range --extension"
MYPY_VALUES="-m --module -p --package -c --command --config-file --python-version --platform --exclude --cache-dir \
--follow-imports --junit-xml --python-executable --custom-typeshed-dir --enable-error-code --disable-error-code --always-true \
--always-false --html-report --txt-report --xml-report --cobertura-xml-report --any-exprs-report --linecount-report \
--untyped-calls-exclude --plugins --enable-incomplete-feature -O --output"

case $name in
    python | python3)
        while [[ $1 == -[a-zA-Z]* && $1 != -m && $1 != -c ]]; do
            case $1 in -X | -W) shift ;; esac
            shift
        done
        [ "$1" = -m ] || exit 0
        shift
        case $1 in
            venv | virtualenv) shift; makes_environment "$(folder_among "$@")"; exit 0 ;;
            ensurepip | build | compileall | site | platform | sysconfig) exit 0 ;;
        esac
        as "$@"
        ;;
    uvx) runs_tool yes "$@" ;;
    uv)
        while [[ $1 == -* ]]; do
            case $1 in --directory | --project | --config-file | --color | --cache-dir) shift ;; esac
            shift
        done
        case "$1 $2" in
            "pip sync")
                shift 2
                files=()
                for word in "$@"; do [[ $word == -* ]] || files+=(-r "$word"); done
                as pip install "${files[@]}"
                ;;
            "pip "*) shift; as pip "$@" ;;
            "run "*) shift; runs_tool no "$@" ;;
            "tool run") shift 2; runs_tool yes "$@" ;;
            "tool install")
                shift 2
                for word in "$@"; do
                    [[ $word == -* ]] || { record_installation "$word"; installs "${word%%@*}"; }
                done
                ;;
            "venv "*) shift; makes_environment "$(folder_among "$@")" ;;
        esac
        ;;
    pip)
        record "$@"
        while [[ $1 == -* ]]; do
            case $1 in --python | --cache-dir | --log | --proxy | --timeout | --retries) shift ;; esac
            shift
        done
        if [ "$1" = cache ] && [ "$2" = dir ]; then echo /home/runner/.cache/pip; fi
        [ "$1" = install ] || exit 0
        fails pip
        shift
        while [ $# -gt 0 ]; do
            case $1 in
                -r | --requirement | --requirements) installs_file "$2"; shift ;;
                -r?*) installs_file "${1#-r}" ;;
                --requirement=* | --requirements=*) installs_file "${1#*=}" ;;
                -e | --editable) [ -f "${2%%[*}/pyproject.toml" ] || { echo "ERROR: $2 is not installable" >&2; exit 1; }; shift ;;
                -c | --constraint | --constraints | -i | --index-url | --extra-index-url | --python | -p | --target | -t | \
                    --prefix | --only-binary | --no-binary | --group | --cache-dir | --progress-bar | -f | --find-links) shift ;;
                . | ./ | .\[* | ./\[*)
                    # It brings what it needs in whatever version is the newest: that is no lock file.
                    [ -f pyproject.toml ] || { echo "ERROR: . is not installable" >&2; exit 1; }
                    ;;
                -*) ;;
                *) installs "$1" ;;
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
        has "--collect-only --co" "$@" && exit 0
        fails pytest
        ;;
    ruff)
        needs_installed
        record "$@"
        sub=$1
        shift
        needs_paths "$RUFF_VALUES" "$@"
        [ -f pyproject.toml ] || { echo "nothing to check here" >&2; exit 2; }
        # Where it would write, it does so, and a finding that it can mend is none any more.
        if [ "$sub" = format ]; then
            has "--check --diff" "$@" || { echo "ruff format" >> "$STAND_IN_STATE/rewritten"; exit 0; }
            fails "ruff format"
        elif [ "$sub" = check ]; then
            if has "--fix --fix-only" "$@" && ! has "--diff --no-fix" "$@"; then
                echo "ruff check --fix" >> "$STAND_IN_STATE/rewritten"
                has "--exit-non-zero-on-fix" "$@" || exit 0
            fi
            has "--exit-zero -e" "$@" && exit 0
            fails "ruff check"
        fi
        ;;
    mypy)
        needs_installed
        record "$@"
        needs_paths "$MYPY_VALUES" "$@"
        [ -f pyproject.toml ] || { echo "nothing to check here" >&2; exit 2; }
        fails mypy
        ;;
esac
exit 0
