"""A git repository that student scripts have touched, as plain data: no git runs, and no configuration is followed."""

from dataclasses import dataclass
from typing import Any

from mlops_grade.suite import Inspector, probe


@probe
def described(files):
    """Everything in a git folder that can be read: references, HEAD, commits, upstreams, remotes.

    The repository is rebuilt from the objects and references alone. An object counts if it is the one that its name
    says: scripts may have written into the folder whatever they liked.
    """
    import contextlib
    import hashlib
    import re
    from io import BytesIO
    from pathlib import Path
    from tempfile import mkdtemp

    from dulwich.config import ConfigFile
    from dulwich.repo import Repo

    taken = re.compile(
        r"objects/[0-9a-f]{2}/[0-9a-f]{38}|objects/pack/pack-[0-9a-f]{40}\.(?:pack|idx)|HEAD|packed-refs"
        r"|refs/(?:heads|tags|remotes)/\w[\w./-]*"
    )
    folder = Path(mkdtemp())
    Repo.init_bare(folder).close()
    for name, data in files.items():
        if taken.fullmatch(name) and ".." not in name:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
    repository = Repo(folder)

    def read(name, kind):
        try:
            found = repository[name]
        except (KeyError, ValueError, AssertionError):
            return None
        raw = found.as_raw_string()
        text = b"%s %d\0%s" % (found.type_name, len(raw), raw)
        return found if found.type_name == kind and hashlib.sha1(text).hexdigest() == name.decode() else None

    def files_below(name, prefix=""):
        tree, found = read(name, b"tree"), {}
        for entry in tree.items() if tree is not None else ():
            path = prefix + entry.path.decode(errors="replace")
            if entry.mode == 0o040000:
                found.update(files_below(entry.sha, f"{path}/"))
            elif (blob := read(entry.sha, b"blob")) is not None:
                found[path] = blob.as_raw_string().decode(errors="replace")
        return found

    references = {name.decode(): value.decode() for name, value in repository.refs.as_dict().items()}
    commits, waiting = {}, list(references.values())
    while waiting:
        name = waiting.pop()
        if name in commits:
            continue
        if (commit := read(name.encode(), b"commit")) is not None:
            parents = [parent.decode() for parent in commit.parents]
            message = commit.message.decode(errors="replace")
            author = commit.author.decode(errors="replace")
            commits[name] = {"parents": parents, "message": message, "author": author, "tree": commit.tree.decode()}
            waiting += parents
    trees = {commit["tree"] for commit in commits.values()}
    try:
        config = ConfigFile.from_file(BytesIO(files.get("config", b"")))
    except ValueError:  # what git itself would not read
        config = ConfigFile()
    upstreams, remotes = {}, {}
    for section in config.sections():
        with contextlib.suppress(KeyError):
            if len(section) == 2 and section[0] == b"branch":
                upstreams[section[1].decode()] = [config.get(section, key).decode() for key in (b"remote", b"merge")]
            if len(section) == 2 and section[0] == b"remote":
                remotes[section[1].decode()] = config.get(section, b"url").decode()
    return {
        "references": references,
        "head": (repository.refs.read_ref(b"HEAD") or b"").decode().removeprefix("ref: "),
        "commits": commits,
        "files": {tree: files_below(tree.encode()) for tree in trees},
        "upstreams": upstreams,
        "remotes": remotes,
    }


@dataclass(frozen=True)
class History:
    """Commits, trees and references of a repository; hashes are hexadecimal texts."""

    found: dict[str, Any]

    @classmethod
    def read(cls, inspector: Inspector, files: dict[str, bytes]) -> "History":
        """What is in a git folder's files."""
        return cls(inspector.run(described, files))

    def references(self, prefix: str) -> dict[str, str]:
        """Names below a prefix such as `refs/heads/`, and what they point at."""
        every = self.found["references"].items()
        return {name.removeprefix(prefix): value for name, value in every if name.startswith(prefix)}

    def branch(self, name: str) -> str:
        """The commit of a branch; the check fails where there is no such branch."""
        branches = self.references("refs/heads/")
        if name not in branches:
            raise AssertionError(f"there is no branch {name}; branches: {sorted(branches)}")
        return branches[name]

    @property
    def head(self) -> str:
        """What HEAD says: a reference such as `refs/heads/main`, or a hash."""
        return str(self.found["head"])

    def _commit(self, name: str) -> dict[str, Any]:
        assert name in self.found["commits"], f"{name} is not a commit that is at a reference, or before one"
        commit: dict[str, Any] = self.found["commits"][name]
        return commit

    def parents(self, name: str) -> list[str]:
        return list(self._commit(name)["parents"])

    def message(self, name: str) -> str:
        return str(self._commit(name)["message"])

    def author(self, name: str) -> str:
        """Name and address of who wrote a commit."""
        return str(self._commit(name)["author"])

    def since(self, name: str, base: str) -> list[str]:
        """The commits that a merge of `name` would bring to `base`, oldest first; the check fails at a merge commit."""
        known, found = self.ancestors(base), []
        while name not in known:
            found.append(name)
            parents = self.parents(name)
            assert len(parents) == 1, f"a commit with {len(parents)} parents is among those that the branch would bring"
            name = parents[0]
        return found[::-1]

    def ancestors(self, name: str) -> set[str]:
        """All commits that a commit is built on, itself included."""
        found: set[str] = set()
        waiting = [name]
        while waiting:
            commit = waiting.pop()
            if commit not in found:
                found.add(commit)
                waiting += self.parents(commit)
        return found

    def files(self, name: str) -> dict[str, str]:
        """Path and text of each file in a commit."""
        return dict(self.found["files"][self._commit(name)["tree"]])

    def upstream(self, branch: str) -> tuple[str, str] | None:
        """Remote and reference that a branch is set up with; None when it is not."""
        values = self.found["upstreams"].get(branch)
        return None if values is None else (values[0], values[1])

    def remote(self, name: str) -> str | None:
        """The address of a remote; None when there is none of this name."""
        return self.found["remotes"].get(name)
