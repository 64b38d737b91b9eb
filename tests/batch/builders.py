"""Small courses, forks and graders for the tests of the batch."""

from __future__ import annotations

import os
import subprocess
import threading
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from mlops_grade.batch.cohort import Cohort
from mlops_grade.batch.run import Batch, BatchOptions
from mlops_grade.batch.schedule import LocalPool
from mlops_grade.batch.settings import CohortSettings
from mlops_grade.batch.store import Store
from mlops_grade.batch.student import Student
from mlops_grade.course.discovery import Course, Module, load_course
from mlops_grade.course.submission import Submission
from mlops_grade.verdict import Check, ModuleVerdict, Outcome, module_outcome

DAY = 86_400
MONDAY = 1_800_000_000  # an arbitrary moment that the forks' dates are counted from


def write(root: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


def make_course(root: Path) -> Course:
    """Two modules in two sessions: `add` takes one file, `tree` takes whatever lies in src/."""
    write(
        root,
        {
            "s1_basics/m01_add/module.toml": 'title = "Adding"\ncore = true\nsubmit = ["add.py"]\ntimeout = 5\n',
            "s1_basics/m01_add/add.py": "def add(a, b):\n    raise NotImplementedError('TODO: add')\n",
            "s1_basics/m01_add/hidden/test_add.py": "def test_add(student):\n    assert True\n",
            "s1_basics/m01_add/hidden/solution/add.py": "def add(a, b):\n    return a + b\n",
            "s2_more/m02_tree/module.toml": (
                'title = "Trees"\ncore = true\nsubmit = ["main.py", "src/**/*.py"]\ntimeout = 9\n'
            ),
            "s2_more/m02_tree/main.py": "TODO = 1\n",
            "s2_more/m02_tree/src/given.py": "TODO = 2\n",
            "s2_more/m02_tree/hidden/test_tree.py": "def test_tree(student):\n    assert True\n",
            "s2_more/m02_tree/hidden/solution/main.py": "DONE = 1\n",
            "s2_more/m02_tree/hidden/solution/src/given.py": "DONE = 2\n",
        },
    )
    return load_course(root)


SKELETON = {
    "s1_basics/m01_add/add.py": "def add(a, b):\n    raise NotImplementedError('TODO: add')\n",
    "s2_more/m02_tree/main.py": "TODO = 1\n",
    "s2_more/m02_tree/src/given.py": "TODO = 2\n",
}
ADD = "s1_basics/m01_add/add.py"
MAIN = "s2_more/m02_tree/main.py"
RIGHT = {ADD: "def add(a, b):\n    return a + b\n"}
WRONG = {ADD: "def add(a, b):\n    return a - b\n"}


def git(repository: Path, *arguments: str, date: int = MONDAY, stdin: bytes = b"") -> str:
    environment = {
        **os.environ,
        "GIT_AUTHOR_DATE": f"{date} +0000",
        "GIT_COMMITTER_DATE": f"{date} +0000",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
    }
    ran = subprocess.run(
        ["git", "-c", "user.name=Student", "-c", "user.email=student@example.org", *arguments],
        cwd=repository, env=environment, input=stdin, check=True, capture_output=True,
    )  # fmt: skip
    return ran.stdout.decode().strip()


def make_fork(place: Path, *commits: dict[str, str], dates: tuple[int, ...] = ()) -> Path:
    """A clone with the skeleton and then one commit for each set of files, a day apart unless dates are given."""
    place.mkdir(parents=True)
    git(place, "init", "-q", "-b", "main")
    for number, files in enumerate((SKELETON, *commits)):
        write(place, files)
        date = dates[number] if number < len(dates) else MONDAY + number * DAY
        git(place, "add", "-A")
        git(place, "commit", "-q", "--allow-empty", "-m", f"commit {number}", date=date)
    return place


def commit(fork: Path, files: dict[str, str], date: int = MONDAY) -> str:
    write(fork, files)
    git(fork, "add", "-A")
    git(fork, "commit", "-q", "-m", "more", date=date)
    return git(fork, "rev-parse", "HEAD")


def cohort_of(*forks: Path, settings: CohortSettings | None = None, name: str = "autumn") -> Cohort:
    students = tuple(Student(fork.name, str(fork)) for fork in forks)
    return Cohort(name, forks[0].parent, students, settings or CohortSettings())


def verdict_on(module: Module, *checks: Check, reason: str = "") -> ModuleVerdict:
    outcome = module_outcome(checks) if checks else Outcome.GRADER_ERROR
    return ModuleVerdict(
        module=module.id, session=module.session, title=module.title, core=module.core, outcome=outcome,
        checks=checks, reason=reason, seconds=0.01, cpu_seconds=0.01,
    )  # fmt: skip


def check(name: str, passed: bool, **more: object) -> Check:
    outcome = Outcome.PASSED if passed else Outcome.NOT_PASSED
    return Check.model_validate({"name": name, "title": f"{name} works", "outcome": outcome, **more})


@dataclass
class FakeGrader:
    """Passes what holds no TODO and no minus; counts what it was asked, and does as told for single digests."""

    told: dict[str, list[ModuleVerdict | Exception]] = field(default_factory=dict)
    asked: Counter[tuple[str, str]] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, module: Module, submission: Submission) -> ModuleVerdict:
        with self._lock:
            self.asked[module.id, submission.digest] += 1
            script = self.told.get(module.id)
            scripted = script.pop(0) if script else None
        if isinstance(scripted, Exception):
            raise scripted
        return scripted or judge(module, submission)

    @property
    def runs(self) -> int:
        return self.asked.total()


def judge(module: Module, submission: Submission) -> ModuleVerdict:
    text = b"".join(submission.files.values())
    return verdict_on(
        module,
        check("test_done", b"TODO" not in text and not submission.problems, hint="Replace the TODO."),
        check("test_right", b" - " not in text and b"TODO" not in text, message="add(1, 2) gives -1"),
    )


def run_batch(
    course: Course, cohort: Cohort, store: Path, grader: object = judge, *, slots: int = 2, **options: object
) -> Batch:
    """One whole batch run; the finished batch has the tally."""
    settings = {"modules": course.modules, "environment": "test", **options}
    with Store(store) as opened:
        batch = Batch(course, cohort, opened, BatchOptions(**settings))  # type: ignore[arg-type]
        batch.run(LocalPool(grader, slots))  # type: ignore[arg-type]
    return batch
