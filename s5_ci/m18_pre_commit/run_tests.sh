#!/usr/bin/env bash
# Runs the tests of the project. Given: there is nothing to change here.
exec python -m pytest -q tests "$@"
