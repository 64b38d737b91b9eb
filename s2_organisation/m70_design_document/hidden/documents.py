"""A design document as data: its head, and the links of its text into the head."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from mlops_grade.suite import hint, read_yaml

LONGEST = 64 << 10
LARGEST = 1e15

_FENCE = re.compile(r"(?:---|\.\.\.)[ \t]*")
_LINK = re.compile(
    r"\[([^\[\]]{0,200})\]\(\s{0,9}<?#([A-Za-z0-9_.-]{1,100})>?(?:\s{1,9}[\"'][^\"')]{0,200}[\"'])?\s{0,9}\)"
)
_NUMBER = re.compile(r"\d{1,15}(?:\.\d{1,15})?")
_SEPARATOR = re.compile(r"(?<=\d)[,\s'’_](?=\d{3}(?!\d))")
_PERCENT = re.compile(r"\d\s{0,3}(?:%(?![0-9a-f]{2})|percent\b|per cent\b)", re.IGNORECASE)
_CODE = re.compile(r"```[^`]*```|`[^`\n]*`")


@dataclass(frozen=True)
class Link:
    """A number of the text, and the place in the head that it names."""

    shown: str
    place: tuple[str, ...]

    @property
    def shows_digits(self) -> bool:
        return any(letter.isdecimal() for letter in self.shown)

    def __str__(self) -> str:
        return f"[{self.shown}](#{'.'.join(self.place)})"


class Document:
    """`design.md`, taken apart. Every reader fails the check when it is not as it should be."""

    def __init__(self, data: bytes) -> None:
        assert len(data) <= LONGEST, f"design.md has more than {LONGEST >> 10} KiB: who will read that?"
        text = data.decode("utf-8", "replace").removeprefix("\ufeff").replace("\r\n", "\n")
        lines = text.split("\n")
        ends = [number for number, line in enumerate(lines) if _FENCE.fullmatch(line)]
        with hint("The first line of the file is ---, and so is the line after the head."):
            assert len(ends) > 1 and ends[0] == 0 and lines[0].startswith("-"), (
                "design.md has no head between two lines ---"
            )
        head = "\n".join(lines[1 : ends[1]])
        try:
            found = read_yaml(head)
        except yaml.YAMLError as error:
            raise AssertionError(f"the head is no YAML: {' '.join(str(error).split())[:300]}") from None
        assert isinstance(found, dict), "the head is no mapping of keys to values"
        self.head: dict[Any, Any] = found
        self.text = html.unescape(_CODE.sub(" ", _without_comments("\n".join(lines[ends[1] + 1 :]))))

    def at(self, *place: str | int) -> Any:
        """The value at a place of the head; None where there is none."""
        value: Any = self.head
        for step in place:
            if isinstance(value, dict):
                value = value.get(step)
            elif isinstance(value, list) and str(step).isdecimal() and int(step) < len(value):
                value = value[int(step)]
            else:
                return None
        return value

    def words(self, *place: str | int) -> str:
        """The text at a place of the head."""
        value = self.at(*place)
        where = ".".join(map(str, place))
        assert value is not None and value != "" and value != "TODO", f"TODO: {where} is not filled in"
        assert isinstance(value, str), f"{where} is {quoted(value)}, expected words"
        assert not value.startswith("TODO"), f"TODO: {where} is not filled in"
        return value.strip()

    def number(self, *place: str | int) -> float:
        """The number at a place of the head."""
        value = self.at(*place)
        where = ".".join(map(str, place))
        assert value is not None and value != "TODO", f"TODO: {where} is not filled in"
        with hint("A number in YAML has digits, and a point: no unit, no %, no comma."):
            plain = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < LARGEST
            assert plain, f"{where} is {quoted(value)}, expected a number"
        return float(value)

    def entries(self, key: str) -> list[dict[Any, Any]]:
        """The mappings of the list at a key of the head."""
        value = self.head.get(key)
        assert value, f"TODO: {key} is empty"
        assert isinstance(value, list) and all(isinstance(entry, dict) for entry in value), (
            f"{key} is no list of mappings such as - {{name: value}}"
        )
        return value

    def position(self, key: str, name: str, wanted: str) -> int:
        """Where in the list at `key` the one entry is whose `name` is the wanted one."""
        found = [number for number, entry in enumerate(self.entries(key)) if same(entry.get(name), wanted)]
        assert found, f"{key} has no entry with the {name} {wanted}"
        assert len(found) == 1, f"{key} has {len(found)} entries with the {name} {wanted}, expected one"
        return found[0]

    def links(self) -> list[Link]:
        """The links of the text into the head. Headings have no dots in their anchors, places have."""
        return [
            Link(shown, tuple(place.split("."))) for shown, place in _LINK.findall(self.text) if "." in place.strip(".")
        ]

    def loose_percentages(self) -> Iterator[str]:
        """Every percentage of the text that is in no link into the head, with a few words around it."""
        rest = _LINK.sub(lambda match: " " if "." in match[2] else match[0], self.text)
        for match in _PERCENT.finditer(rest):
            yield " ".join(rest[max(0, match.start() - 30) : match.end() + 10].split())


def _without_comments(text: str) -> str:
    """The text of a page without what stands between <!-- and -->."""
    first, *parts = text.split("<!--")
    return first + "".join(part.partition("-->")[2] for part in parts)


def quoted(value: Any) -> str:
    """A value of the head as a message shows it."""
    try:
        return repr(value)[:80]
    except ValueError:  # Python refuses to write very long integers
        return "a number of thousands of digits"


def same(got: Any, wanted: str) -> bool:
    """Whether two names are the same, but for capitals and spaces around."""
    return isinstance(got, str) and got.strip().lower() == wanted.lower()


def shown_number(shown: str) -> float | None:
    """The one number that a link's text shows, as the head would have it; None where there is not exactly one."""
    plain = shown.replace("*", "").replace("\\", "")  # bold, and what is escaped
    for _ in range(5):  # 1,000,000,000 has three
        plain = _SEPARATOR.sub("", plain)
    found = _NUMBER.findall(plain)
    if len(found) != 1:
        return None
    return float(found[0]) / (100 if _PERCENT.search(plain) else 1)
