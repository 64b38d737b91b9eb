"""A cohort: who its students are, where their work is, and what its `cohort.toml` lays down."""

from __future__ import annotations

import _csv
import csv
import hashlib
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from mlops_grade.batch import places
from mlops_grade.batch.settings import SETTINGS, CohortSettings, load_settings, nearest
from mlops_grade.course.allowlist import SKIPPED_FOLDERS
from mlops_grade.errors import UsageError

# What a column may be called, the likeliest first; letters and digits count, in either case.
COLUMNS = {
    "student": (
        "student", "studentid", "studentnumber", "username", "user", "login", "githubusername", "githublogin", "github",
        "identifier", "name",
    ),
    "repository": (
        "repository", "repositoryurl", "repo", "repourl", "studentrepositoryurl", "giturl", "cloneurl", "url", "fork",
        "link",
    ),
    "ref": ("ref", "branch", "tag", "commit"),
    "lms_id": ("lmsid", "canvasid", "moodleid", "sisid", "sisuserid", "idnumber", "rosteridentifier", "id"),
    "email": ("email", "emailaddress", "mail"),
    "name": ("name", "fullname", "displayname", "studentname"),
}  # fmt: skip
_REF = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._/+-]{0,200}")


@dataclass(frozen=True)
class Student:
    """One row of the roster. `repository` is a URL or a path; an empty `ref` is the default branch.

    `trouble` is why the work cannot be collected, where that is known already.
    """

    id: str
    repository: str
    ref: str = ""
    lms_id: str = ""
    email: str = ""
    name: str = ""
    trouble: str = ""

    @property
    def slug(self) -> str:
        """The id as it can stand in a file's name or a git ref."""
        return slug(self.id)


def slug(text: str) -> str:
    """A name for files and refs, different for different texts."""
    plain = re.sub(r"[^A-Za-z0-9_-]+", "-", text).strip("-")[:60]
    if plain == text and text.islower():
        return plain
    return f"{plain or 'student'}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


@dataclass(frozen=True)
class Cohort:
    """The students in the roster's order, and the settings."""

    name: str
    place: Path
    students: tuple[Student, ...]
    settings: CohortSettings = field(default_factory=CohortSettings)
    remarks: tuple[str, ...] = ()

    def student(self, word: str) -> Student:
        """The student of that id, LMS id or e-mail. Raises UsageError when there is none."""
        for student in self.students:
            if word in (student.id, student.lms_id, student.email) and word:
                return student
        known = [name for one in self.students for name in (one.id, one.lms_id, one.email) if name]
        hint = nearest(word, known, "there are")
        raise UsageError(f"there is no student {word!r} in the cohort {self.name!r}: {hint}")


def load_cohort(place: Path, pattern: str | None = None) -> Cohort:
    """A roster file; a folder that holds one; or a folder of clones. Raises UsageError that says what was expected."""
    if not place.exists():
        raise UsageError(f"{place}: there is no such roster or folder")
    folder = place if place.is_dir() else place.parent
    settings = load_settings(folder / SETTINGS)
    if pattern:
        settings = settings.model_copy(update={"pattern": pattern})
    roster = folder / settings.roster if place.is_dir() else place
    # The same cohort bears the same name whether its folder or the roster in it was named.
    name = settings.name or (folder.resolve().name if roster == folder / settings.roster else place.stem)
    read = None
    if roster.is_file():
        read = read_roster(roster)
        students = read.students
    elif "roster" in settings.model_fields_set:
        raise UsageError(f"{folder / SETTINGS}: the roster {settings.roster!r} is not there")
    else:
        students = tuple(_clones(folder, settings.pattern))
    if not students:
        raise UsageError(
            f"{place}: no student in it. Expected a roster (CSV with the columns student and repository), or a folder "
            f"of clones named like {settings.pattern!r}."
        )
    return Cohort(name, folder, students, settings, read.remarks if read else ())


@dataclass(frozen=True)
class Roster:
    """The students of a CSV file, and what is to be said of the file."""

    students: tuple[Student, ...]
    remarks: tuple[str, ...] = ()


def read_roster(file: Path) -> Roster:
    """Read a CSV file. Raises UsageError that names the row and the column."""
    text = _decoded(file)
    try:
        dialect: type[csv.Dialect] | csv.Dialect = csv.Sniffer().sniff(text.partition("\n")[0], delimiters=",;\t")
    except csv.Error:
        dialect = csv.excel
    rows = csv.reader(io.StringIO(text), dialect)
    titles = [cell.strip() for cell in next(rows, [])]
    header = [re.sub(r"[\W_]+", "", title.casefold()) for title in titles]
    columns = {name: _column(header, known) for name, known in COLUMNS.items()}
    for required in ("student", "repository"):
        if columns[required] is None:
            raise UsageError(
                f"{file}: row 1: the column {required!r} is missing. Found: {', '.join(titles) or 'nothing'}. A roster "
                "has the columns student and repository, and may have ref, lms_id, email and name."
            )
    return Roster(tuple(_students(file, rows, columns)), _unused(file, titles, columns))


