"""The report as Markdown for `$GITHUB_STEP_SUMMARY`: a table of the modules, and folded below it what did not pass."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from mlops_grade.reports.text import one_line, seconds
from mlops_grade.reports.wording import as_text, count, findings, headline, remark
from mlops_grade.verdict import ModuleVerdict, Outcome, Report

# GitHub drops a summary of more than 1 MiB as a whole.
MOST_BYTES = 900_000
ICONS = {Outcome.PASSED: "✅", Outcome.NOT_PASSED: "❌", Outcome.NOT_RUN: "⚪", Outcome.GRADER_ERROR: "⚠️"}
_PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~]")


def render(report: Report) -> str:
    """The report as GitHub's Markdown. What students wrote is in `<pre>` only, escaped."""
    lines = [f"## {ICONS[report.outcome]} {_escaped(headline(report))}", ""]
    lines += ["| | session | module | | outcome | checks | time |", "|---|---|---|---|---|---:|---:|"]
    lines += [_row(verdict) for verdict in report.verdicts]
    lines.append("")
    size = sum(len(line.encode()) + 1 for line in lines)
    for verdict in report.verdicts:
        details = "\n".join(_details(verdict))
        size += len(details.encode()) + 1
        if size > MOST_BYTES:
            lines += ["", "The rest did not fit here: it is in the verdict JSON.", ""]
            break
        lines += [details] if details else []
    return "\n".join(lines)


def _row(verdict: ModuleVerdict) -> str:
    cells = (
        ICONS[verdict.outcome],
        _escaped(verdict.session),
        f"**{_escaped(verdict.module)}** {_escaped(verdict.title)}",
        "core" if verdict.core else "optional",
        verdict.outcome.value,
        count(verdict),
        seconds(verdict.seconds),
    )
    return f"| {' | '.join(cells)} |"


def _details(verdict: ModuleVerdict) -> Iterator[str]:
    said = [*filter(None, [remark(verdict)]), *(f"note: {one_line(note)}" for note in verdict.notes)]
    for finding in findings(verdict.failed):
        icons = {Outcome.NOT_PASSED: "✗", Outcome.NOT_RUN: "–", Outcome.GRADER_ERROR: "!"}
        lines = [
            f"{icons[check.outcome]} {one_line(check.title)}{'' if check.required else ' (extra, not needed to pass)'}"
            for check in finding.checks
        ]
        lines += [f"    {line}" for line in as_text(finding.parts).split("\n")]
        said.append("\n".join(line.rstrip() for line in lines))
    if not said:
        return
    heading = html.escape(f"{one_line(verdict.module)} {one_line(verdict.title)}: {verdict.outcome}")
    # A <pre> ends at </pre> alone, and what is in it is escaped: no Markdown, no HTML, no mention comes out of it.
    yield f"<details><summary>{heading}</summary>"
    yield ""
    yield f"<pre>{html.escape(chr(10).join(said))}</pre>"
    yield ""
    yield "</details>"
    yield ""


def _escaped(text: str) -> str:
    """One line of plain words: punctuation as character references, which Markdown takes for no structure."""
    return _PUNCTUATION.sub(lambda found: f"&#{ord(found[0])};", one_line(text))
