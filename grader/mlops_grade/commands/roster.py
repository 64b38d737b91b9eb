"""`mlops-grade roster`: write the roster that a batch reads, from where the students are."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from rich.console import Console

from mlops_grade.batch.cohort import load_cohort
from mlops_grade.batch.github import API, SERVER, GitHub
from mlops_grade.batch.gradebook.tables import write_table
from mlops_grade.batch.roster import SHOWN, Roster, read_roster
from mlops_grade.batch.roster_sources import from_forks, from_organisation, joined, relative_to
from mlops_grade.batch.settings import SETTINGS, load_settings
from mlops_grade.batch.student import Student
from mlops_grade.batch.wording import few
from mlops_grade.errors import UsageError
from mlops_grade.verdict import ExitCode

SOURCES = ("forks", "organisation", "export", "folder")
OPTIONS = {  # and the sources that each says something of
    "pattern": ("organisation", "folder"),
    "repository": ("export",),
    "teams": ("forks", "organisation"),
}


@dataclass(frozen=True)
class Request:
    """What was asked for on the command line. Exactly one of forks, organisation, export and folder is given."""

    roster: Path
    forks: str = ""
    organisation: str = ""
    export: Path | None = None
    folder: Path | None = None
    pattern: str = ""
    repository: str = ""
    teams: bool = False
    people: Path | None = None
    force: bool = False


def roster(request: Request, console: Console) -> int:
    """Write the roster; say whom it lacks. Raises UsageError where one is there already."""
    if request.roster.is_dir():
        raise UsageError(f"{request.roster} is a folder: name the file, as in {request.roster / 'roster.csv'}")
    if request.roster.exists() and not request.force:
        raise UsageError(f"{request.roster} is there already: --force writes it anew, another name leaves it")
    _check_options(request)
    found = _found(request)
    students, remarks = found.students, list(found.remarks)
    remarks += [f"{student.id}: {student.trouble}" for student in students if student.trouble]
    if request.people:
        people = read_roster(request.people, needs_repository=False)
        both = joined(students, people.students)
        students, remarks = both.students, [*remarks, *people.remarks]
        remarks += [f"in {request.people.name}, without a repository: {few(both.without_work)}"] * bool(
            both.without_work
        )
        remarks += [f"not in {request.people.name}: {few(both.unknown)}"] * bool(both.unknown)
    if not students:
        raise UsageError("nobody was found: no roster is written")
    _write(request.roster, students)
    for remark in remarks:
        console.print(remark, style="yellow", markup=False, soft_wrap=True)
    repositories = {student.repository for student in students if student.repository}
    console.print(
        f"{request.roster}: {len(students)} students, {len(repositories)} repositories. Look through it, then: "
        f"mlops-grade batch {request.roster}",
        markup=False, soft_wrap=True,
    )  # fmt: skip
    return ExitCode.PASSED


def _check_options(request: Request) -> None:
    """Exactly one source, and no option that would say nothing. Raises UsageError."""
    given = [name for name in SOURCES if getattr(request, name)]
    if len(given) != 1:
        raise UsageError("expected one of --forks OWNER/NAME, --organisation NAME, --export FILE and --folder DIR")
    for option, sources in OPTIONS.items():
        if getattr(request, option) and given[0] not in sources:
            belongs = " or ".join(f"--{source}" for source in sources)
            raise UsageError(f"--{option} belongs to {belongs}: it says nothing of --{given[0]}")
    if request.repository and "{student}" not in request.repository:
        raise UsageError(
            f"--repository {request.repository}: expected {{student}} in it, as in "
            "https://github.com/my-org/mlops-{student}"
        )


def _found(request: Request) -> Roster:
    if request.export:
        address = request.repository or load_settings(request.roster.parent / SETTINGS).repository
        return read_roster(request.export, address)
    if request.folder:
        cohort = load_cohort(request.folder, request.pattern or None)
        return Roster(cohort.students, cohort.remarks)
    api, server = os.environ.get("GITHUB_API_URL") or API, os.environ.get("GITHUB_SERVER_URL") or SERVER
    token = _token(urlsplit(server).netloc)
    with GitHub(token, api, server) as github:
        if request.forks:
            found = from_forks(github, request.forks, request.teams)
        else:
            found = from_organisation(github, request.organisation, request.pattern or "{student}", request.teams)
    blind = "asked without a token: private repositories are not among these. GITHUB_TOKEN or `gh auth login` gives one"
    return found if token else Roster(found.students, (*found.remarks, blind))


def _token(host: str) -> str:
    """The token of the environment, or the one that `gh` keeps for that server; empty where there is neither."""
    token = os.environ.get("GITHUB_TOKEN") or os.environ.get("GH_TOKEN") or ""
    program = shutil.which("gh")
    if token or program is None:
        return token
    try:
        asked = subprocess.run(
            [program, "auth", "token", "--hostname", host],
            capture_output=True,
            text=True,
            timeout=20,
            stdin=subprocess.DEVNULL,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return asked.stdout.strip() if asked.returncode == 0 else ""


def _write(file: Path, students: tuple[Student, ...]) -> None:
    folder = file.absolute().parent
    rows = [
        [one.id, one.repository, one.ref, one.lms_id, one.email, one.name, one.canvas_id]
        for one in (relative_to(folder, student) for student in students)
    ]
    write_table(file, list(SHOWN), rows)
