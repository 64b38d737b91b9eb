"""`results.json` of Gradescope: one test for each required check, with its points; the rest is shown without points."""

from __future__ import annotations

import json
from collections.abc import Iterator

from mlops_grade.reports.scoring import Row, rows
from mlops_grade.reports.text import one_line
from mlops_grade.reports.wording import as_text, explain, headline, remark
from mlops_grade.verdict import ModuleVerdict, Outcome, Report


def render(report: Report) -> str:
    """The result as JSON. The score is the sum of the tests' scores."""
    tests = list(_tests(report))
    document = {
        "score": round(sum(row.points for row in rows(report)), 6),
        "execution_time": round(report.seconds, 3),
        "output": headline(report),
        "visibility": "visible",
        # What the grading run printed is for instructors; students have the tests' own outputs.
        "stdout_visibility": "hidden",
        "tests": tests,
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _tests(report: Report) -> Iterator[dict[str, object]]:
    counted = rows(report)
    for place, verdict in enumerate(report.verdicts, start=1):
        scored = [row for row in counted if row.module is verdict]
        seen = {row.check.name for row in scored if row.check}
        unscored = [Row(verdict, check, 0.0) for check in verdict.checks if check.name not in seen]
        shown = sorted(scored + unscored, key=lambda row: _place(verdict, row))
        for number, row in enumerate(shown or [Row(verdict, None, 0.0)], start=1):
            yield _test(row, f"{place}.{number}")


def _place(verdict: ModuleVerdict, row: Row) -> int:
    return verdict.checks.index(row.check) if row.check else -1


def _test(row: Row, number: str) -> dict[str, object]:
    tags = [one_line(row.module.session), one_line(row.module.module), "core" if row.module.core else "optional"]
    points = {"score": row.points, "max_score": row.max_points} if row.max_points else {}
    return {
        **points,
        "status": "passed" if row.passed else "failed",
        "name": row.name,
        "number": number,
        "output": _output(row),
        # Never "html" or "md": a student's text is in it.
        "output_format": "text",
        "tags": tags if not row.check or row.check.required else [*tags, "extra"],
        "visibility": "visible",
    }


def _output(row: Row) -> str:
    if row.passed:
        return ""
    if row.check is None:
        return remark(row.module)
    not_run = "not run\n" if row.outcome is Outcome.NOT_RUN else ""
    return not_run + as_text(explain(row.check))
