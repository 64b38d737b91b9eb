"""Of `mlops-grade doctor --security`: what a fork says to the git that collects it, and whether it is believed.

The fork is made by hand from objects and a configuration that no git would write.
"""

from __future__ import annotations

import os
from pathlib import Path

from mlops_grade.batch import git, intake
from mlops_grade.batch.collect import Collector
from mlops_grade.batch.settings import CohortSettings
from mlops_grade.batch.student import Student

NAMESPACE = "security"
EARLY, DEADLINE, LATE = 1_790_000_000, 1_790_100_000, 1_790_200_000


def worked(folder: Path) -> set[str]:
    """Which of the tries succeeded: `fork_program`, `fork_parent`. Raises GraderError where git is missing."""
    alice, bob, mark = folder / "alice.git", folder / "bob.git", folder / "a program of the fork was run"
    _commit(alice, "alice", EARLY)
    # Git knows of no parent after the committer, where a careless reader of commits finds one.
    _commit(bob, "bob", LATE, f"parent refs/forks/{NAMESPACE}/alice")
    _configure(bob, mark)
    collector = Collector(folder / "forks.git", NAMESPACE, CohortSettings(fetch_timeout=60), jobs=1)
    tips = {name: collector.fetch(Student(name, str(folder / f"{name}.git"))).tip for name in ("alice", "bob")}
    with git.Objects(collector.repository) as objects:
        late = intake.last_before(objects, tips["bob"], DEADLINE) if tips["bob"] else None
    return ({"fork_program"} if mark.exists() else set()) | ({"fork_parent"} if late else set())


def _commit(repository: Path, who: str, date: int, *headers: str) -> None:
    """Make a repository whose main branch is one commit, with header lines of one's own behind the usual ones."""
    repository.mkdir()
    git.must(repository, "init", "--quiet", "--bare", "--template=")
    tree = git.must(repository, "mktree").strip()
    person = f"{who} <{who}@example.org> {date} +0000"
    lines = (f"tree {tree}", f"author {person}", f"committer {person}", *headers, "", who, "")
    options = ("-t", "commit", "-w", "--literally", "--stdin")
    commit = git.must(repository, "hash-object", *options, stdin="\n".join(lines).encode()).strip()
    git.must(repository, "update-ref", "refs/heads/main", commit)
    (repository / "HEAD").write_text("ref: refs/heads/main\n")


def _configure(repository: Path, mark: Path) -> None:
    """Name a program wherever git runs one by configuration, and put it among the hooks."""
    program = repository / "hooks" / "post-checkout"
    program.parent.mkdir(exist_ok=True)
    program.write_text(f'#!/bin/sh\ntouch "{mark}"\n')
    program.chmod(0o755)
    for hook in ("reference-transaction", "post-update", "pre-receive", "update", "pre-auto-gc"):
        os.link(program, program.with_name(hook))
    settings = {
        "core": ("fsmonitor", "sshCommand", "askPass", "gitProxy", "alternateRefsCommand", "pager"),
        "uploadpack": ("packObjectsHook",),
        "credential": ("helper",),
    }
    with (repository / "config").open("a") as file:
        for section, names in settings.items():
            file.write(f"[{section}]\n" + "".join(f'\t{name} = "{program}"\n' for name in names))
