"""READMEs are CommonMark, as GitHub shows them; the site's Markdown wants four columns for what belongs to a list item.

See https://spec.commonmark.org/0.31.2/#list-items and https://python-markdown.github.io/#differences.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from markdown_it import MarkdownIt

COLUMNS = 4
_MARKER = re.compile(r"\s*(?:[-*+]|\d+[.)])\s+")
_parser = MarkdownIt("commonmark").enable("table")


@dataclass(frozen=True)
class _Item:
    """A list item: its lines, and the column at which its content begins."""

    first: int
    end: int
    column: int


def for_python_markdown(text: str) -> str:
    """The same text, with what belongs to a list item indented by four columns for each level."""
    lines = text.split("\n")
    items, starts = _structure(text, lines)
    written: list[str] = []
    for number, line in enumerate(lines):
        around = [item for item in items if item.first <= number < item.end]
        if number in starts and written and written[-1].strip() and not around[:-1]:
            written.append("")  # there, a list does not interrupt a paragraph
        written.append(_moved(line, number, around))
    return "\n".join(written)


def _structure(text: str, lines: list[str]) -> tuple[list[_Item], set[int]]:
    """All list items, the outer before the inner, and the lines on which lists begin."""
    items, starts = [], set()
    for token in _parser.parse(text):
        if token.map is None:
            continue
        first, end = token.map
        if token.type in ("bullet_list_open", "ordered_list_open"):
            starts.add(first)
        elif token.type == "list_item_open":
            marker = _MARKER.match(lines[first])
            items.append(_Item(first, end, len(marker[0]) if marker else 0))
    return items, starts


def _moved(line: str, number: int, around: list[_Item]) -> str:
    if not around or not line.strip():
        return line
    inner = around[-1]
    if inner.first == number:
        outer = around[-2].column if len(around) > 1 else 0
        return " " * (COLUMNS * (len(around) - 1)) + line[min(outer, _indentation(line)) :].lstrip(" ")
    return " " * (COLUMNS * len(around)) + line[min(inner.column, _indentation(line)) :]


def _indentation(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
