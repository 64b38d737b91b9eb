"""Which modules changed since a commit: what CI grades after a push.

The checkout may be anyone's: git never runs in it, and its objects are read as those of a collected fork are.
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from mlops_grade.batch import git, intake, local_repository
from mlops_grade.course.discovery import Module
from mlops_grade.course.submission import from_checkout
from mlops_grade.errors import GraderError

# What may be typed for a commit: a branch, a tag or an id, and steps back from there.
_COMMIT = re.compile(r"([\w./@-]+?)((?:[~^][0-9]*)*)")


def changed_since(root: Path, commit: str, modules: tuple[Module, ...]) -> tuple[Module, ...]:
    """The modules of which a handed-in file differs from that commit; all of them where that cannot be known.

    It cannot without a complete repository of its own (a linked work tree is none) or without such a commit.
    """
    root = root.expanduser().resolve()
    top = next((place for place in (root, *root.parents) if (place / ".git").exists()), None)
    if top is None:
        return modules
    try:
        with tempfile.TemporaryDirectory(prefix="mlops-grade-") as scratch:
            place = local_repository.git_folder(top)
            repository, named = _stand_in(Path(scratch), place, commit)
            with git.Objects(repository) as objects:
                then = intake.read_commit(objects, named)
                if then is None:
                    return modules
                prefix = root.relative_to(top).as_posix()
                tree = then.tree if prefix == "." else intake.folder_tree(objects, then.tree, prefix)
                return tuple(module for module in modules if _changed(objects, tree, root, module))
    except (local_repository.Unusable, GraderError, OSError):
        return modules


def _stand_in(scratch: Path, place: Path, commit: str) -> tuple[Path, str]:
    """A repository of ours with the objects of the one at `place`, and the full id of the commit that was named."""
    found = _COMMIT.fullmatch(commit)
    if found is None:
        raise local_repository.Unusable(f"{commit!r} names no commit")
    base, steps = found.groups()
    head = local_repository.tip(place, "")
    repository = local_repository.stand_in(scratch, place, head)
    try:
        start = head if base in ("HEAD", "@") else local_repository.tip(place, base)
    except local_repository.Unusable:
        if not re.fullmatch("[0-9a-f]{4,40}", base):
            raise
        start = base
    return repository, git.must(repository, "rev-parse", "--verify", f"{start}{steps}^{{commit}}").strip()


def _changed(objects: git.Objects, root_tree: str, root: Path, module: Module) -> bool:
    tree = intake.folder_tree(objects, root_tree, module.folder) if root_tree else ""
    return intake.from_tree(objects, tree, module).digest != from_checkout(root, module).digest
