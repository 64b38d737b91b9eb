"""Collecting forks that nobody vouches for: what is taken, what is refused, and that nothing of theirs is run."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import given

from builders import ADD, MONDAY, RIGHT, commit, git, make_fork, write
from mlops_grade.batch import git as safe_git
from mlops_grade.batch import intake
from mlops_grade.batch.collect import Collector, Fetched
from mlops_grade.batch.settings import CohortSettings
from mlops_grade.batch.student import Student
from mlops_grade.course.discovery import Course
from mlops_grade.course.submission import Submission, from_checkout


@pytest.fixture
def collector(tmp_path: Path) -> Collector:
    return Collector(tmp_path / "forks.git", "autumn", CohortSettings(fetch_timeout=20, max_fork_mib=8), jobs=4)


def fetch(collector: Collector, place: Path | str, ref: str = "") -> Fetched:
    return collector.fetch(Student("ada", str(place), ref))


def submission(collector: Collector, tip: str, course: Course, module: str) -> Submission:
    with safe_git.Objects(collector.repository) as objects:
        commit = intake.read_commit(objects, tip)
        assert commit is not None
        tree = intake.folder_tree(objects, commit.tree, course.module(module).folder)
        return intake.from_tree(objects, tree, course.module(module))


def trap(fork: Path) -> Path:
    """A program that must never run, and the file that it would leave."""
    mark = fork.parent / f"{fork.name} was run"
    program = fork.parent / "trap.sh"
    program.write_text(f'#!/bin/sh\ntouch "{mark}"\nexit 1\n')
    program.chmod(0o755)
    return mark


@pytest.fixture
def served(tmp_path: Path) -> Iterator[str]:
    """The test's folder as a web server on loopback: repositories in it are cloned by git's plain HTTP."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=tmp_path))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


# What is taken


def test_the_tip_of_the_default_branch_is_collected(collector: Collector, tmp_path: Path) -> None:
    fork = make_fork(tmp_path / "ada", RIGHT)
    assert fetch(collector, fork).tip == git(fork, "rev-parse", "HEAD")


@pytest.mark.parametrize("packed", [False, True])
def test_a_branch_a_tag_or_a_commit_can_be_named(collector: Collector, tmp_path: Path, packed: bool) -> None:
    fork = make_fork(tmp_path / "ada")
    first = git(fork, "rev-parse", "HEAD")
    git(fork, "branch", "exam")
    git(fork, "tag", "-a", "-m", "handed in", "v1")
    commit(fork, RIGHT)
    if packed:
        git(fork, "pack-refs", "--all")
    assert [fetch(collector, fork, ref).tip for ref in ("exam", "v1", first)] == [first] * 3


def test_forks_share_what_they_have_in_common(collector: Collector, tmp_path: Path) -> None:
    upstream = make_fork(tmp_path / "upstream", {"data.bin": "x" * 500_000})
    for name in ("ada", "bob", "cyd"):
        git(tmp_path, "clone", "-q", str(upstream), name)
        commit(tmp_path / name, {"mine.txt": name})
    students = [Student(name, str(tmp_path / name)) for name in ("ada", "bob", "cyd")]
    fetched = list(collector.collect(students, lambda _: ""))
    assert all(one.tip for one in fetched)
    objects = git(collector.repository, "cat-file", "--batch-all-objects", "--batch-check=%(objecttype)").splitlines()
    assert objects.count("commit") == 2 + 3


def test_a_fork_on_a_web_server_is_collected(collector: Collector, tmp_path: Path, served: str) -> None:
    fork = make_fork(tmp_path / "ada", RIGHT)
    git(fork, "update-server-info")
    assert fetch(collector, f"{served}/ada/.git").tip == git(fork, "rev-parse", "HEAD")


