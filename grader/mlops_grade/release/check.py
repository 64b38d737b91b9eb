"""Proving a release: nothing hidden in any file or in the history, every skeleton importable, the command answers."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from mlops_grade.course.discovery import Course, load_course
from mlops_grade.course.submission import from_checkout
from mlops_grade.errors import GraderError
from mlops_grade.judge.grader import Grader, RunOptions, grade
from mlops_grade.verdict import Outcome

DISTINCTIVE = 30
"""A line of at least so many characters, in hidden files only, is a mark of what is hidden."""


def marks(course: Course, shown: Mapping[str, bytes]) -> dict[bytes, str]:
    """Lines that stand in hidden files and nowhere in what may be shown: line to the file it is from."""
    public = {line for data in shown.values() for line in _lines(data)}
    hidden: dict[bytes, str] = {}
    for module in course.modules:
        for path in sorted(module.hidden.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                for line in _lines(path.read_bytes()):
                    if line not in public:
                        hidden.setdefault(line, f"{module.folder}/{path.relative_to(module.path)}")
    return hidden


def _lines(data: bytes) -> Iterator[bytes]:
    return (line for raw in data.splitlines() if len(line := raw.strip()) >= DISTINCTIVE)


def hidden_in(files: Mapping[str, bytes], hidden: Mapping[bytes, str]) -> list[str]:
    """Where a line of a hidden file is found: `FILE holds a line of HIDDEN FILE`."""
    found = []
    for path, data in files.items():
        for line in _lines(data):
            if line in hidden:
                found.append(f"{path} holds a line of {hidden[line]}")
                break
    return found


def history_of(repository: Path) -> dict[str, bytes]:
    """Every blob that a repository's objects hold, reachable or not; empty where there is no repository."""
    if not (repository / ".git").exists():
        return {}
    listed = _git(repository, "cat-file", "--batch-all-objects", "--batch-check=%(objectname) %(objecttype)").decode()
    names = [line.split()[0] for line in listed.splitlines() if line.endswith(" blob")]
    return {f"object {name[:12]}": _git(repository, "cat-file", "blob", name) for name in names}


def _git(repository: Path, *words: str) -> bytes:
    done = subprocess.run(["git", "-C", str(repository), *words], capture_output=True, check=False)
    if done.returncode != 0:
        raise GraderError(f"git {words[0]} in {repository}: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout


def skeletons_that_do_not_import(out: Path) -> list[str]:
    """Handed-in Python files of the release that cannot be imported as they are, with the reason."""
    program = (
        "import importlib.util, sys\n"
        "for path in sys.argv[1:]:\n"
        "    spec = importlib.util.spec_from_file_location('skeleton', path)\n"
        "    module = importlib.util.module_from_spec(spec)\n"
        "    sys.modules['skeleton'] = module\n"
        "    try: spec.loader.exec_module(module)\n"
        "    except NotImplementedError: pass\n"
        "    except BaseException as error: print(f'{path}: {type(error).__name__}: {error}')\n"
    )
    found = []
    for module in load_course(out).modules:
        taken = from_checkout(out, module)
        paths = [path for path in taken.files if path.endswith(".py") and "{" not in path]
        environment = {**os.environ, "PYTHONPATH": f"{module.path}{os.pathsep}{module.path / 'src'}"}
        command = [sys.executable, "-c", program, *paths]
        done = subprocess.run(command, cwd=module.path, env=environment, capture_output=True, text=True, check=False)
        found += [f"{module.folder}/{line}" for line in done.stdout.splitlines()]
    return found


def modules_without_an_answer(out: Path, jobs: int | None) -> list[str]:
    """Modules of the release that are not answered with `not passed`, as an untouched skeleton deserves."""
    course = load_course(out)
    with Grader(course, RunOptions(), jobs) as grader:
        report = grade(grader, course.modules, lambda module: from_checkout(out, module))
    fine = (Outcome.NOT_PASSED, Outcome.NOT_RUN)
    return [f"{v.module} is {v.outcome}: {v.reason}" for v in report.verdicts if v.outcome not in fine]
