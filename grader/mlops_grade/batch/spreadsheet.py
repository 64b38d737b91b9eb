"""Tables that people have: what a spreadsheet, a course platform or Python's csv module writes, read as it is meant."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mlops_grade.errors import UsageError

MOST_BYTES = 64 << 20
SEPARATORS = ",;\t|"
# Characters without a width that come along when people copy; those that join letters of a script are left alone.
_INVISIBLE = re.compile("[\u200b\u2060\ufeff\u00ad\u200e\u200f\u202a-\u202e\u2066-\u2069]")
NAMED = 3


@dataclass(frozen=True)
class Record:
    """One row: its cells, as many as there are titles, and where it stands.

    `row` counts as spreadsheets do, the titles being row 1; `line` as editors do, which is more where cells hold line
    breaks, or a first line names the separator.
    """

    cells: tuple[str, ...]
    row: int
    line: int

    @property
    def place(self) -> str:
        return f"row {self.row}" if self.row == self.line else f"row {self.row} (line {self.line})"


@dataclass(frozen=True)
class Sheet:
    """A table with titles; and what is to be said of the file."""

    file: Path
    titles: tuple[str, ...]
    records: tuple[Record, ...]
    remarks: tuple[str, ...] = ()

    def place(self, title: str) -> int | None:
        """Where a column of that title is, in any case and spelling."""
        return next((place for place, one in enumerate(self.titles) if folded(one) == folded(title)), None)


def folded(title: str) -> str:
    """A title by its letters and digits alone."""
    return re.sub(r"[\W_]+", "", title.casefold())


def read_sheet(file: Path) -> Sheet:
    """Read a table of text. Raises UsageError that names row and column where it cannot be read as one."""
    text = _decoded(file)
    first, _, rest = text.partition("\n")
    declared = re.fullmatch(r"\"?sep=(.)\"?\r?", first, re.IGNORECASE)
    skipped = 1 if declared else 0
    text = rest if declared else text
    separator = declared[1] if declared else _separator(text)
    titles: tuple[str, ...] = ()
    records, hidden = [], []
    for number, (line, row) in enumerate(_rows(file, text, separator, skipped), start=1):
        if any(map(_INVISIBLE.search, row)):
            column = next(place for place, cell in enumerate(row) if _INVISIBLE.search(cell))
            hidden.append(f"row {number}, column {titles[column] if column < len(titles) else column + 1}")
        cells = [_INVISIBLE.sub("", cell).strip() for cell in row]
        if not titles:
            titles = tuple(cells)
        elif any(cells):
            filled = [*cells, *[""] * (len(titles) - len(cells))]
            records.append(Record(tuple(filled[: len(titles)]), number, line))
    return Sheet(file, titles, tuple(records), tuple(_said(file, hidden)))


def _said(file: Path, hidden: list[str]) -> Iterator[str]:
    if hidden:
        more = f" and {len(hidden) - NAMED} more" if len(hidden) > NAMED else ""
        yield f"{file}: invisible characters were left out: {'; '.join(hidden[:NAMED])}{more}"


def _rows(file: Path, text: str, separator: str, skipped: int) -> Iterator[tuple[int, list[str]]]:
    """Every row with the number of its first line. Lines end as they may on any system."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True, strict=True)
    line = 1
    try:
        for row in reader:
            yield line + skipped, row
            line = reader.line_num + 1
    except csv.Error as error:
        told = "a quote that is never closed" if "unexpected end" in str(error) else str(error)
        raise UsageError(
            f"{file}: line {line + skipped}: {told}. A cell that holds the separator, a quote or a line break stands "
            "in double quotes, and a quote in it is doubled."
        ) from None


def _separator(text: str) -> str:
    """What divides the titles into most columns."""
    columns = {}
    for separator in SEPARATORS:
        try:
            first = next(csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True), [])
        except csv.Error:
            first = []
        columns[separator] = len(first)
    return max(SEPARATORS, key=lambda separator: columns[separator])


def _decoded(file: Path) -> str:
    try:
        with file.open("rb") as source:
            data = source.read(MOST_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}") from None
    if len(data) > MOST_BYTES:
        raise UsageError(f"{file} is larger than {MOST_BYTES >> 20} MiB: that is no list of students")
    if data[:4] == b"PK\x03\x04" or data[:4] == b"\xd0\xcf\x11\xe0":
        raise UsageError(f"{file} is a spreadsheet's own file: save it as CSV (in a spreadsheet: “CSV UTF-8”)")
    encoding = _encoding(data)
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        before = data[: error.start]
        column = before[before.rfind(b"\n") + 1 :].count(b",") + 1
        raise UsageError(
            f"{file}: row {before.count(bytes((10,))) + 1}, column {column} is not "
            f"{encoding.removesuffix('-sig').upper()}: save the file as UTF-8 (in a spreadsheet: “CSV UTF-8”)"
        ) from None


def _encoding(data: bytes) -> str:
    """UTF-8, or UTF-16 by its mark or, without one, by the zeros beside each letter of the titles."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    if len(data) > 3 and 0 in data[:2]:
        return "utf-16-be" if data[0] == 0 else "utf-16-le"
    return "utf-8-sig"