def test_an_unchanged_fork_on_a_server_is_not_downloaded_again(
    collector: Collector, tmp_path: Path, served: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fork = make_fork(tmp_path / "ada", RIGHT)
    git(fork, "update-server-info")
    student = Student("ada", f"{served}/ada/.git")
    tip = collector.fetch(student).tip
    monkeypatch.setattr(collector, "_fetched", None)  # a download would fail now
    assert collector.fetch(student, lambda _: tip).tip == tip


def test_a_server_that_names_a_commit_it_does_not_have_is_refused(
    collector: Collector, tmp_path: Path, served: str
) -> None:
    hers = fetch(collector, make_fork(tmp_path / "ada", RIGHT)).tip
    bob = make_fork(tmp_path / "bob")
    write(bob, {".git/info/refs": f"{hers}\trefs/heads/main\n"})
    assert "damaged" in collector.fetch(Student("bob", f"{served}/bob/.git")).reason


def test_an_unchanged_fork_is_not_fetched_again(collector: Collector, tmp_path: Path) -> None:
    fork = make_fork(tmp_path / "ada")
    tip = fetch(collector, fork).tip
    collector.repository.rename(tmp_path / "moved")  # a fetch would fail now
    assert collector.fetch(Student("ada", str(fork)), lambda _: tip).tip == tip


def test_files_from_git_have_the_digest_that_they_have_in_a_checkout(
    collector: Collector, course: Course, tmp_path: Path
) -> None:
    fork = make_fork(tmp_path / "ada", {**RIGHT, "s2_more/m02_tree/src/deep/er.py": "X = 1\n"})
    (fork / "s2_more/m02_tree/main.py").unlink()
    (fork / "s2_more/m02_tree/main.py").symlink_to("/etc/passwd")
    (fork / "s2_more/m02_tree/src/link.py").symlink_to("given.py")
    (fork / "s2_more/m02_tree/src/sub").symlink_to("deep")
    tip = commit(fork, {"s2_more/m02_tree/src/__pycache__/junk.py": "no\n"})
    assert fetch(collector, fork).tip == tip
    for module in course.modules:
        expected = from_checkout(fork, module)
        found = submission(collector, tip, course, module.id)
        assert (set(found.files), set(found.problems)) == (set(expected.files), set(expected.problems))
        assert found.digest == expected.digest


@pytest.mark.parametrize("in_place", ["nothing", "a folder", "a file for its folder", "no module at all"])
def test_what_is_missing_is_told_as_for_a_checkout(
    collector: Collector, course: Course, tmp_path: Path, in_place: str
) -> None:
    fork = make_fork(tmp_path / "ada")
    git(fork, "rm", "-q", "-r", "s1_basics")
    files = {
        "nothing": {"s1_basics/m01_add/x": ""},
        "a folder": {f"{ADD}/x": ""},
        "a file for its folder": {"s1_basics/m01_add": ""},
    }
    tip = commit(fork, files.get(in_place, {"x": ""}))
    fetch(collector, fork)
    found = submission(collector, tip, course, "m01")
    assert found.files == {}
    if in_place != "a file for its folder":
        assert found.digest == from_checkout(fork, course.module("m01")).digest
    assert len(found.problems) == 1


# What is refused, with a reason


def reason(collector: Collector, place: Path | str, ref: str = "") -> str:
    fetched = fetch(collector, place, ref)
    assert fetched.tip == ""
    return fetched.reason


def test_an_empty_fork(collector: Collector, tmp_path: Path, served: str) -> None:
    (tmp_path / "ada").mkdir()
    git(tmp_path / "ada", "init", "-q")
    git(tmp_path / "ada", "update-server-info")
    assert "is empty" in reason(collector, tmp_path / "ada")


@pytest.mark.parametrize("packed", [False, True])
def test_commits_on_another_than_the_default_branch_are_named(
    collector: Collector, tmp_path: Path, served: str, packed: bool
) -> None:
    fork = make_fork(tmp_path / "ada")
    git(fork, "branch", "-m", "work/of ada".replace(" ", "-"))
    git(fork, "symbolic-ref", "HEAD", "refs/heads/main")
    if packed:
        git(fork, "pack-refs", "--all")
    git(fork, "update-server-info")
    for place in (fork, f"{served}/ada/.git"):
        assert "its commits are on `work/of-ada`: name it in the roster's ref" in reason(collector, place)
        assert fetch(collector, place, "work/of-ada").tip


def clone(tmp_path: Path, *options: str) -> Path:
    """A clone of a fork with two commits, made with options that leave something out."""
    fork = make_fork(tmp_path / "fork", RIGHT)
    commit(fork, {ADD: "def add(a, b):\n    return 0\n"})
    git(fork, "config", "uploadpack.allowFilter", "true")
    git(tmp_path, "clone", "-q", *options, fork.as_uri(), "ada")
    return tmp_path / "ada"


def test_a_shallow_clone_is_called_one(collector: Collector, tmp_path: Path) -> None:
    assert "is a shallow clone" in reason(collector, clone(tmp_path, "--depth", "1"))


def test_a_partial_clone_is_called_one_and_asks_nobody_for_more(collector: Collector, tmp_path: Path) -> None:
    partial_clone = clone(tmp_path, "--filter=blob:none", "--no-checkout")
    assert "is a partial clone" in reason(collector, partial_clone)
    assert git(partial_clone, "rev-list", "--objects", "--missing=print", "HEAD").count("?"), "nothing was downloaded"


def test_a_partial_clone_that_has_all_objects_is_graded(collector: Collector, tmp_path: Path) -> None:
    whole = clone(tmp_path, "--filter=blob:none")
    for each in git(whole, "rev-list", "main").split():
        git(whole, "checkout", "-q", each)  # brings what is missing of it
    git(whole, "checkout", "-q", "main")
    assert fetch(collector, whole).tip


def test_a_linked_work_tree_is_called_one(collector: Collector, tmp_path: Path) -> None:
    fork = make_fork(tmp_path / "fork")
    git(fork, "worktree", "add", "-q", str(tmp_path / "ada"))
    assert "not a linked work tree" in reason(collector, tmp_path / "ada")


def test_branches_in_the_format_reftable_are_called_so(collector: Collector, tmp_path: Path) -> None:
    """As `git init --ref-format=reftable` lays a repository out."""
    fork = make_fork(tmp_path / "ada", RIGHT)
    tip = git(fork, "rev-parse", "HEAD")
    (fork / ".git/reftable").mkdir()
    (fork / ".git/reftable/tables.list").write_text("0x000000000001-0x000000000002-0a1b2c3d.ref\n")
    (fork / ".git/HEAD").write_text("ref: refs/heads/.invalid\n")
    assert "format reftable" in reason(collector, fork)
    assert fetch(collector, fork, tip).tip == tip, "its objects are where they always are"


def test_a_branch_that_is_not_there(collector: Collector, tmp_path: Path) -> None:
    assert "no branch, tag or commit 'exam'" in reason(collector, make_fork(tmp_path / "ada"), "exam")


def test_a_detached_head_has_a_commit_all_the_same(collector: Collector, tmp_path: Path) -> None:
    fork = make_fork(tmp_path / "ada")
    git(fork, "checkout", "-q", "--detach")
    assert fetch(collector, fork).tip


def test_a_fork_that_is_too_large(collector: Collector, tmp_path: Path) -> None:
    fork = make_fork(tmp_path / "ada")
    (fork / "data.bin").write_bytes(os.urandom(9 << 20))
    commit(fork, {})
    assert "is larger than 8 MiB" in reason(collector, fork)
    assert list(collector.repository.glob("objects/pack/tmp_*")) == [], "what was fetched in vain is cleared away"


def test_a_web_server_that_has_no_such_repository(collector: Collector, served: str) -> None:
    assert "no such repository" in reason(collector, f"{served}/nobody.git")


def test_a_server_that_does_not_answer_is_tried_again_and_given_up(
    collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("mlops_grade.batch.collect.sleep", pauses.append)
    assert "cannot be reached" in reason(collector, "http://127.0.0.1:9/ada.git")
    assert pauses == [2.0, 8.0]


@pytest.mark.parametrize(
    "address", ["ext::sh -c 'touch %S'", "--upload-pack=touch x", "fd::7", "ftp://127.0.0.1/x.git", ""]
)
def test_addresses_of_other_kinds(collector: Collector, address: str) -> None:
    assert reason(collector, address)


def test_a_damaged_fork(collector: Collector, tmp_path: Path) -> None:
    fork = make_fork(tmp_path / "ada", RIGHT)
    blob = git(fork, "rev-parse", f"HEAD:{ADD}")
    (fork / ".git/objects" / blob[:2] / blob[2:]).unlink()
    assert "damaged" in reason(collector, fork)


def test_tokens_in_addresses_are_not_repeated() -> None:
    assert safe_git.bare_url("https://me:s3cret@example.org/x.git") == "https://example.org/x.git"
    assert "s3cret" not in safe_git.without_secrets("fatal: 'https://me:s3cret@example.org/x.git/'")


# What is never run, read or followed


def test_a_shipped_configuration_runs_nothing(collector: Collector, tmp_path: Path) -> None:
    fork = make_fork(tmp_path / "ada", RIGHT)
    mark = trap(fork)
    program = fork.parent / "trap.sh"
    for key in ("core.fsmonitor", "core.sshCommand", "uploadpack.packObjectsHook", "core.alternateRefsCommand",
                "core.pager", "filter.lfs.smudge", "remote.origin.uploadpack", "diff.external"):  # fmt: skip
        git(fork, "config", key, str(program))
    for hook in ("post-checkout", "pre-auto-gc", "reference-transaction", "post-index-change"):
        (fork / ".git/hooks").mkdir(exist_ok=True)
        (fork / ".git/hooks" / hook).symlink_to(program)
    assert fetch(collector, fork).tip
    assert not mark.exists()


def test_a_shipped_promisor_remote_runs_nothing(collector: Collector, tmp_path: Path) -> None:
    fork = make_fork(tmp_path / "ada", RIGHT)
    mark = trap(fork)
    blob = git(fork, "rev-parse", f"HEAD:{ADD}")
    (fork / ".git/objects" / blob[:2] / blob[2:]).unlink()
    settings = {
        "core.repositoryFormatVersion": "1",
        "extensions.partialClone": "origin",
        "remote.origin.promisor": "true",
        "remote.origin.url": str(tmp_path / "nowhere"),
        "remote.origin.uploadpack": str(fork.parent / "trap.sh"),
    }
    for key, value in settings.items():
        git(fork, "config", key, value)
    assert "damaged" in reason(collector, fork)
    assert not mark.exists()


def test_a_template_with_hooks_is_not_used(tmp_path: Path) -> None:
    Collector(tmp_path / "forks.git", "autumn", CohortSettings())
    assert not (tmp_path / "forks.git/hooks").exists()


def test_objects_borrowed_from_elsewhere_are_refused(collector: Collector, tmp_path: Path) -> None:
    secret = make_fork(tmp_path / "course", {"solution.py": "SECRET = 1\n"})
    fork = make_fork(tmp_path / "ada")
    (fork / ".git/objects/info").mkdir(exist_ok=True)
    (fork / ".git/objects/info/alternates").write_text(f"{secret / '.git/objects'}\n")
    (fork / ".git/refs/heads/main").write_text(git(secret, "rev-parse", "HEAD") + "\n")
    assert "borrows objects" in reason(collector, fork)


@pytest.mark.parametrize("link", [".git", ".git/objects", ".git/objects/pack"])
def test_a_repository_that_is_a_link_to_another_is_refused(collector: Collector, tmp_path: Path, link: str) -> None:
    secret = make_fork(tmp_path / "course", {"solution.py": "SECRET = 1\n"})
    fork = make_fork(tmp_path / "ada")
    place = fork / link
    if place.is_dir():
        place.rename(tmp_path / "aside")
    place.symlink_to(secret / link)
    fetched = fetch(collector, fork)
    assert fetched.tip == ""
    assert fetched.reason


def test_a_head_that_points_outside_is_refused(collector: Collector, tmp_path: Path) -> None:
    fork = make_fork(tmp_path / "ada")
    (fork / ".git/HEAD").write_text("ref: refs/../../../course/.git/HEAD\n")
    assert "points outside" in reason(collector, fork)


def test_submodules_and_links_are_problems_of_the_submission(
    collector: Collector, course: Course, tmp_path: Path
) -> None:
    fork = make_fork(tmp_path / "ada")
    git(fork, "rm", "-q", "--cached", ADD)
    git(fork, "update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},{ADD}")
    git(fork, "commit", "-q", "-m", "a submodule")
    tip = fetch(collector, fork).tip
    (problem,) = submission(collector, tip, course, "m01").problems
    assert "submodule" in problem.reason


def test_a_hundred_thousand_files_are_not_looked_at(collector: Collector, course: Course, tmp_path: Path) -> None:
    fork = make_fork(tmp_path / "ada", RIGHT)
    blob = git(fork, "hash-object", "-w", "--stdin", stdin=b"x\n")
    junk = git(fork, "mktree", stdin="".join(f"100644 blob {blob}\t{n}.txt\n" for n in range(100_000)).encode())
    top = git(fork, "ls-tree", "HEAD") + f"\n040000 tree {junk}\tjunk\n"
    git(fork, "reset", "-q", "--soft", git(fork, "commit-tree", git(fork, "mktree", stdin=top.encode()), "-m", "junk"))
    tip = fetch(collector, fork).tip
    with safe_git.Objects(collector.repository) as objects:
        commit = intake.read_commit(objects, tip)
        assert commit is not None
        tree = intake.folder_tree(objects, commit.tree, course.module("m01").folder)
        assert len(intake.from_tree(objects, tree, course.module("m01")).files) == 1
        assert objects.trees.cache_info().currsize <= 4, "only the trees on the way to the module are read"


def test_a_tree_that_unfolds_without_end_is_left_after_a_bounded_walk(
    collector: Collector, course: Course, tmp_path: Path
) -> None:
    fork = make_fork(tmp_path / "ada")
    blob = git(fork, "hash-object", "-w", "--stdin", stdin=b"x\n")
    tree = git(fork, "mktree", stdin="".join(f"100644 blob {blob}\t{n}.txt\n" for n in range(10)).encode())
    for _ in range(9):  # ten billion files, in ten small objects
        tree = git(fork, "mktree", stdin="".join(f"040000 tree {tree}\tf{n}\n" for n in range(10)).encode())
    deep = git(fork, "mktree", stdin=f"040000 tree {tree}\tbomb\n".encode())
    module = git(fork, "mktree", stdin=f"040000 tree {deep}\tsrc\n".encode())
    session = git(fork, "mktree", stdin=f"040000 tree {module}\tm02_tree\n".encode())
    root = git(fork, "mktree", stdin=f"040000 tree {session}\ts2_more\n".encode())
    tip = git(fork, "commit-tree", root, "-m", "bomb")
    git(fork, "update-ref", "refs/heads/main", tip)
    assert fetch(collector, fork).tip == tip
    assert submission(collector, tip, course, "m02").files == {}


def test_a_blob_that_is_too_large_is_not_read(collector: Collector, course: Course, tmp_path: Path) -> None:
    fork = make_fork(tmp_path / "ada")
    (fork / ADD).write_bytes(bytes(17 << 20))  # compresses to next to nothing
    tip = commit(fork, {})
    fetch(collector, fork)
    (problem,) = submission(collector, tip, course, "m01").problems
    assert "larger than 16 MiB" in problem.reason


def test_paths_that_differ_in_case_only_are_both_taken_and_told(
    collector: Collector, course: Course, tmp_path: Path
) -> None:
    fork = make_fork(tmp_path / "ada", {"s2_more/m02_tree/src/Given.py": "UPPER = 1\n"})
    found = submission(collector, fetch(collector, fork).tip, course, "m02")
    assert {"src/Given.py", "src/given.py"} <= set(found.files)
    assert intake.remarks(found) == ("src/Given.py and src/given.py differ only in upper and lower case",)


def test_an_lfs_pointer_is_told(collector: Collector, course: Course, tmp_path: Path) -> None:
    fork = make_fork(tmp_path / "ada", {ADD: "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"})
    found = submission(collector, fetch(collector, fork).tip, course, "m01")
    assert "Git LFS pointer" in intake.remarks(found)[0]


def test_dates_beyond_any_calendar_are_held_in_bounds(collector: Collector, tmp_path: Path) -> None:
    fork = make_fork(tmp_path / "ada")
    raw = git(fork, "cat-file", "commit", "HEAD").replace(str(MONDAY), "99999999999999999", 2)
    tip = git(fork, "hash-object", "-t", "commit", "-w", "--stdin", "--literally", stdin=(raw + "\n").encode())
    git(fork, "update-ref", "refs/heads/main", tip)
    fetch(collector, fork)
    with safe_git.Objects(collector.repository) as objects:
        read = intake.read_commit(objects, tip)
    assert read is None or read.committed <= 1 << 37


def test_leftovers_of_a_killed_fetch_are_swept(tmp_path: Path) -> None:
    first = Collector(tmp_path / "forks.git", "autumn", CohortSettings())
    write(first.repository, {"objects/pack/tmp_pack_x": "half", "fork-abc/HEAD": "x", "packed-refs.lock": ""})
    fork = make_fork(tmp_path / "ada")
    assert Collector(first.repository, "autumn", CohortSettings()).fetch(Student("ada", str(fork))).tip
    assert not (first.repository / "objects/pack/tmp_pack_x").exists()
    assert not (first.repository / "fork-abc").exists()


@given(st.binary(max_size=200))
def test_a_tree_of_any_bytes_is_read_without_an_error(data: bytes) -> None:
    for entry in safe_git._entries(data) or ():
        assert len(entry.id) == 40
        assert "\0" not in entry.name
