"""`--watch`: grade again when a handed-in file is saved. The warm processes stay, so an answer takes a moment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from watchfiles import Change, watch

from mlops_grade.course.allowlist import matches
from mlops_grade.course.discovery import Module

QUIET_MILLISECONDS = 30


def changed_modules(root: Path, modules: tuple[Module, ...]) -> Iterator[tuple[Module, ...]]:
    """The modules whose handed-in files were saved, each time some were. Ends with KeyboardInterrupt."""
    folders = [root / module.folder for module in modules if (root / module.folder).is_dir()]

    def relevant(_: Change, path: str) -> bool:
        return any(_concerns(root, module, path) for module in modules)

    for changes in watch(*folders, watch_filter=relevant, step=QUIET_MILLISECONDS, debounce=200, raise_interrupt=True):
        touched = tuple(module for module in modules if any(_concerns(root, module, path) for _, path in changes))
        if touched:
            yield touched


def _concerns(root: Path, module: Module, path: str) -> bool:
    folder = root / module.folder
    place = Path(path)
    return place.is_relative_to(folder) and matches(place.relative_to(folder).as_posix(), module.settings.submit)


def regrade(
    root: Path, modules: tuple[Module, ...], grade: Callable[[tuple[Module, ...]], None], say: Callable[[str], None]
) -> None:
    """Grade once, then whenever something is saved, until ctrl-C."""
    grade(modules)
    say("Watching: save a file to grade again, ctrl-C to stop.")
    for touched in changed_modules(root, modules):
        grade(touched)
