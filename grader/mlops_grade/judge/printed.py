"""What of a program's output helps the student who reads it: nothing of ours, no noise of libraries.

The text is a student's: no pattern here tries one place of a line in more than a bounded number of ways.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

_FRAME = re.compile(r'^(\s*)File "([^"\n]{1,400})", line \d+(?:, in .*)?$')
_BELOW = re.compile(r"^\s+(?:\^|~|\S)")
_WARNING = re.compile(r"^(\S{1,400}):\d+: \w*Warning: ")
_NOISE = re.compile(
    r"^\[[WI]\d{3,} [^\]]*(?:socket|c10d|ProcessGroup|TCPStore|Utils|hostname)|^\[Gloo\] "  # torch.distributed
    r"|^\[I \d{4}-\d\d-\d\d [\d:,]+\] (?:Trial \d+|A new study)"  # Optuna
    r"|^\s*\d{1,3}%\|.{0,200}\|"  # tqdm
    r"|^(?:GPU available|TPU available|HPU available|IPU available|💡 Tip|`Trainer\.fit` stopped)"  # Lightning
    r"|^[\s|┃│]{0,20}Name\s{0,80}(?:\||┃)\s{0,80}Type\s{0,80}(?:\||┃)|^[┏┡└├┃│][━─┓┩┘┳╇┴┃│]"
    r"|^INFO: {5}(?:Started server process|Waiting for application|Application startup complete|Uvicorn running)"
)
_LIBRARIES = ("/site-packages/", "/dist-packages/", "/mlops_grade/", "/mlops_course/")
_OURS = ("/mlops_grade/", "<frozen ", "<probe>")


def helpful(text: str, suites_own: Collection[str] = ()) -> str:
    """The output without frames and names of the grader's, libraries' warnings, progress and chatter."""
    lines = []
    below_warning = False
    for line in without_ours(text, suites_own).split("\n"):
        if below_warning and line.startswith("  "):
            below_warning = False
            continue
        warning = _WARNING.match(line)
        below_warning = warning is not None and any(place in warning[1] for place in _LIBRARIES)
        if not below_warning and not _NOISE.match(line):
            lines.append(line)
    return "\n".join(lines)


def without_ours(text: str, suites_own: Collection[str] = ()) -> str:
    """A text without the frames of a traceback, and the words of bash, that name files of the grader or the suite.

    `suites_own` are the paths in the workspace that the suite wrote itself.
    """
    if suites_own:
        text = _said_by_bash(suites_own).sub(r"\1", text)
    return "\n".join(_without_frames(text.split("\n"), suites_own))


def _without_frames(lines: list[str], suites_own: Collection[str]) -> Iterator[str]:
    indent: int | None = None  # of the frame of ours whose lines of code are left out
    for line in lines:
        frame = _FRAME.match(line)
        if frame:
            indent = len(frame[1]) if _is_ours(frame[2], suites_own) else None
        elif indent is not None and not (_BELOW.match(line) and len(line) - len(line.lstrip()) > indent):
            indent = None
        if indent is None:
            yield line


def _is_ours(file: str, suites_own: Collection[str]) -> bool:
    return any(part in file for part in _OURS) or any(file == path or file.endswith(f"/{path}") for path in suites_own)


def _said_by_bash(suites_own: Collection[str]) -> re.Pattern[str]:
    names = "|".join(re.escape(path) for path in sorted(suites_own) if path.endswith(".sh"))
    # A path begins where a word begins, behind a quotation mark or bracket perhaps: not at each letter of a long word.
    return re.compile(rf"(?<!\S)(\W{{0,3}}?)(?:[\w./-]{{1,200}}/)?(?:{names or '(?!)'}): line \d+: ")
