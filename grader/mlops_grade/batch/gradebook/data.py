"""The gradebook as JSON: everything, each distinct verdict once. Written piece by piece, never whole in memory."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import mlops_grade
from mlops_grade.batch.files import replacing
from mlops_grade.batch.git import without_secrets
from mlops_grade.batch.gradebook.book import Cell, Gradebook, Row
from mlops_grade.batch.quality import CheckQuality, Duplicates

VERSION = 1


def write_json(book: Gradebook, quality: list[CheckQuality], duplicates: list[Duplicates], file: Path) -> None:
    """`students` refer to `verdicts` by the verdict's number; both are lists of objects, one a line."""
    head = {
        "version": VERSION,
        "cohort": book.cohort.name,
        "generated": book.generated.isoformat(timespec="seconds"),
        "grader": mlops_grade.__version__,
        "timezone": book.cohort.settings.zone.key,
        "dates": "committer dates, as the committers' clocks said; the pushing is not recorded in git",
        "modules": [
            {"id": m.id, "title": m.title, "session": m.session, "core": m.core, "submit": m.settings.submit}
            for m in book.modules
        ],
    }
    with replacing(file) as out:
        out.write(json.dumps(head, ensure_ascii=False, indent=1).removesuffix("\n}"))
        parts: dict[str, Iterable[Any]] = {
            "students": map(_student, book.rows),
            "verdicts": _verdicts(book),
            "checks": ({**asdict(one), "suspicion": one.suspicion} for one in quality),
            "duplicates": (asdict(one) for one in duplicates),
        }
        for name, items in parts.items():
            out.write(f',\n "{name}": [')
            for number, item in enumerate(items):
                out.write(f"{',' if number else ''}\n  {json.dumps(item, ensure_ascii=False)}")
            out.write("\n ]")
        out.write("\n}\n")


def _student(row: Row) -> dict[str, Any]:
    fork = row.fork
    return {
        "student": row.student.id,
        "name": row.student.name,
        "email": row.student.email,
        "lms_id": row.student.lms_id,
        "repository": without_secrets(fork.repository if fork else row.student.repository),
        "commit": fork.commit if fork else "",
        "committed": fork.committed if fork else None,
        "remark": row.reason,
        "result": row.result,
        "core_passed": row.passed_core,
        "core": len(row.core),
        "modules": {module: _cell(cell) for module, cell in row.cells.items()},
    }


def _cell(cell: Cell) -> dict[str, Any]:
    found: dict[str, Any] = {"state": cell.state}
    if cell.unit:
        found |= {"verdict": cell.unit.unit, "checks_passed": cell.unit.passed_checks, "checks": len(cell.unit.results)}
    if cell.changed:
        found["changed"] = cell.changed.isoformat()
    if cell.lateness.late:
        found |= {"late_hours": round(cell.lateness.late.total_seconds() / 3600, 2), "late_days": cell.lateness.days}
    if cell.lateness.extension:
        found["extension"] = cell.lateness.extension.model_dump(mode="json", exclude_defaults=True)
    if cell.decision:
        found["decision"] = cell.decision.model_dump()
    if cell.notes:
        found["notes"] = cell.notes
    return found


def _verdicts(book: Gradebook) -> Iterator[dict[str, Any]]:
    for unit in sorted(book.units):
        standing = book.standing(unit)
        yield {
            "verdict": unit,
            "submission": book.unit(unit).submission,
            "settled": standing.settled,
            "flaky": standing.flaky,
            "shown": standing.shown.number if standing.shown else None,
            "tries": [
                {
                    "number": one.number,
                    "host": one.host,
                    "finished": one.finished,
                    "verdict": one.verdict.model_dump(mode="json", exclude_defaults=True),
                }
                for one in standing.tries
            ],
        }
