"""Text that nobody vouches for, made fit to be shown, and values made short enough to be read."""

from __future__ import annotations

import re

VALUE_CHARACTERS = 320
VALUE_LINES = 10
OUTPUT_LINES = 8
OUTPUT_CHARACTERS = 600
EQUAL_CONTEXT = 40

# Whole escape sequences go first, so that "\x1b[31mred" leaves "red" and not "[31mred".
_ESCAPES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c\n]*(?:\x07|\x1b\\|\x9c)?"  # OSC, DCS, …: titles, links
    r"|\x1b[ -/]*[0-~]?"
)
_LINE_ENDS = re.compile("\r\n|[\x0b\x0c\x85\u2028\u2029]")
# The runner trims a line before it looks for a command; the older form ("##[") may stand anywhere.
_COMMAND = re.compile(r"^(\s*)::", re.MULTILINE)
# Controls, soft hyphen, zero-width and bidirectional marks, surrogates, non-characters, tags.
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\ud800-\udfff\ufeff\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e0fff]"
)


def plain(text: str) -> str:
    """The text with neither escape sequences nor characters that move, hide or reorder others.

    Lines end in a newline, tabs are four spaces, and of a line that was overwritten with carriage returns (a progress
    bar) only what a terminal would show last is left. What remains is valid in XML.
    """
    text = _ESCAPES.sub("", text)
    text = _LINE_ENDS.sub("\n", text)
    if "\r" in text:
        text = "\n".join(_last_written(line) for line in text.split("\n"))
    return _UNPRINTABLE.sub("", text.replace("\t", "    "))


def _last_written(line: str) -> str:
    return next((part for part in reversed(line.split("\r")) if part), "")


def inert(text: str) -> str:
    """The text with no line that GitHub's runner would take for a workflow command when it is printed into a log."""
    return _COMMAND.sub(r"\1: :", text).replace("##[", "## [")


def one_line(text: str) -> str:
    """The text on one line, single spaces only."""
    return " ".join(plain(text).split())


def shorten(text: str, characters: int = VALUE_CHARACTERS, lines: int = VALUE_LINES) -> str:
    """The text with its middle left out, and how much of it, where it is longer than that."""
    rows = text.split("\n")
    if len(rows) > lines:
        head, tail = (2 * lines) // 3, lines // 3
        gap = f"… {len(rows) - head - tail:,} lines left out …"
        text = "\n".join([*rows[:head], gap, *rows[len(rows) - tail :]])
    if len(text) <= characters + characters // 4:  # to leave out a few characters would save nothing
        return text
    head, tail = (2 * characters) // 3, characters // 3
    start, end = _trimmed(text[:head]), _trimmed(text[len(text) - tail :][::-1])[::-1].lstrip(" ,\n")
    return f"{start} … {len(text) - len(start) - len(end):,} characters left out … {end}"


def _trimmed(text: str) -> str:
    """Cut back to the last gap between words, if one is near: half a number would be a wrong number."""
    gap = max(text.rfind(" "), text.rfind("\n"), text.rfind(","))
    return text[: gap + 1].rstrip(" \n") if gap >= len(text) - 24 else text


def shorten_pair(expected: str, got: str, characters: int = VALUE_CHARACTERS) -> tuple[str, str]:
    """Shorten two values that are compared, so that the place where they begin to differ stays in sight."""
    longest = max(len(expected), len(got))
    if longest > characters or max(expected.count("\n"), got.count("\n")) >= VALUE_LINES:
        equal = _equal_start(expected, got)
        cut = len(_trimmed(expected[: equal - EQUAL_CONTEXT])) if equal > 2 * EQUAL_CONTEXT else 0
        if cut:
            gap = f"… {cut:,} equal characters … "
            expected, got = gap + expected[cut:].lstrip(), gap + got[cut:].lstrip()
    return shorten(expected, characters), shorten(got, characters)


def _equal_start(one: str, other: str) -> int:
    return next((at for at, (a, b) in enumerate(zip(one, other)) if a != b), min(len(one), len(other)))


def last_lines(text: str, lines: int = OUTPUT_LINES, characters: int = OUTPUT_CHARACTERS) -> str:
    """The end of an output, without the blank lines around it: so many lines at most, fewer when they are long."""
    rows = plain(text).strip("\n").rstrip().split("\n")
    kept: list[str] = []
    for row in reversed(rows[-lines:]):
        row = shorten(row, 240)
        if kept and sum(map(len, kept)) + len(row) > characters:
            break
        kept.insert(0, row)
    left_out = len(rows) - len(kept)
    return "\n".join([f"… {left_out:,} lines before …", *kept] if left_out else kept)


def seconds(value: float) -> str:
    """A duration as people read it: 0.4 s, 12 s, 3 min 20 s."""
    if value < 9.95:
        return f"{value:.1f} s"
    if value < 99.5:
        return f"{value:.0f} s"
    return f"{round(value) // 60} min {round(value) % 60:02d} s"
