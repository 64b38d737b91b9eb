"""Rosters: one row a student, in the columns that people and platforms give them.

Read as they are: a hand-made CSV; GitHub Classroom's roster and its grades; Classroom 50's roster and its scores; an
export of the grades from Canvas or Moodle. What these lack is where the work is: `repository` of cohort.toml says it
for all of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from mlops_grade.batch.spreadsheet import Record, Sheet, folded, read_sheet
from mlops_grade.batch.student import Student
from mlops_grade.batch.wording import few
from mlops_grade.errors import UsageError

# What a column may be called, the likeliest first; letters and digits count, in either case.
COLUMNS: dict[str, tuple[str, ...]] = {
    "student": (
        "student", "studentid", "studentnumber", "username", "user", "login", "githubusername", "githublogin", "github",
        "gitusername", "studentusername", "usernames", "members", "identifier", "rosteridentifier", "name",
    ),
    "repository": (
        "repository", "repositoryurl", "repo", "repourl", "studentrepositoryurl", "giturl", "cloneurl", "url", "fork",
        "link",
    ),
    "ref": ("ref", "branch", "tag", "commit"),
    "lms_id": (
        "lmsid", "moodleid", "sisid", "sisuserid", "idnumber", "rosteridentifier", "identifier", "id",
    ),
    "email": ("email", "emailaddress", "mail"),
    "name": ("name", "fullname", "displayname", "studentname"),
    "canvas_id": ("canvasid", "canvasuserid"),
}  # fmt: skip
SHOWN = ("student", "repository", "ref", "lms_id", "email", "name", "canvas_id")
GIVEN, FAMILY = ("firstname", "givenname"), ("lastname", "surname", "familyname")
# Who somebody is where no column says so; and who has not accepted an assignment has no login yet.
INSTEAD = ("sisloginid", "sisuserid", "idnumber", "emailaddress", "email")
UNNAMED = ("rosteridentifier", "identifier", "emailaddress", "email")
# Where a cell names everybody who works on one repository, and what stands between them. A login has no space in it.
TEAMS = {"usernames": r"[\s,;|&]+", "members": r"\s*[,;|&\r\n]\s*"}
ROLES, STAFF = ("role", "roles"), ("teacher", "instructor", "hta", "ta", "non-editing teacher", "manager")
CANVAS: dict[str, tuple[str, ...]] = {
    "student": ("sisloginid", "sisuserid", "id"), "lms_id": ("sisuserid",), "name": ("student",), "canvas_id": ("id",),
}  # fmt: skip
OF_CANVAS = ("Points Possible", "Student, Test", "Test Student")  # rows of its export that are nobody's
_HOST = r"(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,}"
# HOST:PATH, as git and ssh have it; one letter before the colon is a disk of Windows.
_SSH = re.compile(r"(?:[\w.-]+@)?[A-Za-z][\w.-]+:[^/\\]")
# A page of a branch or a commit in a browser: GitHub's and GitLab's.
_PAGE = re.compile(r"(https?://[^/]+/[^/]+/[^/]+?)/(?:-/)?(?:tree|commits?)/([^?#]+?)/?(?:[?#].*)?", re.IGNORECASE)
# A telephone or a spreadsheet begins a cell with a capital letter; an e-mail has an address in angle brackets.
_BRACKETS, _SCHEME = re.compile(r"<([^<>]+)>"), re.compile(r"^[A-Za-z][A-Za-z+]*(?=://)")


@dataclass(frozen=True)
class Roster:
    """The students of a CSV file, and what is to be said of the file."""

    students: tuple[Student, ...]
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Layout:
    """Which columns a field is read from: the first that is filled; a name from several together."""

    columns: dict[str, tuple[int, ...]]
    names: tuple[int, ...]
    role: tuple[int, ...]
    of_canvas: bool
    between: str = ""  # the members of a team, where a cell holds several

    @property
    def used(self) -> set[int]:
        return {place for places in self.columns.values() for place in places} | {*self.names, *self.role}

    @property
    def login(self) -> int:
        """The column that says how a student's repository is called."""
        return self.columns["student"][0]


