"""Where the command starts: `mlops-grade`, and `python -m mlops_grade`.

An interrupt is answered from the first moment: all that takes time is imported later.
"""

import os
import sys

# `-m` looks for libraries in the current folder first, and that may be a student's, with a `rich.py` of their own.
if not sys.flags.safe_path and sys.path[:1] in ([""], [os.getcwd()]):  # noqa: PTH109 (pathlib would come from there)
    del sys.path[0]


def main() -> None:
    """The console script."""
    try:
        from mlops_grade.cli import main as run

        run()
    except KeyboardInterrupt:
        print("Interrupted; nothing is left running.", file=sys.stderr)
        sys.exit(130)


if __name__ == "__main__":
    main()
