"""Repositories that were made by hand to mislead whoever collects them: objects, references, caches, configuration.

Each is Bob's. His work is wrong, or was handed in after the deadline; Alice's, in a repository beside his, is right and
was in time. Nothing of Bob's may be run, nobody else's work may become his, and Alice's verdict stays as it is.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import small_course

COHORT = "autumn"
EARLY, DEADLINE, LATE = 1_790_000_000, 1_790_100_000, 1_790_200_000
MODULE = "s1_first/m01_numbers"
FILE = f"{MODULE}/numbers_module.py"
WRONG = "def double(n): return 7\ndef total(n): return 7\n"


def git(repository: Path, *words: str, date: int = EARLY, stdin: bytes = b"") -> str:
    """Run git as a student does, at a date of their choice."""
    environment = {
        **os.environ, "GIT_AUTHOR_DATE": f"{date} +0000", "GIT_COMMITTER_DATE": f"{date} +0000",
        "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1",
    }  # fmt: skip
    identity = ("-c", "user.name=Bob", "-c", "user.email=bob@example.org", "-c", "protocol.ext.allow=never")
    done = subprocess.run(
        ["git", *identity, *words], cwd=repository, env=environment, input=stdin, capture_output=True, check=True
    )
    return done.stdout.decode("utf-8", "surrogateescape").strip()


def hand_in(repository: Path, files: dict[str, str], date: int) -> str:
    """Commit these files of the module; gives the commit."""
    small_course.write(repository / MODULE, files)
    git(repository, "add", "-A")
    git(repository, "commit", "-q", "--allow-empty", "-m", f"work of {repository.name}", date=date)
    return git(repository, "rev-parse", "HEAD")


@dataclass(frozen=True)
class Scene:
    """Bob's repository with wrong work handed in early, Alice's with right work, and a program that must never run."""

    bob: Path
    alice: Path
    trap: Path
    mark: Path

    @property
    def bobs_tree(self) -> str:
        return git(self.bob, "rev-parse", "HEAD^{tree}")

    @property
    def alices_commit(self) -> str:
        return git(self.alice, "rev-parse", "HEAD")

    def put(self, kind: str, data: bytes) -> str:
        """Write an object as it is, whatever git thinks of it; gives its id."""
        return git(self.bob, "hash-object", "-t", kind, "-w", "--literally", "--stdin", stdin=data)

    def commit(self, *after: str, tree: str = "", before: tuple[str, ...] = (), date: int = LATE) -> None:
        """Make a commit of Bob's tree the tip, with header lines of one's own after or before the usual ones."""
        person = f"Bob <bob@example.org> {date} +0000"
        lines = (f"tree {tree or self.bobs_tree}", *before, f"author {person}", f"committer {person}", *after)
        self.tip(self.put("commit", ("\n".join(lines) + "\n\nbob\n").encode()))

    def tip(self, name: str) -> None:
        (self.bob / ".git/refs/heads/main").write_text(f"{name}\n")

    def entries(self, *entries: tuple[str, str, str], folder: str = MODULE) -> None:
        """Replace a folder's tree by these (mode, name, id), and hand that in."""
        raw = b"".join(f"{mode} {name}\0".encode() + bytes.fromhex(name_of) for mode, name, name_of in entries)
        tree = self.put("tree", raw)
        while folder:
            folder, _, name = folder.rpartition("/")
            listed = git(self.bob, "ls-tree", f"HEAD:{folder}").splitlines()
            kept = [line for line in listed if line.partition("\t")[2] != name]
            rows = [*kept, f"040000 tree {tree}\t{name}"]
            tree = git(self.bob, "mktree", "--missing", stdin="\n".join(rows).encode())
        self.commit(tree=tree, date=EARLY)

    def blob(self, text: str) -> str:
        return self.put("blob", text.encode())

    @property
    def right(self) -> dict[str, str]:
        """The right files as blobs of Bob's, which he may have but not where they count."""
        return {path: self.blob(text) for path, text in small_course.RIGHT.items()}

    def configure(self, **settings: str) -> None:
        for name, value in settings.items():
            git(self.bob, "config", name.replace("__", "."), value)


@dataclass(frozen=True)
class HostileRepository:
    """One repository: what it tries, and what makes it. Some hold right work that came too late."""

    name: str
    tries: str
    build: Callable[[Scene], object]
    right_but_late: bool = False


