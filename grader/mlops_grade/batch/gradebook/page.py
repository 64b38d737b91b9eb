"""The gradebook as one self-contained web page: heat map, students, modules. No network, nothing to install.

What students wrote is data in a JSON block, and reaches the page as text nodes only; the page's own policy allows no
script but the one it comes with.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

import mlops_grade
from mlops_grade.batch.files import replacing
from mlops_grade.batch.gradebook.book import Cell, Gradebook, Row, date_of
from mlops_grade.batch.quality import CheckQuality, Duplicates
from mlops_grade.reports.text import one_line, plain
from mlops_grade.reports.wording import explain, load, remark
from mlops_grade.verdict import Check, ModuleVerdict, Outcome

DATA = "@@DATA@@"


def write_page(book: Gradebook, quality: list[CheckQuality], duplicates: list[Duplicates], file: Path) -> None:
    """Write the page; its size grows with the number of distinct verdicts, not of students."""
    before, _, after = shell(book.cohort.name).rpartition(DATA)
    with replacing(file) as out:
        out.write(before)
        for piece in _data(book, quality, duplicates):
            out.write(piece)
        out.write(after)


def shell(title: str) -> str:
    """The page without its data."""
    style, script = _resource("page.css"), _resource("page.js")
    policy = (
        f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
    template = environment.from_string(_resource("page.html.j2"))
    return template.render(
        title=one_line(title),
        policy=policy,
        style=Markup(style),
        script=Markup(script),
        data=DATA,
        version=mlops_grade.__version__,
    )


@lru_cache
def _resource(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _dumps(value: Any) -> str:
    """JSON that cannot end the block it stands in, nor begin a comment."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _data(book: Gradebook, quality: list[CheckQuality], duplicates: list[Duplicates]) -> Iterator[str]:
    numbers: dict[int, int] = {}
    yield '{"students":['
    for position, row in enumerate(book.rows):
        yield ("," if position else "") + _dumps(_student(book, row, numbers))
    yield '],"units":['
    checks = {module.id: list(book.checks(module.id)) for module in book.modules}
    for position, unit in enumerate(numbers):
        yield ("," if position else "") + _dumps(_unit(book, unit, checks))
    yield "]," + _dumps(_head(book, quality, duplicates))[1:]


def _head(book: Gradebook, quality: list[CheckQuality], duplicates: list[Duplicates]) -> dict[str, Any]:
    measured = {(one.module, one.name): one for one in quality}
    return {
        "cohort": one_line(book.cohort.name),
        "generated": book.generated.isoformat(timespec="minutes"),
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
            {"module": group.module, "students": group.students, "solution": group.solution} for group in duplicates
        ],
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
    committed = date_of(fork.committed) if fork else None
    return {
        "id": one_line(row.student.id),
        "name": one_line(row.student.name),
        "result": row.result,
        "core": row.passed_core,
        "remark": plain(row.reason),
        "repository": one_line(fork.repository if fork else row.student.repository),
        "commit": fork.commit[:12] if fork else "",
        "committed": f"{committed:%Y-%m-%d %H:%M} UTC" if committed else "",
        "cells": [_cell(row.cells[module.id], numbers) for module in book.modules],
    }


def _cell(cell: Cell, numbers: dict[int, int]) -> list[Any]:
    """State, place of the verdict among the units (-1 for none), and remarks where there are any."""
    unit = numbers.setdefault(cell.unit.unit, len(numbers)) if cell.unit else -1
    said = [*([str(cell.lateness)] if cell.lateness.late else []), *map(plain, cell.notes)]
    if cell.decision:
        said.append(f"decided by hand: {plain(cell.decision.reason)}")
    if cell.changed:
        said.append(f"last changed {cell.changed:%Y-%m-%d %H:%M} UTC")
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
