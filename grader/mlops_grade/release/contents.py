"""What the students' repository holds: a pure function of the course's commit and the key."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

from mlops_grade.course.discovery import Course
from mlops_grade.course.sealing import SEALED, Key, open_files, seal
from mlops_grade.errors import UsageError

PUBLIC_FOLDERS = ("grader/", "src/")
PUBLIC_FILES = (
    "pyproject.toml", "constraints.txt", "LICENSE", "course.toml", "docs/students.md", "docs/glossary.md",
    "docs/terminal.svg",
)  # fmt: skip
OWN_COPY = "./grader"
"""The grader in the student's own checkout, as an action."""
TEMPLATES = {
    "README.md": "README.md",
    "AGENTS.md": "AGENTS.md",
    "gitattributes": ".gitattributes",
    "gitignore": ".gitignore",
    "grade.yml": ".github/workflows/grade.yml",
    "pages.yml": ".github/workflows/pages.yml",
    "devcontainer.json": ".devcontainer/devcontainer.json",
}


def tracked(root: Path, allow_changes: bool) -> list[str]:
    """The files of the course's commit. Raises UsageError where there is none, or it is not what lies there."""
    if not (root / ".git").exists():
        raise UsageError(f"{root} is no git repository: a release is made from a commit")
    changes = _git(root, "status", "--porcelain", "--untracked-files=normal").strip()
    if changes and not allow_changes:
        first = changes.splitlines()[0].strip()
        raise UsageError(f"{root} has changes that are not committed ({first}): commit them, or say --allow-changes")
    return [path for path in _git(root, "ls-files", "-z").split("\0") if path]


def _git(root: Path, *words: str) -> str:
    done = subprocess.run(["git", "-C", str(root), *words], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise UsageError(f"git {words[0]} in {root}: {done.stderr.strip()}")
    return done.stdout


def contents(
    course: Course, paths: list[str], key: Key, public_key: Key, public: frozenset[str], action: str = OWN_COPY
) -> dict[str, bytes]:
    """Every file of the students' repository.

    `public` names the modules whose suites take the public key; `action` is the grader that the workflow uses.
    """
    found: dict[str, bytes] = {}
    for path in _shown(course, paths):
        place = course.root / path
        if place.is_symlink() or not place.is_file():
            continue
        found[path] = place.read_bytes()
    for module in course.modules:
        chosen = public_key if module.id in public else key
        found[f"{module.folder}/{SEALED}"] = seal(module.id, open_files(module), chosen, key)
    for name, target in TEMPLATES.items():
        found[target] = template(name).replace(b"@grader@", action.encode())
    found[".gitignore"] += _given_all_the_same(found)
    return dict(sorted(found.items()))


def _given_all_the_same(found: dict[str, bytes]) -> bytes:
    """Lines of .gitignore for what is given in folders (or under endings) that it leaves to the students' programs."""
    lines = found[".gitignore"].decode().splitlines()
    folders = {line.rstrip("/").rpartition("/")[2] for line in lines if line.startswith("/s*/*/")}
    endings = tuple(line.removeprefix("*") for line in lines if line.startswith("*."))
    parts = [path.split("/") for path in found]
    inside = {f"{'/'.join(each[:3])}/" for each in parts if len(each) > 3 and each[2] in folders}
    given = sorted(inside | {path for path in found if path.endswith(endings)})
    return "".join(f"!/{path}\n" for path in given).encode()


def _shown(course: Course, paths: list[str]) -> Iterator[str]:
    """The tracked paths that students see: public folders, and sessions without what is hidden."""
    sessions = {session.path.name for session in course.sessions}
    for path in paths:
        parts = path.split("/")
        if parts[0] in sessions:
            if "hidden" not in parts[1:3]:
                yield path
        elif path.startswith(PUBLIC_FOLDERS) or path in PUBLIC_FILES:
            yield path


def template(name: str) -> bytes:
    return resources.files("mlops_grade.release").joinpath("templates", name).read_bytes()
