#!/usr/bin/env bash
# Answer a review: one commit for each change that the reviewer suggests.
#
# usage: bash answer.sh BRANCH REVIEWER PATCH...

echo "TODO: make a commit of each patch, with the reviewer as co-author, and push them" >&2
exit 70
