"""`mlops-grade release --instructor DIR`: the private repository whose workflow grades the cohort."""

from __future__ import annotations

import shutil
from pathlib import Path

from rich.console import Console

from mlops_grade.errors import UsageError
from mlops_grade.release.contents import template

WORKFLOW = ".github/workflows/cohort.yml"
ALWAYS_OURS = {"cohort.yml": WORKFLOW, "README.md": "README.md"}
# What instructors fill in: written once, and theirs from then on.
ONCE = {"roster.csv": "roster.csv", "cohort.toml": "cohort.toml"}


def write_instructors(release: Path, out: Path, console: Console) -> None:
    """Write the instructors' repository: the release as `course/`, the workflow, and a roster to fill in.

    Raises UsageError for a folder that holds something else.
    """
    known = not out.exists() or not any(path.name != ".git" for path in out.iterdir()) or (out / WORKFLOW).is_file()
    if not known:
        raise UsageError(f"{out} is neither empty nor an earlier repository of instructors: name another folder")
    if release.resolve() == out.resolve() or out.resolve().is_relative_to(release.resolve()):
        raise UsageError(f"{out} lies in the students' repository: name another folder")
    course = out / "course"
    if course.exists():
        shutil.rmtree(course)
    shutil.copytree(release, course, ignore=shutil.ignore_patterns(".git", ".mlops-grade"))
    for name, target in ALWAYS_OURS.items():
        _write(out / target, template(f"instructors/{name}"))
    for name, target in ONCE.items():
        if not (out / target).exists():
            _write(out / target, template(f"instructors/{name}"))
    _write(out / ".gitignore", b".mlops-grade/\nreport/\n")
    console.print(f"{out}: push it to a private repository, and follow its README.md", markup=False)


def _write(file: Path, data: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
