"""Where the command starts: `mlops-grade`, and `python -m mlops_grade`.

An interrupt is answered from the first moment: all that takes time is imported later. So is all that Windows lacks:
there nothing runs, and whoever types the command is told what does.
"""

import os
import sys

# `-m` looks for libraries in the current folder first, and that may be a student's, with a `rich.py` of their own.
try:
    if not sys.flags.safe_path and sys.path[:1] in ([""], [os.getcwd()]):  # noqa: PTH109 (pathlib would come from there)
        del sys.path[0]
except FileNotFoundError:  # the folder is gone, and nothing is found in it
    pass

WRONG_USAGE = 2
GRADER_ERROR = 3  # Python itself would end with 1, which is "not passed"


def main() -> None:
    """The console script."""
    _have_standard_streams()
    from mlops_grade.machine import refusal

    if instead := refusal():
        print(instead, file=sys.stderr)
        sys.exit(WRONG_USAGE)
    try:
        from mlops_grade.cli import main as run

        run()
    except KeyboardInterrupt:
        print("Interrupted; nothing is left running.", file=sys.stderr)
        sys.exit(130)
    except Exception as error:  # not even what tells of errors could be loaded
        if "--debug" in sys.argv:
            raise
        try:
            print(f"grader error: {error}", file=sys.stderr)
        finally:
            sys.exit(GRADER_ERROR)


def _have_standard_streams() -> None:
    """Where one is closed, the next file that is opened would be taken for it."""
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest that is free: this one


if __name__ == "__main__":
    main()
