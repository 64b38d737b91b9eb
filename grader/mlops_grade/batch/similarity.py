"""What students wrote themselves, laid out for tools that compare it (Dolos, compare50)."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path

from mlops_grade.batch.gradebook.tables import harmless
from mlops_grade.batch.student import Student
from mlops_grade.course.discovery import Course, Module
from mlops_grade.course.submission import Submission, from_checkout


def export(course: Course, work: Iterable[tuple[Student, Module, Submission]], target: Path) -> int:
    """Write every submitted file that differs from the skeleton; give the number of files.

    `target/MODULE/students/STUDENT/…` are the files, `target/MODULE/skeleton/…` is what was given, for the tools' own
    option to leave it out (`dolos run --ignore`, `compare50 --distro`), and `target/MODULE/info.csv` tells Dolos whose
    is which.
    """
    count = 0
    skeletons: dict[str, Submission] = {}
    lists: dict[str, list[tuple[str, str]]] = {}
    for student, module, submission in work:
        if module.id not in skeletons:
            skeletons[module.id] = from_checkout(course.root, module)
            _write(target / module.id / "skeleton", skeletons[module.id].files)
        given = skeletons[module.id].files
        own = {path: data for path, data in submission.files.items() if given.get(path) != data}
        _write(target / module.id / "students" / student.slug, own)
        count += len(own)
        lists.setdefault(module.id, []).extend((f"students/{student.slug}/{path}", student.id) for path in own)
    for module_id, rows in lists.items():
        with (target / module_id / "info.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(("filename", "full_name"))
            writer.writerows((path, harmless(name)) for path, name in rows)
    return count


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    for path, data in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
