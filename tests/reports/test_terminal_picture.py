"""The picture of the terminal in the README."""

from __future__ import annotations

import runpy
from pathlib import Path
from xml.etree import ElementTree

from mlops_grade.reports import json_report
from report_samples import MIXED

SCRIPT = Path(__file__).parents[2] / "docs" / "make_terminal_picture.py"


def test_the_picture_shows_the_report_and_fetches_nothing() -> None:
    draw = runpy.run_path(str(SCRIPT))["draw"]
    picture = draw(json_report.parse(json_report.render(MIXED)), "mlops-grade s4 s5")
    shown = " ".join("".join(element.itertext()) for element in ElementTree.fromstring(picture).iter())
    assert "not passed" in shown.replace("\N{NO-BREAK SPACE}", " ")
    assert "url(http" not in picture and "@font-face" not in picture
    assert picture == draw(MIXED, "mlops-grade s4 s5")
