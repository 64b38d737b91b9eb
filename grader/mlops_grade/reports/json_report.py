"""The report as JSON: the data as they are, and a summary that spares readers the rules for passing.

`verdict.schema.json` beside `verdict.py` is the JSON Schema of this document; a test says so, and how to write it anew.
"""

from __future__ import annotations

import json

from pydantic import BaseModel, ConfigDict, Field
from pydantic.json_schema import GenerateJsonSchema

from mlops_grade.verdict import Outcome, Report


class Summary(BaseModel):
    """What follows from the verdicts: the result of the run and the counts that it rests on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    outcome: Outcome
    exit_code: int = Field(description="exit status of the run: 0 passed, 1 not passed, 3 grader error")
    core_passed: int
    core_total: int
    optional_passed: int
    optional_total: int


class ReportDocument(Report):
    """A report as it is written to a file."""

    summary: Summary


def render(report: Report) -> str:
    """The report as JSON, stable to the byte, with a newline at the end."""
    document = ReportDocument(**dict(report), summary=summarise(report))
    return document.model_dump_json(indent=2) + "\n"


def parse(text: str | bytes) -> Report:
    """The report that `render` wrote. Raises pydantic.ValidationError where it is none."""
    document = ReportDocument.model_validate_json(text)
    return Report(**{name: getattr(document, name) for name in Report.model_fields})


def summarise(report: Report) -> Summary:
    passed = sum(verdict.outcome is Outcome.PASSED for verdict in report.verdicts)
    return Summary(
        outcome=report.outcome,
        exit_code=report.exit_code,
        core_passed=report.passed_core,
        core_total=len(report.core),
        optional_passed=passed - report.passed_core,
        optional_total=len(report.verdicts) - len(report.core),
    )


def schema() -> str:
    """The JSON Schema of what `render` writes."""
    document = ReportDocument.model_json_schema(mode="serialization")
    about = {"$schema": GenerateJsonSchema.schema_dialect, "title": "Report of mlops-grade"}
    return json.dumps({**about, **{key: document[key] for key in document if key != "title"}}, indent=2) + "\n"
