"""Draw what a student sees in the terminal as an SVG: `python docs/make_terminal_picture.py verdict.json`.

The verdict is made by `mlops-grade s4 --json verdict.json`; the picture is drawn with the very function of the command.
"""

from __future__ import annotations

import argparse
import io
import re
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import DIMMED_MONOKAI
from rich.text import Text

from mlops_grade.reports import json_report, terminal
from mlops_grade.verdict import Report

COLUMNS = 80
PICTURE = Path(__file__).with_name("terminal.svg")


def draw(report: Report, command: str) -> str:
    """The SVG: the command as it was typed, and the report beneath it. The same report gives the same bytes."""
    console = Console(
        record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True, color_system="truecolor", no_color=False
    )
    console.print(Text.assemble(("$ ", "green"), command))
    console.print(terminal.render(report))
    picture = console.export_svg(title="mlops-grade", theme=DIMMED_MONOKAI, unique_id="mlops-grade")
    # A picture that fetches its font from elsewhere does so at every look at it; monospace does as well.
    return re.sub(r"\s*@font-face\s*\{.*?\}", "", picture, flags=re.DOTALL)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("verdict", type=Path, help="what `mlops-grade --json FILE` wrote")
    parser.add_argument("--command", help="what was typed (default: mlops-grade and the modules of the verdict)")
    parser.add_argument("--output", type=Path, default=PICTURE, help="default: docs/terminal.svg")
    given = parser.parse_args()
    report = json_report.parse(given.verdict.read_bytes())
    modules = " ".join(verdict.module for verdict in report.verdicts)
    given.output.write_text(draw(report, given.command or f"mlops-grade {modules}"), encoding="utf-8")


if __name__ == "__main__":
    main()
