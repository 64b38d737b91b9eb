"""A git repository that student scripts have touched, read as data: no git runs, and no configuration is followed."""

import re
from io import BytesIO
from pathlib import Path

from dulwich.config import ConfigFile
from dulwich.objects import Commit, ObjectID, Tag, Tree
from dulwich.repo import Repo

TAKEN = re.compile(
    r"objects/[0-9a-f]{2}/[0-9a-f]{38}|objects/pack/pack-[0-9a-f]{40}\.(?:pack|idx)|HEAD|packed-refs"
    r"|refs/(?:heads|tags|remotes)/\w[\w./-]*"
)


class History:
    """Commits, trees and references of a repository; hashes are hexadecimal texts."""

    def __init__(self, files: dict[str, bytes], folder: Path) -> None:
        """Rebuild a repository in an empty folder, from the objects and references among the files of another."""
        Repo.init_bare(folder).close()
        for name, data in files.items():
            if TAKEN.fullmatch(name) and ".." not in name:
                path = folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
        self._repository = Repo(folder)
        self._config = files.get("config", b"")

    def references(self, prefix: str) -> dict[str, str]:
        """Names below a prefix such as `refs/heads/`, and what they point at."""
        found = self._repository.refs.as_dict(prefix.rstrip("/").encode())  # type: ignore[arg-type]
        return {name.decode(): value.decode() for name, value in found.items()}

    def branch(self, name: str) -> str:
        """The commit of a branch; the check fails where there is no such branch."""
        branches = self.references("refs/heads/")
        if name not in branches:
            raise AssertionError(f"there is no branch {name}; branches: {sorted(branches)}")
        return branches[name]

    @property
    def head(self) -> str:
        """What HEAD says: a reference such as `refs/heads/main`, or a hash."""
        return self._repository.refs.read_ref(b"HEAD").decode().removeprefix("ref: ")  # type: ignore[arg-type,union-attr]

    def commit(self, name: str) -> Commit:
        found = self._repository[ObjectID(name.encode())]
        assert isinstance(found, Commit), f"{name} is not a commit"
        return found

    def parents(self, name: str) -> list[str]:
        return [parent.decode() for parent in self.commit(name).parents]

    def message(self, name: str) -> str:
        return self.commit(name).message.decode(errors="replace")

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
        found: dict[str, str] = {}
        waiting = [("", self.commit(name).tree)]
        while waiting:
            prefix, tree = waiting.pop()
            entries = self._repository[tree]
            assert isinstance(entries, Tree)
            for entry in entries.items():
                path = prefix + entry.path.decode(errors="replace")
                if entry.mode == 0o040000:
                    waiting.append((f"{path}/", entry.sha))
                else:
                    found[path] = self._repository[entry.sha].as_raw_string().decode(errors="replace")
        return found

    def annotated(self, name: str) -> tuple[str, str] | None:
        """The commit and the message of an annotated tag; None when the tag is of the light kind."""
        found = self._repository[ObjectID(self.references("refs/tags/")[name].encode())]
        if not isinstance(found, Tag):
            return None
        return found.object[1].decode(), (found.message or b"").decode(errors="replace")

    def upstream(self, branch: str) -> tuple[str, str] | None:
        """Remote and reference that a branch is set up with; None when it is not."""
        config = ConfigFile.from_file(BytesIO(self._config))
        try:
            section = (b"branch", branch.encode())
            return config.get(section, b"remote").decode(), config.get(section, b"merge").decode()
        except KeyError:
            return None
