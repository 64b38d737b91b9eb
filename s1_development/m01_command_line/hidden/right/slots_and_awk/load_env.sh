#!/usr/bin/env bash
# awk reads the file, env sets the variables.

if [ $# -lt 2 ]; then
  echo "usage: bash load_env.sh FILE COMMAND [ARG...]" >&2
  exit 2
fi
if [ -d "$1" ] || ! { : < "$1"; } 2> /dev/null; then
  echo "$1: no file that I can read" >&2
  exit 2
fi

program='
function fail(why) {
  printf "line %d: %s\n", NR, why > "/dev/stderr"
  exit 2
}

{
  sub(/^[ \t\r\f\v]+/, "")
  if ($0 == "" || substr($0, 1, 1) == "#") next

  sub(/^export[ \t]+/, "")
  equals = index($0, "=")
  name = substr($0, 1, equals - 1)
  if (!equals || name !~ /^[A-Za-z_][A-Za-z_0-9]*$/) fail("neither a comment nor NAME=value")

  value = substr($0, equals + 1)
  quote = substr(value, 1, 1)
  if (quote == "\"" || quote == "\047") {
    value = substr(value, 2)
    closing = index(value, quote)
    if (!closing) fail("a quote is not closed")
    rest = substr(value, closing + 1)
    value = substr(value, 1, closing - 1)
    sub(/^[ \t\r\f\v]+/, "", rest)
    if (rest != "" && rest !~ /^#/) fail("text after the closing quote")
  } else {
    if (match(value, /[ \t\r\f\v]#/)) value = substr(value, 1, RSTART - 1)
    sub(/[ \t\r\f\v]+$/, "", value)
    sub(/^[ \t\r\f\v]+/, "", value)
  }
  print name "=" value
}
'
lines=$(awk "$program" < "$1") || exit 2
shift

variables=()
while IFS= read -r variable; do
  if [ -n "$variable" ]; then variables[${#variables[@]}]=$variable; fi
done <<< "$lines"
exec env "${variables[@]}" "$@"
