"""The tables that Canvas and Moodle import, made for their own export of the grades where there is one.

An export names its people and its columns as the platform knows them: students of the roster are matched with its rows,
modules with its columns, and whoever is on one side only is told. Without an export the roster's ids have to do.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from mlops_grade.batch.gradebook.book import Cell, Gradebook, Result, Row, State
from mlops_grade.batch.gradebook.tables import write_table
from mlops_grade.batch.roster import OF_CANVAS
from mlops_grade.batch.spreadsheet import Sheet, folded, read_sheet
from mlops_grade.batch.student import Student
from mlops_grade.batch.wording import few
from mlops_grade.course.discovery import Module
from mlops_grade.errors import UsageError

COURSE = "Course passed"
Cells = tuple[str, ...]
_OVERALL = {Result.PASSED: 1.0, Result.NOT_PASSED: 0.0}
_SILENT = (State.OPEN, State.NOT_RUN, State.MISSING, State.NOT_GRADED)


@dataclass(frozen=True)
class Platform:
    """What a platform calls the columns that say whose row it is; `keys` in the order in which they are believed."""

    name: str
    keys: dict[str, tuple[str, ...]]
    names: tuple[str, ...]
    also: tuple[str, ...] = ()
    points_row: str = ""

    @property
    def identity(self) -> set[str]:
        return {folded(title) for title in (*self.keys, *self.names, *self.also)}


# Which of a student's fields may stand in which column.
CANVAS = Platform(
    "Canvas",
    {
        "ID": ("canvas_id",),
        "SIS User ID": ("lms_id",),
        "SIS Login ID": ("lms_id", "email", "id"),
        "Integration ID": ("lms_id",),
    },
    names=("Student",),
    also=("Root Account", "Section"),
    points_row="Points Possible",
)
MOODLE = Platform(
    "Moodle",
    {"ID number": ("lms_id",), "Email address": ("email",), "Username": ("lms_id", "id")},
    names=("First name", "Last name", "Surname"),
    also=("Institution", "Department", "Last downloaded from this course"),
)


@dataclass(frozen=True)
class Export:
    """A platform's own export: the columns that say who it is, those that are a module's, and a row for each person."""

    platform: Platform
    sheet: Sheet
    identity: tuple[int, ...]
    columns: dict[str, int]
    points: Cells
    people: tuple[Cells, ...]

    def cell(self, row: Cells, title: str) -> str:
        place = self.sheet.place(title)
        return row[place] if place is not None else ""

    def name(self, row: Cells) -> str:
        return " ".join(filter(None, (self.cell(row, title) for title in self.platform.names)))

    def who(self, row: Cells) -> str:
        """A person of the export in words for the terminal."""
        return self.name(row) or next(filter(None, (row[place] for place in self.identity)), "somebody without a name")

    def worth(self, column: str) -> float:
        """How many points the platform gives for a column: 1 where it says nothing of it."""
        place = self.columns.get(column)
        try:
            return float(self.points[place]) if place is not None else 1.0
        except (IndexError, ValueError):
            return 1.0


def read_export(file: Path, platform: Platform, modules: Iterable[Module]) -> Export:
    """Read what the platform exports. Raises UsageError where the file is none of its exports."""
    sheet = read_sheet(file)
    identity = tuple(place for place, title in enumerate(sheet.titles) if folded(title) in platform.identity)
    if not any(sheet.place(title) is not None for title in platform.keys):
        raise UsageError(
            f"{file}: is no export of {platform.name}'s grades: expected a column {' or '.join(platform.keys)}, found "
            f"{', '.join(filter(None, sheet.titles)) or 'nothing'}"
        )
    columns: dict[str, int] = {}
    for place, title in enumerate(sheet.titles):
        if place not in identity:
            words = re.findall(r"[a-z]+\d+|[^\W\d_]+", title.casefold())
            for name in [module.id for module in modules if module.id in words] or [COURSE] * (
                folded(COURSE) in folded(title)
            ):
                columns.setdefault(name, place)
    points: Cells = ()
    people = []
    for row in (record.cells for record in sheet.records):
        if platform.points_row and row[0] == platform.points_row:
            points = row
        elif row[0] not in OF_CANVAS and any(row[place] for place in identity if sheet.titles[place] in platform.keys):
            people.append(row)
    return Export(platform, sheet, identity, columns, points, tuple(people))


def write_platform(book: Gradebook, platform: Platform, file: Path, export: Path | None) -> list[str]:
    """Write the table that the platform imports; give what is to be said of it. Open cells are left empty."""
    if export is None:
        return _write_from_roster(book, platform, file)
    return _write_from_export(book, file, read_export(export, platform, book.modules))


def _write_from_roster(book: Gradebook, platform: Platform, file: Path) -> list[str]:
    """By the roster's ids. Where there is none, the e-mail address is taken for the login of Canvas's SIS."""
    columns = [*(f"{module.id} {module.title}" for module in _graded(book)), COURSE]
    known = [row for row in book.rows if any(_ids(platform, row.student))]
    if platform is CANVAS:
        header = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", *columns]
        first = [["    Points Possible", "", "", "", "", *("1" for _ in columns)]]
        rows = [
            [row.student.name or row.student.id, *_ids(platform, row.student), "", *_grades(book, row)] for row in known
        ]
    else:
        header, first = ["ID number", "Email address", *columns, "Feedback"], []
        rows = [[*_ids(platform, row.student), *_grades(book, row), _summary(row)] for row in known]
    write_table(file, header, [*first, *rows])
    return [*_without_id(book, platform, file), *_twice(platform, file, known)]


def _ids(platform: Platform, student: Student) -> tuple[str, ...]:
    if platform is CANVAS:
        login = student.email if not (student.canvas_id or student.lms_id) else ""
        return student.canvas_id, student.lms_id, login
    return student.lms_id, student.email


def _without_id(book: Gradebook, platform: Platform, file: Path) -> Iterator[str]:
    missing = [row.student.id for row in book.rows if not any(_ids(platform, row.student))]
    if missing:
        yield f"{file.name}: left out, as the roster has no id by which {platform.name} knows them: {few(missing)}"


def _twice(platform: Platform, file: Path, rows: list[Row]) -> Iterator[str]:
    for place in range(len(_ids(platform, rows[0].student)) if rows else 0):
        owners: defaultdict[str, list[str]] = defaultdict(list)
        for row in rows:
            owners[_ids(platform, row.student)[place].casefold()].append(row.student.id)
        for value, students in owners.items():
            if value and len(students) > 1:
                yield f"{file.name}: the id {value!r} is several students': {few(students)}"


def _write_from_export(book: Gradebook, file: Path, export: Export) -> list[str]:
    """Rows and columns as the platform has them, so that its import finds what is there and makes nothing twice."""
    matched, remarks = match([row.student for row in book.rows], export)
    modules = _graded(book)
    names = [*(module.id for module in modules), COURSE]
    titles = [
        export.sheet.titles[export.columns[name]] if name in export.columns else title
        for name, title in zip(names, [*(f"{module.id} {module.title}" for module in modules), COURSE], strict=True)
    ]
    header = [*(export.sheet.titles[place] for place in export.identity), *titles]
    worth = [export.worth(name) for name in names]
    rows = []
    if export.platform.points_row:
        blank = ["    " + export.platform.points_row, *("" for _ in export.identity[1:])]
        rows.append([*blank, *map(_number, worth)])
    rows += [
        [*(person[place] for place in export.identity), *_grades(book, row, worth)]
        for row in book.rows
        if (person := matched.get(row.student.id)) is not None
    ]
    write_table(file, header, rows)
    return [f"{file.name}: {remark}" for remark in remarks]


def match(students: list[Student], export: Export) -> tuple[dict[str, Cells], list[str]]:
    """The export's row of each student, and who is on one side only, or could be several.

    An id decides before a login, a login before a name; a name only where nobody else has it.
    """
    found: dict[str, int] = {}
    for of_student, of_row in _keys(export):
        mine = _unique((student.id, of_student(student)) for student in students if student.id not in found)
        theirs = _unique(
            (str(place), of_row(row)) for place, row in enumerate(export.people) if place not in found.values()
        )
        found |= {mine[key]: int(theirs[key]) for key in mine.keys() & theirs.keys()}
    alone = [student.id for student in students if student.id not in found]
    others = [export.who(row) for place, row in enumerate(export.people) if place not in found.values()]
    source = export.sheet.file.name
    remarks = [f"in the roster and not in {source}: {few(alone)}"] if alone else []
    remarks += [f"in {source} and not in the roster: {few(others)}"] if others else []
    return {student: export.people[place] for student, place in found.items()}, remarks


def _keys(export: Export) -> Iterator[tuple[Callable[[Student], str], Callable[[Cells], str]]]:
    for title, fields in export.platform.keys.items():
        for name in fields:
            yield partial(_field, name), partial(_folded_cell, export, title)
    yield (lambda student: _name(student.name)), (lambda row: _name(export.name(row)))


def _field(name: str, student: Student) -> str:
    return str(getattr(student, name)).casefold()


def _folded_cell(export: Export, title: str, row: Cells) -> str:
    return export.cell(row, title).casefold()


def _name(text: str) -> str:
    """A name whichever of its words comes first: `Lovelace, Ada` is `Ada Lovelace`."""
    return " ".join(sorted(re.findall(r"\w+", text.casefold())))


def _unique(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """What has a key that nobody else has, by that key."""
    known = [(owner, key) for owner, key in pairs if key]
    often = Counter(key for _, key in known)
    return {key: owner for owner, key in known if often[key] == 1}


def _grades(book: Gradebook, row: Row, worth: list[float] | None = None) -> list[str]:
    shares = [_share(book, row.cells[module.id]) for module in _graded(book)] + [_OVERALL.get(row.result)]
    return [
        "" if share is None else _number(share * points)
        for share, points in zip(shares, worth or [1.0] * len(shares), strict=True)
    ]


def _share(book: Gradebook, cell: Cell) -> float | None:
    """What of a module's points a cell is worth; None where nothing is decided."""
    if cell.state in _SILENT:
        return None
    if cell.state is State.NOT_PASSED and book.cohort.settings.points == "checks" and cell.unit and not cell.decision:
        return cell.unit.passed_checks / max(len(cell.unit.results), 1)
    return float(cell.state is State.PASSED)


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _graded(book: Gradebook) -> list[Module]:
    """The modules that are imported: one that nobody has a grade for makes no column of nothing in the platform."""
    return [module for module in book.modules if module.id in book.graded]


def _summary(row: Row) -> str:
    if row.result is Result.MISSING:
        return f"Your repository was not graded: {row.reason}."
    if row.result is Result.INCOMPLETE:
        return f"{row.passed_core} core modules passed so far; not all of the {len(row.core)} are graded yet."
    return f"{row.passed_core} of {len(row.core)} core modules passed."
