#!/usr/bin/env bash
# Run a command with the variables of a .env file added to its environment.
#
# usage: bash load_env.sh FILE COMMAND [ARG...]

echo "TODO: read the variables of FILE, then run the command with them" >&2
exit 70
