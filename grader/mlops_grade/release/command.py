"""`mlops-grade release OUT`: make the students' repository, and prove it before anybody gets it."""

from __future__ import annotations

import re
import shutil
import zipfile
from pathlib import Path

from rich.console import Console

from mlops_grade.course.discovery import Course
from mlops_grade.course.sealing import PUBLIC_SECRET, Key, key_at_hand, key_from
from mlops_grade.errors import GraderError, UsageError
from mlops_grade.release import check
from mlops_grade.release.contents import OWN_COPY, contents, template, tracked


def release(
    course: Course,
    out: Path,
    console: Console,
    key_file: Path | None = None,
    use_key: bool = False,
    public: tuple[str, ...] = (),
    allow_changes: bool = False,
    run_checks: bool = True,
    jobs: int | None = None,
    grader: str | None = None,
) -> None:
    """Write the release into `out`, an empty folder or an earlier release, and check it.

    `grader` is where the students' workflow takes the grader and the suites from: `OWNER/REPOSITORY@COMMIT`, a release
    that was published. Raises UsageError for what cannot be released, GraderError when the release proves wrong.
    """
    public_key = key_from(PUBLIC_SECRET)
    key = _key(key_file, use_key) or public_key
    files = contents(course, tracked(course.root, allow_changes), key, public_key, frozenset(public), _action(grader))
    hidden = check.marks(course, files)
    _refuse(check.hidden_in(files, hidden), "the release would show what is hidden")
    _write(files, out, course.root)
    _refuse(check.hidden_in(check.history_of(out), hidden), f"the history of {out} shows what is hidden")
    if run_checks:
        _refuse(check.skeletons_that_do_not_import(out), "a skeleton cannot be imported")
        _refuse(check.modules_without_an_answer(out, jobs), "the release does not answer as it should")
    sealed = f"sealed with key {key.name}" + (f", {', '.join(public)} public" if public and not key.public else "")
    console.print(f"{out}: {len(files)} files, {len(course.modules)} suites {sealed}", markup=False)
    if grader is None:
        console.print(
            "The workflow in it grades with each student's own copy of the grader: feedback for them, and no proof for "
            "you. To have it use the published one, say --grader OWNER/REPOSITORY@COMMIT (docs/instructors.md).",
            style="yellow",
            markup=False,
        )


def _action(grader: str | None) -> str:
    """The action that the students' workflow uses. Raises UsageError for what names no published grader."""
    if grader is None:
        return OWN_COPY
    found = re.fullmatch(r"([A-Za-z0-9][\w.-]*/[\w.-]+)@([\w./-]+)", grader)
    if found is None:
        raise UsageError(
            f"--grader {grader}: expected OWNER/REPOSITORY@COMMIT, the published students' repository and one of its "
            "commits (or tags)"
        )
    return f"{found[1]}/grader@{found[2]}"


def _key(key_file: Path | None, use_key: bool) -> Key | None:
    if not use_key and key_file is None:
        return None
    key = key_at_hand(key_file)
    if key is None:
        raise UsageError("--key: set MLOPS_GRADE_KEY, or name a --key-file")
    return key


def _refuse(found: list[str], what: str) -> None:
    if found:
        more = f" (and {len(found) - 3} more)" if len(found) > 3 else ""
        raise GraderError(f"{what}: {'; '.join(found[:3])}{more}")


def _write(files: dict[str, bytes], out: Path, root: Path) -> None:
    """Make `out` hold exactly these files; its .git stays. Raises UsageError for a folder that holds something else."""
    if out.resolve() == root.resolve() or root.resolve().is_relative_to(out.resolve()):
        raise UsageError(f"{out} holds the course itself: name another folder")
    marker = out / ".github" / "workflows" / "grade.yml"
    if out.exists() and any(path.name != ".git" for path in out.iterdir()) and not marker.exists():
        raise UsageError(f"{out} is neither empty nor an earlier release: name another folder")
    out.mkdir(parents=True, exist_ok=True)
    for path in out.iterdir():
        if path.name != ".git":
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    for name, data in files.items():
        place = out / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
        if data[:2] == b"#!":
            place.chmod(0o755)


def write_gradescope(release_folder: Path, archive: Path, console: Console) -> None:
    """Write Gradescope's autograder: setup.sh, run_autograder and the release, as a zip with fixed dates."""
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        entries = {name: template(f"gradescope/{name}") for name in ("setup.sh", "run_autograder")}
        for path in sorted(release_folder.rglob("*")):
            relative = path.relative_to(release_folder)
            if path.is_file() and relative.parts[0] not in (".git", ".mlops-grade"):
                entries[f"course/{relative.as_posix()}"] = path.read_bytes()
        for name, data in entries.items():
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.external_attr = (0o755 if data[:2] == b"#!" else 0o644) << 16
            file.writestr(entry, data, zipfile.ZIP_DEFLATED)
    console.print(f"{archive}: upload it as the assignment's autograder", markup=False)
