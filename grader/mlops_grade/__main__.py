"""`python -m mlops_grade` is `mlops-grade`."""

import os
import sys

# `-m` looks for libraries in the current folder first, and that may be a student's, with a `rich.py` of their own.
if not sys.flags.safe_path and sys.path[:1] in ([""], [os.getcwd()]):  # noqa: PTH109 (pathlib would come from there)
    del sys.path[0]

from mlops_grade.cli import main

if __name__ == "__main__":
    main()