def read_roster(file: Path, address: str = "", needs_repository: bool = True) -> Roster:
    """Read a CSV file. `address` is where a student's work is if no column says so, with `{student}` for the login.

    Raises UsageError that names the row and the column.
    """
    sheet = read_sheet(file)
    layout = _layout(file, sheet, bool(address) or not needs_repository)
    people = [record for record in sheet.records if not _is_nobodys(record, layout)]
    staff = [record for record in people if _cell(record, layout.role).casefold() in STAFF]
    students, repeated = _students(sheet, layout, address, [record for record in people if record not in staff])
    said = [*sheet.remarks, *_unused(sheet, layout)]
    if staff:
        left_out = few([_cell(record, layout.columns["student"]) for record in staff])
        said.append(f"{file}: left out, as their role is not a student's: {left_out}")
    if repeated:
        said.append(f"{file}: read once, as a row before says the same: {few(repeated)}")
    return Roster(students, tuple(said))


def _layout(file: Path, sheet: Sheet, placeless: bool) -> _Layout:
    header = [folded(title) for title in sheet.titles]
    of_canvas = {"student", "id", "section"} <= set(header)
    known = CANVAS if of_canvas else COLUMNS
    every = [name for name in known["student"] if name in header]
    if not of_canvas:
        every = every[:1]
        every += [name for name in (UNNAMED if every else INSTEAD) if name in header and name not in every]
    columns = {
        field: tuple(header.index(title) for title in titles if title in header)[:1]
        for field, titles in known.items()
        if field != "student"
    }
    columns["student"] = tuple(header.index(name) for name in every)
    names = columns.pop("name", ())
    if not names or names == columns["student"][:1]:
        names = tuple(header.index(name) for part in (GIVEN, FAMILY) for name in part if name in header) or names
    missing = [] if columns["student"] else ["student"]
    linked = any(_page(_cell(record, columns.get("ref", ())))[1] for record in sheet.records)
    missing += [] if columns.get("repository") or linked or placeless else ["repository"]
    if missing:
        raise UsageError(
            f"{file}: row 1: the column {missing[0]!r} is missing. Found: {', '.join(sheet.titles) or 'nothing'}. A "
            f"roster has the columns student and repository, and may have {', '.join(SHOWN[2:])}. Where no column "
            'says where the work is, cohort.toml does: repository = "https://github.com/my-org/mlops-{student}" (or '
            "--repository of `mlops-grade roster`)"
        )
    role = tuple(header.index(name) for name in ROLES if name in header)[:1]
    return _Layout(columns, names, role, of_canvas, TEAMS.get(every[0], ""))


def _unused(sheet: Sheet, layout: _Layout) -> Iterator[str]:
    left = [title for place, title in enumerate(sheet.titles) if title and place not in layout.used]
    if left:
        yield f"{sheet.file}: not used: {', '.join(left)}. The columns of a roster are {', '.join(SHOWN)}."


def _is_nobodys(record: Record, layout: _Layout) -> bool:
    """Whether it is one of the rows of a Canvas export that are about its columns, or its own test student."""
    if not layout.of_canvas:
        return False
    name = _cell(record, layout.names)
    return name in OF_CANVAS or not (name or _cell(record, layout.columns["student"]))


def _students(
    sheet: Sheet, layout: _Layout, address: str, records: Iterable[Record]
) -> tuple[tuple[Student, ...], list[str]]:
    """The students, and the rows that say of one of them what a row before says."""
    seen: dict[str, tuple[Student, Record]] = {}
    repeated = []
    for record in records:
        for student in _on_row(sheet, layout, address, record):
            known, first = seen.setdefault(student.id, (student, record))
            if known != student:
                column = sheet.titles[layout.login]
                raise UsageError(
                    f"{sheet.file}: {record.place}, column {column}: {student.id!r} is there twice (first in "
                    f"{first.place}), and the rows differ"
                )
            if first is not record:
                repeated.append(f"{record.place} ({student.id})")
    return tuple(student for student, _ in seen.values()), repeated


