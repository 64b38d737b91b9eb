"""The JSON that GitHub Classroom's `autograding-grading-reporter` reads, base64-encoded, from `<ID>_RESULTS`.

The reporter's console shows passed tests / all tests x maximum; its notice to Classroom adds up the tests' scores. The
two agree only where all tests weigh the same, so a check of three times the smallest weight is written as three tests.
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Iterator

from mlops_grade.errors import UsageError
from mlops_grade.reports.scoring import Row, rows, whole_points
from mlops_grade.reports.text import inert, one_line, shorten
from mlops_grade.reports.wording import as_text, explain, place, remark
from mlops_grade.verdict import Outcome, Report

MOST_TESTS = 500
# Linux passes no environment variable of more than 128 KiB to a program, and the reporter takes its input from one.
MOST_ENCODED_BYTES = 120_000
STATUS = {
    Outcome.PASSED: "pass",
    Outcome.NOT_PASSED: "fail",
    Outcome.NOT_RUN: "error",
    Outcome.GRADER_ERROR: "error",
}


def render(report: Report) -> str:
    """The result as JSON. Raises UsageError for a report of nothing, and for weights without a common measure."""
    return json.dumps(_document(report, longest=2000), indent=2, ensure_ascii=False) + "\n"


def encode(report: Report) -> str:
    """The same in base64 on one line, messages shortened until an environment variable can hold it."""
    encoded = ""
    for longest in (2000, 500, 100, 0):
        document = json.dumps(_document(report, longest), ensure_ascii=False, separators=(",", ":"))
        encoded = base64.b64encode(document.encode()).decode("ascii")
        if len(encoded) <= MOST_ENCODED_BYTES:
            break
    return encoded


def step_output(report: Report) -> str:
    """The line `result=…` for `$GITHUB_OUTPUT`, which the reporter's step then passes on as `<ID>_RESULTS`."""
    return f"result={encode(report)}\n"


def _document(report: Report, longest: int) -> dict[str, object]:
    counted = rows(report)
    if not counted:
        raise UsageError("nothing was graded, and GitHub Classroom takes no result without points: name a module")
    points = whole_points(counted)
    unit = math.gcd(*points)
    if sum(points) // unit > MOST_TESTS:
        raise UsageError("the weights in module.toml have no simple common measure: use small whole numbers")
    tests = [test for row, most in zip(counted, points) for test in _tests(row, most // unit, unit, longest)]
    return {"version": 3, "status": STATUS[report.outcome], "max_score": sum(points), "tests": tests}


def _tests(row: Row, parts: int, score: int, longest: int) -> Iterator[dict[str, object]]:
    file, line = (place(row.module, row.check) if row.check else None) or ("", 0)
    for part in range(1, parts + 1):
        yield {
            "name": row.name if parts == 1 else f"{row.name} ({part} of {parts})",
            "status": STATUS[row.outcome],
            "message": shorten(_message(row), longest, lines=60) if longest else "",
            "test_code": f"mlops-grade {one_line(row.module.module)}",
            "task_id": 0,
            "filename": file,
            "line_no": line,
            "duration": round((row.check or row.module).seconds / parts, 3),
            "score": score if row.passed else 0,
            "output": "",
        }


def _message(row: Row) -> str:
    """What the reporter prints into the job's log."""
    if row.passed:
        return ""
    return inert(as_text(explain(row.check)) if row.check else remark(row.module))
