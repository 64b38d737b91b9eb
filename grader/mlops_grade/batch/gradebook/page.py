"""The gradebook as one self-contained web page: heat map, students, modules. No network, nothing to install.

What students wrote is data in a JSON block, and reaches the page as text nodes only; the page's own policy allows no
script but the one it comes with.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mlops_grade.batch.files import replacing
from mlops_grade.batch.git import without_secrets
from mlops_grade.batch.gradebook.book import Cell, Gradebook, Row
from mlops_grade.batch.gradebook.changes import Changes
from mlops_grade.batch.gradebook.html import rendered, resource
from mlops_grade.batch.quality import CheckQuality, Duplicates
from mlops_grade.reports.text import one_line, plain
from mlops_grade.reports.wording import explain, load, remark
from mlops_grade.verdict import Check, ModuleVerdict, Outcome

DATA = "@@DATA@@"
SCRIPTS = ("view", "elements", "names", "map", "figures", "student", "module", "start")  # in this order
NO_CHANGES = Changes()


def write_page(
    book: Gradebook,
    quality: list[CheckQuality],
    duplicates: list[Duplicates],
    file: Path,
    changes: Changes = NO_CHANGES,
) -> None:
    """Write the page; its size grows with the number of distinct verdicts, not of students."""
    before, _, after = shell(book.cohort.name).rpartition(DATA)
    with replacing(file) as out:
        out.write(before)
        for piece in _data(book, quality, duplicates, changes):
            out.write(piece)
        out.write(after)


def shell(title: str) -> str:
    """The page without its data."""
    parts = "\n".join(resource(f"{name}.js") for name in SCRIPTS)
    script = f'"use strict";\n(() => {{\n{parts}}})();\n'
    return rendered("page.html.j2", one_line(title), script, data=DATA)


def _dumps(value: Any) -> str:
    """JSON that cannot end the block it stands in, nor begin a comment."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _data(
    book: Gradebook, quality: list[CheckQuality], duplicates: list[Duplicates], changes: Changes
) -> Iterator[str]:
    numbers: dict[int, int] = {}
    yield '{"students":['
    for position, row in enumerate(book.rows):
        yield ("," if position else "") + _dumps(_student(book, row, numbers))
    yield '],"units":['
    checks = {module.id: list(book.checks(module.id)) for module in book.modules}
    for position, unit in enumerate(numbers):
        yield ("," if position else "") + _dumps(_unit(book, unit, checks))
    yield "]," + _dumps(_head(book, quality, duplicates, changes))[1:]


def _head(
    book: Gradebook, quality: list[CheckQuality], duplicates: list[Duplicates], changes: Changes
) -> dict[str, Any]:
    measured = {(one.module, one.name): one for one in quality}
    return {
        "cohort": one_line(book.cohort.name),
        "generated": book.date(book.generated),
        "modules": [
            {
                "id": module.id,
                "title": module.title,
                "session": module.session,
                "core": module.core,
                "checks": [
                    _check(check, measured.get((module.id, name))) for name, check in book.checks(module.id).items()
                ],
            }
            for module in book.modules
        ],
        "duplicates": [
            {
                "module": group.module,
                "students": [one_line(student) for student in group.students],
                "solution": group.solution,
            }
            for group in duplicates
        ],
        "changes": {
            "since": book.date(changes.since) if changes.since else "",
            "found": [[one_line(one.student), one.module, one.before, one.after] for one in changes.found],
        },
    }


def _check(check: Check, measured: CheckQuality | None) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": one_line(check.name),
        "title": one_line(check.title),
        "hint": one_line(check.hint),
        "required": check.required,
    }
    if measured:
        value = measured.discrimination
        found |= {
            "students": measured.students,
            "failed": measured.failed,
            "alone": measured.alone,
            "separates": None if value is None else round(value, 2),
            "suspicion": measured.suspicion,
        }
    return found


def _student(book: Gradebook, row: Row, numbers: dict[int, int]) -> dict[str, Any]:
    fork = row.fork
    return {
        "id": one_line(row.student.id),
        "name": one_line(row.student.name),
        "email": one_line(row.student.email),
        "result": row.result,
        "core": row.passed_core,
        "remark": plain(row.reason),
        "repository": without_secrets(one_line(fork.repository if fork else row.student.repository)),
        "commit": fork.commit[:12] if fork else "",
        "committed": book.date(fork.committed) if fork and fork.committed is not None else "",
        "cells": [_cell(book, row.cells[module.id], numbers) for module in book.modules],
    }


def _cell(book: Gradebook, cell: Cell, numbers: dict[int, int]) -> list[Any]:
    """State, place of the verdict among the units (-1 for none), and remarks where there are any."""
    unit = numbers.setdefault(cell.unit.unit, len(numbers)) if cell.unit else -1
    said = [*([str(cell.lateness)] if cell.lateness.late else []), *map(plain, cell.notes)]
    if cell.decision:
        said.append(f"decided by hand: {plain(cell.decision.reason)}")
    if cell.changed:
        said.append(f"last changed {book.date(cell.changed)}")
    return [cell.state, unit, said]


def _unit(book: Gradebook, unit: int, checks: dict[str, list[str]]) -> dict[str, Any]:
    standing = book.standing(unit)
    verdict = standing.verdict
    found: dict[str, Any] = {
        "flaky": standing.flaky,
        "digest": book.unit(unit).submission[:16],
        "tries": [
            {
                "outcome": one.verdict.outcome,
                "host": one.host,
                "finished": one.finished,
                "failed": len(one.verdict.failed),
            }
            for one in standing.tries
        ],
        "checks": [],
    }
    return found if verdict is None else found | _judged(verdict, checks[verdict.module])


def _judged(verdict: ModuleVerdict, names: list[str]) -> dict[str, Any]:
    provenance = verdict.provenance
    return {
        "outcome": verdict.outcome,
        "remark": remark(verdict),
        "notes": [plain(note) for note in verdict.notes],
        "load": load(verdict),
        "provenance": provenance.model_dump(mode="json", exclude={"libraries"}) if provenance else {},
        # [place of the check in its module, outcome, [label, text] of everything there is to say]
        "checks": [
            [names.index(check.name), check.outcome]
            if check.outcome is Outcome.PASSED
            else [
                names.index(check.name),
                check.outcome,
                [[p.label, p.text] for p in explain(check) if p.label != "hint"],
            ]
            for check in verdict.checks
        ],
    }