def _on_row(sheet: Sheet, layout: _Layout, address: str, record: Record) -> Iterator[Student]:
    """Who is on a row: one student, or everybody of a team."""
    _check_row(sheet, layout, record)
    cells = {field: _cell(record, places) for field, places in layout.columns.items()}
    cells["name"] = " ".join(" ".join(record.cells[place] for place in layout.names).split())
    login = record.cells[layout.login]
    members = list(filter(None, re.split(layout.between, login))) if layout.between else []
    if len(members) > 1:
        for member in members:  # an address with {student} and an id are one person's
            yield _student(
                sheet.file,
                {**dict.fromkeys(cells, ""), "student": member, "ref": cells.get("ref", "")},
                cells.get("repository", ""),
            )
        return
    where = cells.get("repository") or (address.replace("{student}", login) if login else "")
    yield _student(sheet.file, cells, where)


def _cell(record: Record, places: tuple[int, ...]) -> str:
    return next((record.cells[place] for place in places if record.cells[place]), "")


def _check_row(sheet: Sheet, layout: _Layout, record: Record) -> None:
    where = f"{sheet.file}: {record.place}, column"
    if not _cell(record, layout.columns["student"]):
        raise UsageError(f"{where} {sheet.titles[layout.login]}: is empty")
    free = {*layout.names, *([layout.login] if layout.between else [])}  # here a line break is nothing but a space
    for place in sorted(layout.used - free):
        text = record.cells[place]
        if any(ord(character) < 32 for character in text):
            raise UsageError(f"{where} {sheet.titles[place]}: a line break or another control character in {text!r}")


def _student(roster: Path, cells: dict[str, str], where: str) -> Student:
    repository, branch = _page(where)
    place, linked = _page(cells.get("ref", ""))
    ref = linked or cells.get("ref") or branch
    student = Student(
        cells["student"], _located(roster, repository or (place if linked else "")), ref, cells.get("lms_id", ""),
        cells.get("email", ""), cells["name"], cells.get("canvas_id", ""),
    )  # fmt: skip
    if student.ref and not is_ref(student.ref):
        return replace(student, trouble=f"the roster's ref {student.ref!r} cannot be a branch, a tag or a commit")
    return student


def _page(cell: str) -> tuple[str, str]:
    """An address, and a branch or commit of it where somebody copied the address of its page."""
    bare = _BRACKETS.fullmatch(cell)
    address = _SCHEME.sub(lambda scheme: scheme[0].lower(), bare[1] if bare else cell, count=1)
    found = _PAGE.fullmatch(address)
    return (found[1], found[2]) if found else (address, "")


def _located(roster: Path, repository: str) -> str:
    """The address that a cell means. A relative path is meant from the roster's folder, and is one where it is there.

    What is neither address nor path is found out when fetching.
    """
    if not repository or "://" in repository or repository.startswith("-"):
        return repository
    path = (roster.parent / Path(repository).expanduser()).absolute()
    if path.exists():
        return str(path)
    if re.match(rf"{_HOST}(?::\d+)?/[^/]+/.+", repository):
        return f"https://{repository}"
    if _SSH.match(repository):
        return repository
    return str(path)


def is_ref(text: str) -> bool:
    """Whether git could have a branch or a tag of that name (git-check-ref-format), or a commit."""
    if len(text) > 250 or text.startswith("-") or text == "@" or text.endswith((".", "/")) or text.startswith("/"):
        return False
    if re.search(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//", text):
        return False
    return not any(part.startswith(".") or part.endswith(".lock") for part in text.split("/"))
