"""The report as GitHub workflow commands: what did not pass, at the student's own file and line."""

from __future__ import annotations

from collections.abc import Iterator

from mlops_grade.reports.text import one_line
from mlops_grade.reports.wording import Finding, as_text, findings, place, remark
from mlops_grade.verdict import ModuleVerdict, Outcome, Report


def render(report: Report) -> str:
    """One command a line; those with a place in a file first, because GitHub shows ten of a step and no more."""
    commands = [command for verdict in report.verdicts for command in _commands(verdict)]
    return "".join(f"{command}\n" for command in sorted(commands, key=lambda command: " file=" not in command))


def _commands(verdict: ModuleVerdict) -> Iterator[str]:
    name = f"{one_line(verdict.module)} {one_line(verdict.title)}"
    if verdict.outcome is Outcome.GRADER_ERROR or (verdict.outcome is Outcome.NOT_RUN and not verdict.checks):
        yield _command(_level(verdict, required=True), {"title": f"{name}: {verdict.outcome}"}, remark(verdict))
    for finding in findings(verdict.failed):
        if finding.first.outcome is Outcome.GRADER_ERROR:
            continue  # said for the module as a whole: it has no place in a student's file
        level = _level(verdict, finding.first.required)
        where = place(verdict, finding.first)
        properties = {"file": where[0], "line": str(where[1])} if where else {}
        properties["title"] = f"{one_line(verdict.module)}: {_title(finding)}"
        yield _command(level, properties, as_text(finding.parts))


def _level(verdict: ModuleVerdict, required: bool) -> str:
    """An error is what keeps a student from passing; of the rest, a module's own state is a warning."""
    if not required:
        return "notice"
    return "error" if verdict.core and verdict.outcome is Outcome.NOT_PASSED else "warning"


def _title(finding: Finding) -> str:
    more = len(finding.checks) - 1
    return one_line(finding.first.title) + (f" (and {more} more)" if more else "")


def _command(level: str, properties: dict[str, str], message: str) -> str:
    written = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{level} {written}::{_data(message)}"


def _data(text: str) -> str:
    """As GitHub's own toolkit escapes a command's message."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """As GitHub's own toolkit escapes the value of a command's property."""
    return _data(text).replace(":", "%3A").replace(",", "%2C")
