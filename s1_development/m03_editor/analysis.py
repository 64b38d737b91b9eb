"""The notebook `exploration.ipynb` as a script.

python analysis.py measurements.csv results.json
"""

from pathlib import Path
from typing import Any


def analyse(path: str | Path) -> dict[str, Any]:
    """What the notebook finds in a file of measurements: its `results`.

    Raises:
        AssertionError: one of the notebook's assertions does not hold.
    """
    raise NotImplementedError("TODO: the notebook's cells, in the order in which they ran")


def main() -> None:
    """Read the file that the first argument names, print the results, and write them to the second as JSON."""
    raise NotImplementedError("TODO: read the arguments, analyse, print and write")


if __name__ == "__main__":
    main()
