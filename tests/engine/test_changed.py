"""Which modules CI grades after a push: those with a changed file, read without running git in the checkout."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

import small_course
from mlops_grade.commands.changed import changed_since
from mlops_grade.course.discovery import Course, Module


def git(folder: Path, *words: str) -> str:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", "-C", str(folder), *identity, *words], capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture(params=[".", "teaching/mlops"], ids=["at the top", "below the top"])
def checkout(request: pytest.FixtureRequest, course: Course, module: Module, tmp_path: Path) -> Path:
    """A student's checkout with right work in one commit, at the top of its repository or below it."""
    root = tmp_path / "repository" / str(request.param)
    small_course.hand_in(root, module, {})
    git(tmp_path, "init", "-q", "-b", "main", "repository")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "right")
    return root


def test_nothing_has_changed_after_the_commit(course: Course, checkout: Path) -> None:
    assert changed_since(checkout, "HEAD", course.modules) == ()


def test_a_file_that_is_not_handed_in_is_no_change(course: Course, module: Module, checkout: Path) -> None:
    (checkout / module.folder / "README.md").write_text("no matter\n")
    assert changed_since(checkout, "HEAD", course.modules) == ()


@pytest.mark.parametrize("committed", [False, True])
def test_a_handed_in_file_is(course: Course, module: Module, checkout: Path, committed: bool) -> None:
    before = git(checkout, "rev-parse", "HEAD")
    (checkout / module.folder / "program.py").write_text("print(1)\n")
    if committed:
        git(checkout, "commit", "-q", "-a", "-m", "changed")
    assert changed_since(checkout, before, course.modules) == course.modules


def test_a_file_that_is_gone_is(course: Course, module: Module, checkout: Path) -> None:
    (checkout / module.folder / "data/rows.csv").unlink()
    assert changed_since(checkout, "main", course.modules) == course.modules


@pytest.mark.parametrize("name", ["HEAD~1", "@^", "before", "main~1", "short", "full", "annotated"])
def test_a_commit_has_many_names(course: Course, module: Module, checkout: Path, name: str) -> None:
    first = git(checkout, "rev-parse", "HEAD")
    git(checkout, "branch", "before")
    git(checkout, "tag", "-a", "-m", "x", "annotated")
    (checkout / module.folder / "program.py").write_text("print(1)\n")
    git(checkout, "commit", "-q", "-a", "-m", "changed")
    assert changed_since(checkout, "HEAD", course.modules) == ()
    named = {"short": first[:9], "full": first}.get(name, name)
    assert changed_since(checkout, named, course.modules) == course.modules
    (checkout / module.folder / "program.py").write_bytes(git_show(checkout, first, module))
    assert changed_since(checkout, named, course.modules) == ()


def git_show(checkout: Path, commit: str, module: Module) -> bytes:
    words = ["git", "-C", str(checkout), "show", f"{commit}:./{module.folder}/program.py"]
    return subprocess.run(words, capture_output=True, check=True).stdout


@pytest.mark.parametrize("name", ["0" * 40, "nowhere", "--output=x", ":/right", "HEAD:x", "HEAD@{1}", "", "a b"])
def test_where_the_commit_is_not_known_everything_is_graded(course: Course, checkout: Path, name: str) -> None:
    assert changed_since(checkout, name, course.modules) == course.modules


def test_without_a_repository_everything_is_graded(course: Course, tmp_path: Path, module: Module) -> None:
    small_course.hand_in(tmp_path, module, {})
    assert changed_since(tmp_path, "HEAD", course.modules) == course.modules


def test_nothing_that_the_checkout_configures_is_run(
    course: Course, checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark, trap = tmp_path / "the trap was run", tmp_path / "trap.sh"
    trap.write_text(f'#!/bin/sh\ntouch "{mark}"\nexit 1\n')
    trap.chmod(0o755)
    head = git(checkout, "rev-parse", "HEAD")
    for key in ("core.fsmonitor", "core.pager", "core.sshCommand", "filter.trap.clean", "filter.trap.smudge",
                "diff.external", "diff.trap.textconv", "core.alternateRefsCommand"):  # fmt: skip
        git(checkout, "config", key, str(trap))
    (checkout / ".gitattributes").write_text("* filter=trap diff=trap\n")
    hooks = tmp_path / "repository/.git/hooks"
    hooks.mkdir(exist_ok=True)
    (hooks / "post-index-change").symlink_to(trap)
    os.utime(checkout / "s1_first/m01_numbers/program.py")
    mark.unlink(missing_ok=True)
    assert changed_since(checkout, head, course.modules) == ()
    assert not mark.exists()
