"""How good the exam is: what each check caught, which checks are suspicious, and who handed in the same files."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from mlops_grade.batch.gradebook.book import Gradebook
from mlops_grade.course.discovery import Module
from mlops_grade.course.submission import Submission, from_folder

MIN_SUSPECTS = 3
STANDARD_ERRORS = 2


@dataclass(frozen=True)
class CheckQuality:
    """One check over all students who touched its module.

    `alone` of the `failed` pass every other required check of the module. `discrimination` is the point-biserial
    correlation of passing it with the student's share of all other checks; None where it is undefined.
    """

    module: str
    name: str
    title: str
    students: int
    failed: int
    alone: int
    discrimination: float | None

    @property
    def suspicion(self) -> str:
        """Why somebody should look at this check; empty when there is no reason."""
        if self.failed >= MIN_SUSPECTS and self.alone == self.failed:
            return "only students who pass everything else in the module fail it"
        # Without any relation the correlation of n students scatters around 0 by about 1 / sqrt(n).
        chance = STANDARD_ERRORS / math.sqrt(self.students) if self.students else 1.0
        if self.discrimination is not None and self.discrimination < -chance:
            return "strong students fail it more often than weak ones"
        return ""


@dataclass(frozen=True)
class Duplicates:
    """Students whose files of a module are the same, byte for byte, and are not the skeleton."""

    module: str
    submission: str
    students: tuple[str, ...]
    solution: bool


def check_quality(book: Gradebook) -> list[CheckQuality]:
    """Every check that some verdict holds, in the order of modules and suites."""
    shares: dict[str, tuple[int, int]] = {}
    samples: defaultdict[tuple[str, str], list[tuple[str, bool, bool]]] = defaultdict(list)
    for row in book.rows:
        passed = total = 0
        for cell in row.cells.values():
            if cell.unit is None or cell.untouched:
                continue
            passed += cell.unit.passed_checks
            total += len(cell.unit.results)
            missed = {name for name, good in cell.unit.results if not good and name in cell.unit.required}
            for name, good in cell.unit.results:
                samples[cell.module, name].append((row.student.id, good, not good and missed <= {name}))
        shares[row.student.id] = passed, total
    found = []
    for module in book.modules:
        for name, check in book.checks(module.id).items():
            seen = samples[module.id, name]
            found.append(
                CheckQuality(
                    module.id,
                    name,
                    check.title,
                    len(seen),
                    sum(not good for _, good, _ in seen),
                    sum(alone for _, _, alone in seen),
                    _discrimination(seen, shares),
                )
            )
    return found


def _discrimination(seen: Iterable[tuple[str, bool, bool]], shares: dict[str, tuple[int, int]]) -> float | None:
    """The item-rest correlation: the check itself is left out of the student's share."""
    pairs = []
    for student, good, _ in seen:
        passed, total = shares[student]
        if total > 1:
            pairs.append((float(good), (passed - good) / (total - 1)))
    return point_biserial(pairs)


def point_biserial(pairs: list[tuple[float, float]]) -> float | None:
    """Pearson's correlation of a dichotomous with a continuous value; None without spread in either."""
    count = len(pairs)
    if count < 3:
        return None
    mean_x, mean_y = sum(x for x, _ in pairs) / count, sum(y for _, y in pairs) / count
    spread_x = sum((x - mean_x) ** 2 for x, _ in pairs)
    spread_y = sum((y - mean_y) ** 2 for _, y in pairs)
    if spread_x < 1e-12 or spread_y < 1e-12:
        return None
    return sum((x - mean_x) * (y - mean_y) for x, y in pairs) / math.sqrt(spread_x * spread_y)


def duplicates(book: Gradebook) -> list[Duplicates]:
    """Groups of two and more students with equal files of a module, the skeleton aside; equal to the solution last.

    A team's rows have one repository, and are no finding of their own.
    """
    holders: defaultdict[int, list[str]] = defaultdict(list)
    places: defaultdict[int, set[str]] = defaultdict(set)
    for row in book.rows:
        for cell in row.cells.values():
            if cell.unit and not cell.untouched:
                holders[cell.unit.unit].append(row.student.id)
                places[cell.unit.unit].add(row.student.repository)
    solutions = {module.id: solution(module).digest for module in book.modules}
    found = [
        Duplicates(unit.module, unit.submission, tuple(holders[unit.unit]), unit.submission == solutions[unit.module])
        for unit in map(book.unit, holders)
        if len(places[unit.unit]) > 1
    ]
    return sorted(found, key=lambda group: (group.solution, -len(group.students), group.module))


def solution(module: Module) -> Submission:
    """The reference solution as a submission."""
    return from_folder(module.hidden / "solution", module.settings.submit)
