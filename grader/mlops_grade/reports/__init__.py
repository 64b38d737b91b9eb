"""What becomes of a Report: one small pure function for each format. Nothing here reads or writes a file."""

from collections.abc import Callable, Mapping

from mlops_grade.reports import (
    annotations,
    classroom,
    classroom50,
    gradescope,
    json_report,
    junit,
    step_summary,
    terminal,
)
from mlops_grade.verdict import Report

Format = Callable[[Report, Mapping[str, str]], str]


def _without_environment(render: Callable[[Report], str]) -> Format:
    return lambda report, environment: render(report)


FORMATS: Mapping[str, Format] = {
    "text": _without_environment(terminal.as_text),
    "json": _without_environment(json_report.render),
    "junit": _without_environment(junit.render),
    "step-summary": _without_environment(step_summary.render),
    "annotations": _without_environment(annotations.render),
    "classroom": _without_environment(classroom.render),
    "classroom-output": _without_environment(classroom.step_output),
    "classroom50": classroom50.render,
    "gradescope": _without_environment(gradescope.render),
}
"""The names of `--format`, and the function of each: the report and the environment in, the text out."""

__all__ = ["FORMATS", "Format"]
