"""A cohort: who its students are, where their work is, and what its `cohort.toml` lays down."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from mlops_grade.batch import places
from mlops_grade.batch.roster import read_roster
from mlops_grade.batch.settings import SETTINGS, CohortSettings, load_settings, nearest
from mlops_grade.batch.student import Student
from mlops_grade.course.allowlist import SKIPPED_FOLDERS
from mlops_grade.errors import UsageError


@dataclass(frozen=True)
class Cohort:
    """The students in the roster's order, and the settings."""

    name: str
    place: Path
    students: tuple[Student, ...]
    settings: CohortSettings = field(default_factory=CohortSettings)
    remarks: tuple[str, ...] = ()

    def student(self, word: str) -> Student:
        """The student of that id, or of that LMS id or e-mail address in any case. Raises UsageError without one."""
        exact = [student for student in self.students if student.id == word]
        folded = word.strip().casefold()
        found = exact or [student for student in self.students if folded and folded in map(str.casefold, _ids(student))]
        if len({student.id for student in found}) > 1:
            several = ", ".join(student.id for student in found)
            raise UsageError(f"{word!r} could be several students of the cohort {self.name!r}: name one of {several}")
        if found:
            return found[0]
        known = [name for one in self.students for name in _ids(one) if name]
        hint = nearest(word, known, "there are")
        raise UsageError(f"there is no student {word!r} in the cohort {self.name!r}: {hint}")


def _ids(student: Student) -> tuple[str, ...]:
    return student.id, student.lms_id, student.canvas_id, student.email


def load_cohort(place: Path, pattern: str | None = None) -> Cohort:
    """A roster file; a folder that holds one; or a folder of clones. Raises UsageError that says what was expected."""
    if not place.exists():
        raise UsageError(f"{place}: there is no such roster or folder")
    folder = place if place.is_dir() else place.parent
    settings = load_settings(folder / SETTINGS)
    if pattern:
        settings = settings.model_copy(update={"pattern": pattern})
    roster = folder / settings.roster if place.is_dir() else place
    # The same cohort bears the same name whether its folder or the roster in it was named.
    name = settings.name or (folder.resolve().name if roster == folder / settings.roster else place.stem)
    read = None
    if roster.is_file():
        read = read_roster(roster, settings.repository)
        students = read.students
    elif "roster" in settings.model_fields_set:
        raise UsageError(f"{folder / SETTINGS}: the roster {settings.roster!r} is not there")
    else:
        students = tuple(_clones(folder, settings.pattern))
    if not students:
        raise UsageError(
            f"{place}: no student in it. Expected a roster (CSV with the columns student and repository), or a folder "
            f"of clones named like {settings.pattern!r}."
        )
    return Cohort(name, folder, students, settings, read.remarks if read else ())


def _clones(folder: Path, pattern: str) -> Iterator[Student]:
    """Every folder that is named like the pattern is one student's; what of it can be graded is found out later."""
    if "{student}" not in pattern:
        raise UsageError(f"the name pattern {pattern!r} must hold {{student}}, as in 'mlops-{{student}}'")
    before, _, after = pattern.partition("{student}")
    named = re.compile(f"{re.escape(before)}(.+){re.escape(after)}", re.DOTALL)
    for path in sorted(folder.iterdir()):
        packed = places.ARCHIVES.fullmatch(path.name) if path.is_file() else None
        match = named.fullmatch(packed[1] if packed else path.name)
        if not match or path.name.startswith(".") or path.name in SKIPPED_FOLDERS or _is_ours(path):
            continue
        student = match[1].encode(errors="backslashreplace").decode()
        if packed and not path.with_name(packed[1]).exists():
            yield Student(student, str(path.absolute()), trouble="is an archive: unpack it into a folder of that name")
        elif path.is_dir():
            yield _owner(student, path, folder)


def _owner(student: str, path: Path, folder: Path) -> Student:
    """The student whose folder that is. A link may lead to another folder beside it, and nowhere else."""
    if not path.is_symlink():
        return Student(student, str(path.absolute()))
    target = path.resolve()
    if target.is_relative_to(folder.resolve()) and target != folder.resolve():
        return Student(student, str(target))
    return Student(student, str(path.absolute()), trouble="is a link that leads elsewhere: put the work itself there")


def _is_ours(path: Path) -> bool:
    """Whether a batch wrote that folder: its report, or what it exported for a comparison."""
    return (path / "gradebook.json").is_file() or next(path.glob("m[0-9]*/info.csv"), None) is not None
