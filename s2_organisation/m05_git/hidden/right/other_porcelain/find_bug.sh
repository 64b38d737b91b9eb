#!/bin/bash
good="$1"; shift
before=$(git symbolic-ref --short HEAD)
{
    git bisect start
    git bisect bad
    git bisect good "$good"
    git bisect run "$@"
} > bisect.log~ 2>&1
sed -n 's/^\([0-9a-f]\{40\}\) is the first bad commit$/\1/p' bisect.log~
rm bisect.log~
git bisect reset > /dev/null 2>&1
git checkout --quiet "$before"
