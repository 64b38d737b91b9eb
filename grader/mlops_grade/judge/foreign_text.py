"""Texts as other systems write them: where the tool that reads them stumbles, the first failing check says why."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from mlops_grade.course.submission import Submission
from mlops_grade.verdict import Check, Outcome

_UTF8_MARK = b"\xef\xbb\xbf"
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff")
# What reads these takes either line end, or a mark at the beginning, for what it is.
_ANY_LINE_END = frozenset({".py", ".md", ".ipynb", ".toml", ".yaml", ".yml", ".json", ".csv", ".ini", ".cfg"})
_ANY_MARK = frozenset({".py", ".md", ".yaml", ".yml", ".csv"})
_TEXT = _ANY_LINE_END | {".sh", ".txt", ".dockerfile", ".env", ".lock", ".html", ".css", ".js"}


def with_foreign_text_named(checks: tuple[Check, ...], submission: Submission) -> tuple[Check, ...]:
    """The checks, the first that did not pass with what is wrong with the texts themselves. All passed: nothing."""
    first = next((check for check in _required_first(checks) if check.outcome is Outcome.NOT_PASSED), None)
    said = "; ".join(_troubles(submission)) if first else ""
    if not said or first is None:
        return checks
    told = first.model_copy(update={"message": f"{said}. {first.message}".removesuffix(". ")})
    return tuple(told if check is first else check for check in checks)


def _required_first(checks: tuple[Check, ...]) -> list[Check]:
    return sorted(checks, key=lambda check: not check.required)


def _troubles(submission: Submission) -> Iterator[str]:
    for path, data in sorted(submission.files.items()):
        suffix = PurePosixPath(path).suffix.lower()
        is_script = data.removeprefix(_UTF8_MARK).startswith(b"#!")
        if data.startswith(_WIDE_MARKS):
            yield f"{path} is UTF-16 text, as PowerShell's > writes it: save it as UTF-8"
        elif b"\0" in data:
            continue
        elif data.startswith(_UTF8_MARK) and (is_script or suffix not in _ANY_MARK):
            yield f"{path} begins with a byte order mark: save it as UTF-8 without one"
        elif suffix in _TEXT and not _is_utf8(data):
            yield f"{path} is not UTF-8 text: save it as UTF-8"
        elif b"\r\n" in data and (is_script or suffix not in _ANY_LINE_END):
            yield f"{path} has the line ends of Windows (CRLF), which are part of each line here: save it with LF"


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
