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
_LINE_END = r"\r\n|\r|\n"
_NAMED_SEPARATOR = re.compile(rf"\"?sep=(.)\"?(?:{_LINE_END})", re.IGNORECASE)
# How programs keep a spreadsheet from taking a cell for a number (="007") or a formula ('=1+1), and what they mean.
_AS_TEXT = re.compile(r"=\"(.*)\"|'(?=[=+\-@])(.*)", re.DOTALL)
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
    declared = _NAMED_SEPARATOR.match(text)
    skipped = 1 if declared else 0
    text = text[declared.end() :] if declared else text
    separator = declared[1] if declared else _separator(text)
    titles: tuple[str, ...] = ()
    records, hidden = [], []
    for number, (line, row) in enumerate(_rows(file, text, separator, skipped), start=1):
        if any(map(_INVISIBLE.search, row)):
            column = next(place for place, cell in enumerate(row) if _INVISIBLE.search(cell))
            hidden.append(f"row {number}, column {titles[column] if column < len(titles) else column + 1}")
        cells = [_meant(cell) for cell in row]
        if not any(cells):
            continue
        if titles:
            records.append(_record(file, titles, cells, number, line))
        titles = titles or tuple(cells)
    return Sheet(file, titles, tuple(records), tuple(_said(file, hidden)))


def _meant(cell: str) -> str:
    text = _INVISIBLE.sub("", cell).strip()
    guarded = _AS_TEXT.fullmatch(text)
    return (guarded[1] or guarded[2] or "").strip() if guarded else text


def _record(file: Path, titles: tuple[str, ...], cells: list[str], row: int, line: int) -> Record:
    """A row with as many cells as there are titles. With more, each may stand under a title that is not its own."""
    record = Record((*cells[: len(titles)], *[""] * (len(titles) - len(cells))), row, line)
    if any(cells[len(titles) :]):
        raise UsageError(
            f"{file}: {record.place}: has {len(cells)} cells, and there are {len(titles)} columns: "
            f"{', '.join(titles)}. A cell that holds the separator stands in double quotes"
        )
    return record


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
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True)
        try:
            columns[separator] = next((len(row) for row in rows if any(map(str.strip, row))), 0)
        except csv.Error:
            columns[separator] = 0
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
        lines = re.split(_LINE_END, data[: error.start].decode(encoding, "replace"))
        column = lines[-1].count(_separator(lines[0])) + 1
        raise UsageError(
            f"{file}: row {len(lines)}, column {column} is not {encoding.removesuffix('-sig').upper()}: save the "
            "file as UTF-8 (in a spreadsheet: “CSV UTF-8”)"
        ) from None


def _encoding(data: bytes) -> str:
    """UTF-8, or UTF-16 by its mark or, without one, by the zeros beside each letter of the titles."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    if len(data) > 3 and 0 in data[:2]:
        return "utf-16-be" if data[0] == 0 else "utf-16-le"
    return "utf-8-sig"
