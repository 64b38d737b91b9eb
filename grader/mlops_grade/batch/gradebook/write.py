"""Everything that a batch leaves behind for people, in one folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mlops_grade.batch.gradebook.book import Gradebook
from mlops_grade.batch.gradebook.changes import Changes
from mlops_grade.batch.gradebook.data import write_json
from mlops_grade.batch.gradebook.feedback import write_feedback
from mlops_grade.batch.gradebook.page import NO_CHANGES, write_page
from mlops_grade.batch.gradebook.platforms import CANVAS, MOODLE, Platform, write_platform
from mlops_grade.batch.gradebook.tables import write_csv
from mlops_grade.batch.quality import CheckQuality, Duplicates


@dataclass(frozen=True)
class Written:
    """What was written where, and what the instructor has to know of it."""

    places: dict[str, Path]
    remarks: tuple[str, ...] = ()


def write_reports(
    book: Gradebook,
    quality: list[CheckQuality],
    duplicates: list[Duplicates],
    folder: Path,
    changes: Changes = NO_CHANGES,
) -> Written:
    """Write every form of the gradebook; give what is where, and what is to be said of it."""
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
    remarks = _write_for(CANVAS, book, places["Canvas"], book.cohort.settings.canvas)
    remarks += _write_for(MOODLE, book, places["Moodle"], book.cohort.settings.moodle)
    write_feedback(book, places["feedback"])
    return Written(places, tuple(remarks))


def _write_for(platform: Platform, book: Gradebook, file: Path, export: str) -> list[str]:
    return write_platform(book, platform, file, book.cohort.place / export if export else None)
