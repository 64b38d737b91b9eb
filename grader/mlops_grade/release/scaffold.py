"""`mlops-grade new`: the folder of a new module, with a failing skeleton and a first check."""

from __future__ import annotations

import re
from pathlib import Path

from mlops_grade.course.discovery import Course, Session
from mlops_grade.errors import UsageError

FILES = {
    "module.toml": """title = "{title}"
core = false
submit = ["{name}.py"]
timeout = 30
""",
    "README.md": """# {id} · {title}

Why this tool matters, in two or three sentences.

## Tasks

1. Write `double` in `{name}.py`.

## What is graded

- `double(number)` gives twice the number.

## How to run

    mlops-grade {id}              # the verdict
    mlops-grade hint {id}         # what to do next

## Where to read on

- The tool's own documentation.
""",
    "{name}.py": '''"""{title}: what this file is for."""


def double(number: int) -> int:
    """Twice the number."""
    raise NotImplementedError("TODO: give twice the number")
''',
    "hidden/test_{name}.py": '''"""Hidden suite of {id}."""

from mlops_grade.suite import Student, hint


@hint("What is a number added to itself?")
def test_double(student: Student, seed: int) -> None:
    """double(number) gives twice the number"""
    assert student.load("{name}").double(seed) == 2 * seed
''',
    "hidden/solution/{name}.py": '''"""{title}: the reference solution."""


def double(number: int) -> int:
    """Twice the number."""
    return 2 * number
''',
    "hidden/right/README.md": """Other right solutions of {id}: a folder each, with the files that differ.

Two of the four are to be written blind, by somebody who has the release and the number {id} and nothing else: see
"Blind solutions" in docs/authors.md. How they were judged at first:

| folder | style | blind | judged at first | what was mended |
|---|---|---|---|---|
""",
    "hidden/wrong/README.md": """Wrong solutions of {id}: a folder each, with `wrong.toml`.
How those written blind were judged at first:

| folder | mistake | blind | judged at first | what was mended |
|---|---|---|---|---|
| square | the square instead of the double | no | not passed | |
""",
    "hidden/wrong/square/{name}.py": '''"""A wrong solution."""


def double(number: int) -> int:
    """Twice the number."""
    return number * number
''',
    "hidden/wrong/square/wrong.toml": """mistake = "The square comes back: right for 0 and 2 alone."
caught_by = ["test_double"]
""",
}


def new_module(course: Course, session_name: str, title: str) -> Path:
    """Write a module's first files and give its folder. Raises UsageError for an unknown session or a bad title."""
    session = _session(course, session_name)
    name = re.sub(r"\W+", "_", title.lower()).strip("_")
    if not name or not name[0].isalpha():
        raise UsageError(f'the title "{title}" makes no name for a folder: begin it with a letter')
    if any(module.name == name for module in course.modules):
        raise UsageError(f"there is a module {name} already: give it another title")
    number = max((int(module.id[1:]) for module in course.modules), default=0) + 1
    words = {"id": f"m{number:02}", "name": name, "title": title.replace('"', "'")}
    folder = session.path / f"{words['id']}_{name}"
    for path, text in FILES.items():
        place = folder / path.replace("{name}", name)
        place.parent.mkdir(parents=True, exist_ok=True)
        for word, value in words.items():
            text = text.replace(f"{{{word}}}", value)
        place.write_text(text, encoding="utf-8")
    return folder


def _session(course: Course, name: str) -> Session:
    for session in course.sessions:
        if name in (session.id, session.name, session.path.name):
            return session
    raise UsageError(f"there is no session {name!r}: choose one of {', '.join(s.id for s in course.sessions)}")