def _replaced_commit(scene: Scene) -> None:
    early = git(scene.bob, "rev-parse", "HEAD")
    late = hand_in(scene.bob, small_course.RIGHT, LATE)
    git(scene.bob, "replace", early, git(scene.bob, "commit-tree", f"{late}^{{tree}}", "-m", "right", date=EARLY))


def _replaced_blob(scene: Scene) -> None:
    for path, right in scene.right.items():
        git(scene.bob, "replace", git(scene.bob, "rev-parse", f"HEAD:{MODULE}/{path}"), right)


def _grafted(scene: Scene) -> None:
    scene.commit()
    late = git(scene.bob, "rev-parse", "HEAD")
    (scene.bob / ".git/info").mkdir(exist_ok=True)
    (scene.bob / ".git/info/grafts").write_text(f"{late} {scene.alices_commit}\n")


def _shallow(scene: Scene) -> None:
    scene.commit(before=(f"parent {scene.alices_commit}",))
    (scene.bob / ".git/shallow").write_text(git(scene.bob, "rev-parse", "HEAD") + "\n")


def _alternates(scene: Scene, name: str) -> None:
    (scene.bob / ".git/objects/info").mkdir(exist_ok=True)
    (scene.bob / f".git/objects/info/{name}").write_text(f"{scene.alice / '.git/objects'}\n")
    scene.tip(scene.alices_commit)


def _promisor(scene: Scene) -> None:
    blob = git(scene.bob, "rev-parse", f"HEAD:{FILE}")
    (scene.bob / ".git/objects" / blob[:2] / blob[2:]).unlink()
    scene.configure(
        core__repositoryFormatVersion="1", extensions__partialClone="origin", remote__origin__promisor="true",
        remote__origin__url=str(scene.alice), remote__origin__uploadpack=str(scene.trap),
    )  # fmt: skip


def _settings(scene: Scene) -> None:
    for key in ("core.fsmonitor", "core.sshCommand", "uploadpack.packObjectsHook", "core.alternateRefsCommand",
                "core.pager", "core.editor", "core.askPass", "core.gitProxy", "credential.helper", "diff.external",
                "gpg.program", "alias.rev-list", "remote.origin.uploadpack"):  # fmt: skip
        git(scene.bob, "config", key, str(scene.trap))
    hooks = scene.bob / ".git/hooks"
    hooks.mkdir(exist_ok=True)
    for hook in ("post-checkout", "reference-transaction", "pre-auto-gc", "post-index-change", "fsmonitor-watchman"):
        (hooks / hook).unlink(missing_ok=True)
        (hooks / hook).symlink_to(scene.trap)


def _filters(scene: Scene) -> None:
    scene.configure(filter__trap__smudge=str(scene.trap), filter__trap__clean=str(scene.trap),
                    filter__trap__process=str(scene.trap), diff__trap__textconv=str(scene.trap),
                    merge__trap__driver=str(scene.trap))  # fmt: skip
    attributes = "* filter=trap diff=trap merge=trap ident export-subst working-tree-encoding=UTF-7 text eol=crlf\n"
    tree = git(scene.bob, "ls-tree", "HEAD") + f"\n100644 blob {scene.blob(attributes)}\t.gitattributes"
    scene.commit(tree=git(scene.bob, "mktree", stdin=tree.encode()), date=EARLY)


def _included(scene: Scene) -> None:
    config = scene.bob / ".git/config"
    config.write_text(config.read_text() + "[include]\n\tpath = /dev/zero\n")


def _fifo(scene: Scene, place: str) -> None:
    target = scene.bob / ".git" / place
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    os.mkfifo(target)


def _endless(scene: Scene, place: str) -> None:
    target = scene.bob / ".git" / place
    target.unlink(missing_ok=True)
    target.symlink_to("/dev/zero")


def _linked_objects(scene: Scene) -> None:
    for path in (scene.alice / ".git/objects").glob("??/*"):
        link = scene.bob / ".git/objects" / path.parent.name / path.name
        link.parent.mkdir(exist_ok=True)
        if not link.exists():
            link.symlink_to(path)
    scene.tip(scene.alices_commit)


def _swapped_object(scene: Scene) -> None:
    """A right file's bytes under the wrong file's name."""
    wrong, right = git(scene.bob, "rev-parse", f"HEAD:{FILE}"), scene.right["numbers_module.py"]
    objects = scene.bob / ".git/objects"
    place = objects / wrong[:2] / wrong[2:]
    place.unlink()
    place.write_bytes((objects / right[:2] / right[2:]).read_bytes())


