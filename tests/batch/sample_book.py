"""A gradebook of any size without a single repository: rows put straight into a store. Seeded."""

from __future__ import annotations

import random
from pathlib import Path

from builders import MONDAY, check, verdict_on, write
from mlops_grade.batch.cohort import Cohort
from mlops_grade.batch.gradebook import Gradebook
from mlops_grade.batch.ledger import Fork, HandedIn, Ledger
from mlops_grade.batch.settings import CohortSettings
from mlops_grade.batch.store import Key, Store
from mlops_grade.batch.student import Student
from mlops_grade.course.discovery import Course, load_course

SESSIONS = ("development", "organisation", "reproducibility", "debugging", "ci", "cloud", "deployment", "monitoring")
PEOPLE = ("Ada Lund", "Bo Maximilian Østergaard-Christensen", "Chidi Okonkwo", "Dana Novák", "Elif Yıldız")
HOSTILE = "</script><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"


def sample_course(root: Path, modules: int) -> Course:
    for number in range(1, modules + 1):
        session = (number - 1) * len(SESSIONS) // modules
        folder = f"s{session + 1}_{SESSIONS[session]}/m{number:02}_topic{number}"
        core = str(number % 3 != 0).lower()
        write(root, {f"{folder}/module.toml": f'title = "Topic {number}"\ncore = {core}\nsubmit = ["work.py"]\n'})
    return load_course(root)


def _student(name: str) -> Student:
    repository = f"https://git.example.org/{name}/exercises.git"
    person = PEOPLE[int(name[1:]) % len(PEOPLE)]
    return Student(name, repository, email=f"{person.split()[0].lower()}.{name}@example.org", name=person)


def sample_book(folder: Path, students: int, modules: int, seed: int = 0) -> Gradebook:
    """Students of every ability; some forks are missing, some verdicts flaky, one message hostile."""
    draw = random.Random(seed)
    course = sample_course(folder / "course", modules)
    names = [f"s{26_0000 + number}" for number in range(students)]
    cohort = Cohort("MLOps autumn 2027", folder, tuple(map(_student, names)), CohortSettings())
    store = Store(folder / "verdicts.sqlite")
    ledger = Ledger(store, cohort.name)
    store.database.execute("PRAGMA synchronous = OFF")
    units: dict[tuple[str, str], int] = {}
    for position, name in enumerate(names):
        if position % 40 == 39:
            ledger.save_fork(Fork(name, f"/forks/{name}", reason="there is no such repository, or no right to read it"))
            continue
        ledger.save_fork(Fork(name, _student(name).repository, tip="f" * 40, commit="f" * 40, committed=MONDAY))
        ability, reached = draw.random(), 2 * draw.random() ** 0.5
        rows = []
        for place, module in enumerate(course.modules):
            untouched = place / len(course.modules) > reached
            kind = "skeleton" if untouched else "right" if draw.random() < ability**0.2 else f"wrong{draw.randrange(9)}"
            if (module.id, kind) not in units:
                unit = store.unit(Key(module.id, kind, "suite", "environment", "timeout=60", 1))
                units[module.id, kind] = unit
                missed = {"skeleton": range(8), "right": ()}.get(kind, (int(kind[-1]) % 8, 7) if kind[0] == "w" else ())
                checks = [
                    check(
                        f"test_part_{number}", number not in missed, hint="Read the second task again.",
                        message="" if number not in missed else HOSTILE if kind == "wrong1" else "the mean is not 0",
                        **({"expected": "0.0", "got": "0.31"} if number in missed else {}),
                    )
                    for number in range(8)
                ]  # fmt: skip
                if kind == "wrong4":
                    store.add(unit, verdict_on(module, *(c.model_copy(update={"reason": "timeout"}) for c in checks)))
                    checks = [check(f"test_part_{number}", True) for number in range(8)]
                store.add(unit, verdict_on(module, *checks))
            rows.append(HandedIn(name, module.id, units[module.id, kind], MONDAY, untouched))
        ledger.hand_in(rows)
    return Gradebook(cohort, course.modules, store)
