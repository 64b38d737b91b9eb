"""`mlops-grade post`: each student's feedback into their fork on GitHub, once for each new verdict.

What was posted is kept in the store. A comment bears a mark besides, so that nothing is said twice where the store was
lost, or the command was killed between posting and noting it.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from rich.console import Console

from mlops_grade.batch.cohort import load_cohort
from mlops_grade.batch.github import API, SERVER, GitHub, Refused, State
from mlops_grade.batch.gradebook import feedback
from mlops_grade.batch.gradebook.book import Gradebook, Result, Row
from mlops_grade.batch.ledger import Ledger
from mlops_grade.batch.store import Store
from mlops_grade.batch.student import slug
from mlops_grade.commands.batch import store_path
from mlops_grade.course.discovery import find_root, load_course
from mlops_grade.errors import UsageError
from mlops_grade.reports.text import one_line
from mlops_grade.verdict import ExitCode

Kind = Literal["comment", "status"]
MOST_CHARACTERS = 60_000  # GitHub takes 65,536
STATES: dict[Result, State] = {
    Result.PASSED: "success",
    Result.NOT_PASSED: "failure",
    Result.OPEN: "pending",
    Result.INCOMPLETE: "pending",
    Result.MISSING: "error",
}


@dataclass
class Posted:
    """What became of each row."""

    new: int = 0
    known: int = 0
    elsewhere: int = 0
    refused: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        told = f"{self.new} posted, {self.known} known already"
        told += f", {self.elsewhere} not on GitHub or not collected" if self.elsewhere else ""
        return told + (f", {len(self.refused)} refused" if self.refused else "")


def post(
    place: Path, kind: Kind, named: Path | None, pattern: str | None, what: tuple[str, ...], console: Console
) -> int:
    """Post what is new; the exit status is that of a grader error where something was refused."""
    token = os.environ.get("GITHUB_TOKEN", "")
    if not token:
        raise UsageError("GITHUB_TOKEN is not set: post needs a token that may write to the forks")
    cohort = load_cohort(place, pattern)
    file = store_path(cohort, named)
    if not file.is_file():
        raise UsageError(f"{file} is not there: run `mlops-grade batch {place}` first, or name the store with --store")
    modules = load_course(find_root()).resolve(list(what))
    api, server = os.environ.get("GITHUB_API_URL") or API, os.environ.get("GITHUB_SERVER_URL") or SERVER
    posted = Posted()
    with Store(file) as store, GitHub(token, api, server) as github:
        book = Gradebook(cohort, modules, store)
        ledger = Ledger(store, cohort.name)
        for row in book.rows:
            _post_row(book, row, kind, github, ledger, posted)
    for line in posted.refused:
        console.print(f"  {one_line(line)}", markup=False, soft_wrap=True)
    console.print(str(posted))
    return ExitCode.GRADER_ERROR if posted.refused else ExitCode.PASSED


def _post_row(book: Gradebook, row: Row, kind: Kind, github: GitHub, ledger: Ledger, posted: Posted) -> None:
    fork = row.fork
    repository = github.repository(fork.repository) if fork and fork.commit else ""
    if fork is None or not repository:
        posted.elsewhere += 1
        return
    text = "\n".join(feedback.lines(book, row))
    told = f"{row.result}: {row.passed_core} of {len(row.core)} core modules passed"
    digest = hashlib.sha256(f"{kind} {repository}@{fork.commit}\n{text}".encode("utf-8", "replace")).hexdigest()
    if ledger.posted(fork.student, kind) == digest:
        posted.known += 1
        return
    mark = f"<!-- mlops-grade {digest} -->"
    try:
        if kind == "status":
            context = f"mlops-grade/{slug(book.cohort.name)}"
            github.status(repository, fork.commit, STATES[row.result], context, told)
        elif github.has_comment(repository, fork.commit, mark):
            posted.known += 1
            ledger.note_posted(fork.student, kind, digest)
            return
        else:
            github.comment(repository, fork.commit, f"{shortened(text)}\n\n{mark}\n")
    except Refused as refused:
        posted.refused.append(f"{fork.student}: {refused}")
        return
    ledger.note_posted(fork.student, kind, digest)
    posted.new += 1


def shortened(text: str) -> str:
    """Feedback that GitHub takes: whole sections, and a word about those that are left out."""
    if len(text) <= MOST_CHARACTERS:
        return text
    kept = text[:MOST_CHARACTERS]
    end = kept.rfind("\n## ")
    return f"{kept[: end if end > 0 else kept.find(chr(10))]}\n\nThe rest did not fit here: ask for it."