def _caches(scene: Scene) -> None:
    git(scene.bob, "repack", "-q", "-a", "-d", "-b")
    git(scene.bob, "commit-graph", "write", "--reachable")
    git(scene.bob, "multi-pack-index", "write")
    for cache in (*scene.bob.glob(".git/objects/info/commit-graph"), *scene.bob.glob(".git/objects/pack/*.bitmap"),
                  *scene.bob.glob(".git/objects/pack/multi-pack-index")):  # fmt: skip
        cache.chmod(0o644)
        data = bytearray(cache.read_bytes())
        data[len(data) // 2 :] = bytes(len(data) - len(data) // 2)
        cache.write_bytes(data)


def _bomb(scene: Scene) -> None:
    tree = git(scene.bob, "mktree", stdin=f"100644 blob {scene.blob('a,b')}\tx.csv\n".encode())
    for _ in range(9):
        tree = git(scene.bob, "mktree", stdin="".join(f"040000 tree {tree}\tf{n}\n" for n in range(10)).encode())
    scene.entries(("40000", "data", tree), ("100644", "numbers_module.py", scene.blob(WRONG)))


def _crowd(scene: Scene) -> None:
    blob = scene.blob("a,b")
    rows = "".join(f"100644 blob {blob}\t{number}.csv\n" for number in range(50_000))
    tree = git(scene.bob, "mktree", stdin=rows.encode())
    scene.entries(("40000", "data", tree), ("100644", "numbers_module.py", scene.blob(WRONG)))


def _deep(scene: Scene) -> None:
    tree = git(scene.bob, "mktree", stdin=f"100644 blob {scene.blob('a,b')}\tx.csv\n".encode())
    for _ in range(300):
        tree = git(scene.bob, "mktree", stdin=f"040000 tree {tree}\tdata\n".encode())
    scene.entries(("40000", "data", tree), ("100644", "numbers_module.py", scene.blob(WRONG)))


def _long_history(scene: Scene) -> None:
    """Three thousand commits; the one in time lies beyond those that are looked at."""
    blob = scene.blob(WRONG)
    lines = []
    for number in range(3000):
        lines.append(f"commit refs/heads/long\ncommitter Bob <b@example.org> {LATE + number} +0000\ndata 1\nx")
        lines.append(f"M 100644 {blob} {FILE}" if number else f"M 100644 {scene.right['numbers_module.py']} {FILE}")
    git(scene.bob, "fast-import", "--quiet", "--force", stdin="\n".join([*lines, "done", ""]).encode())
    scene.tip(git(scene.bob, "rev-parse", "refs/heads/long"))


def _tagged(scene: Scene, kind: str) -> None:
    """The branch is a chain of tags that ends in a file or in a folder."""
    name = git(scene.bob, "rev-parse", f"HEAD:{FILE if kind == 'blob' else MODULE}")
    for number in range(50):
        text = f"object {name}\ntype {kind}\ntag t{number}\ntagger Bob <b@example.org> {EARLY} +0000\n\nx\n"
        name, kind = scene.put("tag", text.encode()), "tag"
    scene.tip(name)


def _git_file(scene: Scene) -> None:
    (scene.bob / ".git").rename(scene.bob.parent / "aside")
    (scene.bob / ".git").write_text(f"gitdir: {scene.alice / '.git'}\n")


def _head(text: str) -> Callable[[Scene], object]:
    return lambda scene: (scene.bob / ".git/HEAD").write_text(text.replace("@alice@", str(scene.alice)))


def _modules(scene: Scene) -> None:
    trap = scene.trap
    text = f'[submodule "-c core.fsmonitor={trap}"]\n\tpath = -x\n\turl = ext::{trap}\n\tupdate = !{trap}\n'
    tree = git(scene.bob, "ls-tree", "HEAD") + f"\n100644 blob {scene.blob(text)}\t.gitmodules"
    tree += f"\n160000 commit {'1' * 40}\t-x"
    scene.commit(tree=git(scene.bob, "mktree", "--missing", stdin=tree.encode()), date=EARLY)


def _sha256(scene: Scene) -> None:
    (scene.bob / ".git").rename(scene.bob.parent / "aside")
    git(scene.bob, "init", "-q", "-b", "main", "--object-format=sha256")
    hand_in(scene.bob, {}, EARLY)


def _one(
    mode: str, text: str = "", *, kind: str = "blob", name: str = "numbers_module.py"
) -> Callable[[Scene], object]:
    """The first file with another mode, name or kind of object."""

    def build(scene: Scene) -> None:
        name_of = scene.bobs_tree if kind == "tree" else "1" * 40 if kind == "gone" else scene.blob(text or WRONG)
        scene.entries((mode, name, name_of), ("100644", "program.py", scene.right["program.py"]))

    return build


def _twice(scene: Scene) -> None:
    right, wrong = scene.right, scene.blob(WRONG)
    scene.entries(
        ("100644", "numbers_module.py", wrong), ("100644", "numbers_module.py", right["numbers_module.py"]),
        ("100644", "program.py", right["program.py"]),
    )  # fmt: skip


def _collisions(one: str, other: str) -> Callable[[Scene], object]:
    def build(scene: Scene) -> None:
        rows = sorted((name.encode(), name) for name in (one, other))
        data = b"".join(b"100644 " + raw + b"\0" + bytes.fromhex(scene.blob(name)) for raw, name in rows)
        scene.entries(
            ("40000", "data", scene.put("tree", data)), ("100644", "numbers_module.py", scene.blob(WRONG)),
            ("100644", "program.py", scene.right["program.py"]),
        )  # fmt: skip

    return build


REPOSITORIES = [HostileRepository(*row) for row in (
    ("parent_that_is_a_reference", "names Alice's collected branch as its parent, in a header that git ignores",
     lambda scene: scene.commit(f"parent refs/forks/{COHORT}/alice")),
    ("parent_that_is_a_search", "names as its parent whatever commit has Alice's words",
     lambda scene: scene.commit("parent :/work of alice")),
    ("parent_that_is_hers", "names Alice's commit in a header that git ignores",
     lambda scene: scene.commit(f"parent {scene.alices_commit}")),
    ("parent_in_a_signature", "hides a parent in a signature's lines",
     lambda scene: scene.commit("gpgsig -----BEGIN", f"parent {scene.alices_commit}", " -----END")),
    ("parent_with_a_line_break", "puts a second line into a header", lambda scene: scene.commit(
        f"encoding x\nparent {scene.alices_commit}\ncommitter Bob <b@example.org> 1 +0000")),
    ("parent_it_does_not_have", "names Alice's commit as its real parent without having it",
     lambda scene: scene.commit(before=(f"parent {scene.alices_commit}",))),
    ("second_tree", "names Alice's tree in a second header", lambda scene: scene.commit(
        "tree " + git(scene.alice, "rev-parse", "HEAD^{tree}"))),
    ("second_committer", "says in a second header that it was committed in time", lambda scene: [
        hand_in(scene.bob, small_course.RIGHT, LATE), scene.commit(f"committer Bob <b@example.org> {EARLY} +0000")],
     True),
    ("no_committer", "has a commit without a date", lambda scene: scene.tip(
        scene.put("commit", f"tree {scene.bobs_tree}\n\nbob\n".encode()))),
    ("odd_dates", "has a date beyond every calendar", lambda scene: scene.commit(date=1 << 70)),
    ("negative_date", "has a date before all dates", lambda scene: scene.commit(date=-5)),
    ("replaced_commit", "replaces an early commit by a late one", _replaced_commit, True),
    ("replaced_files", "replaces the wrong files by right ones", _replaced_blob),
    ("grafts", "grafts its commit onto Alice's", _grafted),
    ("shallow", "says that its history was cut off below Alice's commit", _shallow),
    ("alternates", "borrows Alice's objects", lambda scene: _alternates(scene, "alternates")),
    ("http_alternates", "borrows Alice's objects over http", lambda scene: _alternates(scene, "http-alternates")),
    ("linked_objects", "has links to Alice's objects", _linked_objects),
    ("swapped_object", "stores a right file under a wrong one's id", _swapped_object),
    ("spoiled_caches", "has a commit graph, a bitmap and an index of packs that are half zeros", _caches),
    ("promisor", "lacks a file and names a program that would fetch it", _promisor),
    ("settings_and_hooks", "configures a program wherever git takes one", _settings),
    ("filters", "has attributes that run a program over each file", _filters),
    ("endless_configuration", "includes an endless file in its configuration", _included),
    ("configuration_fifo", "has a pipe for its configuration", lambda scene: _fifo(scene, "config")),
    ("packed_refs_fifo", "has a pipe for its references", lambda scene: _fifo(scene, "packed-refs")),
    ("reference_fifo", "has a pipe for its branch", lambda scene: _fifo(scene, "refs/heads/main")),
    ("head_fifo", "has a pipe for its HEAD", lambda scene: _fifo(scene, "HEAD")),
    ("pack_fifo", "has a pipe for a pack", lambda scene: [
        _fifo(scene, f"objects/pack/pack-{'1' * 40}.{ending}") for ending in ("pack", "idx")]),
    ("object_fifo", "has a pipe for an object", lambda scene: [scene.tip("1" * 40), _fifo(
        scene, f"objects/11/{'1' * 38}")]),
    ("endless_references", "has an endless file for its references", lambda scene: _endless(scene, "packed-refs")),
    ("endless_head", "has an endless file for its HEAD", lambda scene: _endless(scene, "HEAD")),
    ("head_outside", "points its HEAD at Alice's branch", _head("ref: @alice@/.git/refs/heads/main\n")),
    ("head_above", "points its HEAD out of the repository", _head("ref: refs/../../../alice/.git/refs/heads/main\n")),
    ("head_of_itself", "points its HEAD at itself", _head("ref: HEAD\n")),
    ("head_with_words", "has a search for a HEAD", _head(":/work of alice\n")),
    ("git_file", "is a file that names Alice's repository", _git_file),
    ("tags_of_a_file", "is a chain of tags that ends in a file", lambda scene: _tagged(scene, "blob")),
    ("tags_of_a_folder", "is a chain of tags that ends in a folder", lambda scene: _tagged(scene, "tree")),
    ("tree_bomb", "unfolds to a billion files", _bomb),
    ("crowded_folder", "has fifty thousand files in a folder", _crowd),
    ("deep_folders", "nests three hundred folders", _deep),
    ("long_history", "has three thousand commits", _long_history),
    ("huge_message", "has a message of four megabytes", lambda scene: scene.commit("x " + "y" * (4 << 20))),
    ("file_twice", "has two files of one name in a folder", _twice),
    ("slash_in_a_name", "has a name with a slash that leads into the module's folder", lambda scene: scene.entries(
        ("100644", "m01_numbers/numbers_module.py", scene.right["numbers_module.py"]),
        ("100644", "m01_numbers/program.py", scene.right["program.py"]), folder="s1_first")),
    ("names_that_lead_elsewhere", "has files called `..`, `.` and `.git`", lambda scene: scene.entries(
        ("100644", "..", scene.blob("x")), ("100644", ".", scene.blob("x")), ("40000", ".git", scene.bobs_tree))),
    ("unsorted_folder", "has a folder out of order", lambda scene: scene.entries(
        ("100644", "program.py", scene.right["program.py"]), ("100644", "numbers_module.py", scene.blob(WRONG)))),
    ("executable", "hands in files that could be run", _one("100755")),
    ("link_to_alices_file", "hands in a link to Alice's file", _one("120000", "../../../alice/" + FILE)),
    ("endless_link", "hands in a link to an endless file", _one("120000", "/dev/zero")),
    ("submodule_for_a_file", "hands in a submodule for a file", _one("160000", kind="gone")),
    ("submodule_for_the_folder", "hands in a submodule for the module's folder", lambda scene: scene.entries(
        ("160000", "m01_numbers", "1" * 40), folder="s1_first")),
    ("submodule_that_runs", "has a submodule whose address is a program", _modules),
    ("file_called_a_folder", "says that a file is a folder", _one("40000")),
    ("folder_called_a_file", "says that a folder is a file", _one("100644", kind="tree")),
    ("socket_mode", "has the mode of a socket", _one("140000")),
    ("no_mode", "has no mode at all", _one("0")),
    ("mode_of_letters", "has a mode that is no number", _one("rwxr-x")),
    ("missing_file", "lacks a file's content", _one("100644", kind="gone")),
    ("names_differ_in_case", "has two names that differ in case", _collisions("Rows.csv", "rows.csv")),
    ("names_look_the_same", "has two names that look the same", _collisions("é.csv", "e\u0301.csv")),
    ("sha256", "has longer names for its objects", _sha256),
)]  # fmt: skip
