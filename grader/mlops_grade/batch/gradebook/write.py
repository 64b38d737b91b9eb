"""Everything that a batch leaves behind for people, in one folder."""

from __future__ import annotations

from pathlib import Path

from mlops_grade.batch.gradebook.book import Gradebook
from mlops_grade.batch.gradebook.changes import Changes
from mlops_grade.batch.gradebook.data import write_json
from mlops_grade.batch.gradebook.feedback import write_feedback
from mlops_grade.batch.gradebook.page import NO_CHANGES, write_page
from mlops_grade.batch.gradebook.tables import write_canvas, write_csv, write_moodle
from mlops_grade.batch.quality import CheckQuality, Duplicates


def write_reports(
    book: Gradebook,
    quality: list[CheckQuality],
    duplicates: list[Duplicates],
    folder: Path,
    changes: Changes = NO_CHANGES,
) -> dict[str, Path]:
    """Write every form of the gradebook; give what is where."""
    places = {
        "page": folder / "index.html",
        "table": folder / "gradebook.csv",
        "everything": folder / "gradebook.json",
        "Canvas": folder / "canvas.csv",
        "Moodle": folder / "moodle.csv",
        "feedback": folder / "feedback",
    }
    write_page(book, quality, duplicates, places["page"], changes)
    write_csv(book, places["table"])
    write_json(book, quality, duplicates, places["everything"])
    write_canvas(book, places["Canvas"])
    write_moodle(book, places["Moodle"])
    write_feedback(book, places["feedback"])
    return places