def _unused(file: Path, titles: list[str], columns: dict[str, int | None]) -> tuple[str, ...]:
    left = [title for place, title in enumerate(titles) if title and place not in columns.values()]
    if not left:
        return ()
    return (f"{file}: not used: {', '.join(left)}. The columns of a roster are {', '.join(COLUMNS)}.",)


def _students(file: Path, rows: _csv.Reader, columns: dict[str, int | None]) -> Iterator[Student]:
    seen: dict[str, int] = {}
    for row in rows:
        if not any(cell.strip() for cell in row):
            continue
        number = rows.line_num
        cells = {
            name: row[index].strip() if index is not None and index < len(row) else ""
            for name, index in columns.items()
        }
        _check_row(file, number, cells, seen)
        seen[cells["student"]] = number
        yield Student(
            cells["student"], _located(file, cells["repository"]), cells["ref"], cells["lms_id"], cells["email"],
            cells["name"],
        )  # fmt: skip


def _column(header: list[str], known: tuple[str, ...]) -> int | None:
    return next((header.index(name) for name in known if name in header), None)


def _decoded(file: Path) -> str:
    try:
        data = file.read_bytes()
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}") from None
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        row = data[: error.start].count(b"\n") + 1
        line = data.split(b"\n")[row - 1]
        column = line[: error.start - data.rfind(b"\n", 0, error.start) - 1].count(b",") + 1
        raise UsageError(
            f"{file}: row {row}, column {column} is not {encoding.removesuffix('-sig').upper()}: save the roster as "
            "UTF-8 (in a spreadsheet: “CSV UTF-8”)"
        ) from None


def _check_row(file: Path, number: int, cells: dict[str, str], seen: dict[str, int]) -> None:
    where = f"{file}: row {number}, column"
    student = cells["student"]
    if not student:
        raise UsageError(f"{where} student: is empty")
    if any(ord(character) < 32 for character in "".join(cells.values())):
        raise UsageError(f"{where} student: a control character in the row of {student!r}")
    if student in seen:
        raise UsageError(f"{where} student: {student!r} is there twice (first in row {seen[student]})")
    if cells["ref"] and (not _REF.fullmatch(cells["ref"]) or ".." in cells["ref"]):
        raise UsageError(f"{where} ref: {cells['ref']!r} is not the name of a branch, a tag or a commit")


def _located(roster: Path, repository: str) -> str:
    """A relative path is meant from the roster's folder. What is neither URL nor path is found out when fetching."""
    if not repository or "://" in repository or re.match(r"[\w.-]+@[\w.-]+:", repository) or repository.startswith("-"):
        return repository
    return str((roster.parent / Path(repository).expanduser()).absolute())


def _clones(folder: Path, pattern: str) -> Iterator[Student]:
    """Every folder that is named like the pattern is one student's; what of it can be graded is found out later."""
    if "{student}" not in pattern:
        raise UsageError(f"the name pattern {pattern!r} must hold {{student}}, as in 'mlops-{{student}}'")
    before, _, after = pattern.partition("{student}")
    named = re.compile(f"{re.escape(before)}(.+){re.escape(after)}", re.DOTALL)
    for path in sorted(folder.iterdir()):
        packed = places.ARCHIVES.fullmatch(path.name) if path.is_file() else None
        match = named.fullmatch(packed[1] if packed else path.name)
        if not match or path.name.startswith(".") or path.name in SKIPPED_FOLDERS or _is_ours(path):
            continue
        student = match[1].encode(errors="backslashreplace").decode()
        if packed and not path.with_name(packed[1]).exists():
            yield Student(student, str(path.absolute()), trouble="is an archive: unpack it into a folder of that name")
        elif path.is_dir():
            yield _owner(student, path, folder)


def _owner(student: str, path: Path, folder: Path) -> Student:
    """The student whose folder that is. A link may lead to another folder beside it, and nowhere else."""
    if not path.is_symlink():
        return Student(student, str(path.absolute()))
    target = path.resolve()
    if target.is_relative_to(folder.resolve()) and target != folder.resolve():
        return Student(student, str(target))
    return Student(student, str(path.absolute()), trouble="is a link that leads elsewhere: put the work itself there")


def _is_ours(path: Path) -> bool:
    """Whether a batch wrote that folder: its report, or what it exported for a comparison."""
    return (path / "gradebook.json").is_file() or next(path.glob("m[0-9]*/info.csv"), None) is not None
