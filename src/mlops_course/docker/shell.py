"""What the commands of a RUN instruction do to the files of an image. Commands that are not known here do nothing."""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Iterator, Mapping

from mlops_course.docker.ignore import glob_expression
from mlops_course.docker.syntax import DockerfileError, substitute
from mlops_course.docker.tools import PIP, PYTHON, PythonTools

_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")
_REDIRECTION = re.compile(r"[<>&]*[<>][<>&]*")
_PREFIXES = frozenset({"if", "then", "else", "do", "!", "{", "exec", "time", "sudo", "command", "nice"})


class Shell:
    """A shell that goes through a script once, taking each command to succeed."""

    def __init__(
        self, files: Mapping[str, bytes], folders: set[str], variables: Mapping[str, str], workdir: str, user: str = ""
    ) -> None:
        self.files = dict(files)
        self.folders = folders
        self.variables = {"HOME": home(user), **variables}
        self.workdir = workdir
        self.is_root = home(user) == "/root"

    def script(self, text: str) -> None:
        """Run the simple commands of a script. Raises DockerfileError where one is known to fail."""
        workdir = self.workdir
        for words in simple_commands(text):
            self.command([substitute(word, self.variables) for word in words])
        self.workdir = workdir

    def command(self, words: list[str]) -> None:
        """Run one command, given as its words."""
        words, output = self._without_redirections(words)
        variables = dict(self.variables)
        while words and _ASSIGNMENT.match(words[0]):
            name, _, value = words.pop(0).partition("=")
            self.variables[name] = value
        if output:
            self.files[output] = " ".join(words[1:]).encode()
        if words:
            self._known_command(words[0], [found for word in words[1:] for found in self._expanded(word)])
            if words[0] not in ("export", ".", "source"):
                self.variables = variables

    def _known_command(self, name: str, arguments: list[str]) -> None:
        plain = [argument for argument in arguments if not argument.startswith("-")]
        program = posixpath.basename(name)
        if name in _PREFIXES:
            self.command(arguments)
        elif name == "export":
            self.variables |= dict(argument.partition("=")[::2] for argument in plain)
        elif name in (".", "source") and plain:
            self._source(self._path(plain[0]))
        elif name == "cd":
            self.workdir = self._path(plain[0] if plain else self.variables["HOME"])
        elif name == "mkdir":
            self.folders |= {self._path(path) for path in plain}
        elif name == "touch":
            self.files |= {self._path(path): b"" for path in plain}
        elif name == "rm":
            self._remove([self._path(path) for path in plain])
        elif name in ("cp", "mv") and len(plain) > 1:
            self._copy([self._path(path) for path in plain[:-1]], plain[-1], move=name == "mv")
        elif program in ("apt-get", "apt") and plain[:1] == ["install"]:
            self.files |= {f"/usr/bin/{package.split('=')[0]}": b"" for package in plain[1:]}
        elif _installs_uv([name, *arguments]):
            self.files[posixpath.join(self.variables.get("UV_INSTALL_DIR", self._path("~/.local/bin")), "uv")] = b""
        elif PYTHON.fullmatch(name) or PIP.fullmatch(name) or program in ("uv", "virtualenv"):
            PythonTools(self.files, self.variables, self.workdir, self.is_root).run(name, arguments)

    def _source(self, path: str) -> None:
        """Environments are entered by sourcing `bin/activate`; uv's installer leaves a file that extends PATH."""
        folder = posixpath.dirname(path)
        if posixpath.basename(path) == "activate":
            self.variables["VIRTUAL_ENV"] = posixpath.dirname(folder)
        if posixpath.basename(path) in ("activate", "env"):
            self.variables["PATH"] = f"{folder}:{self.variables.get('PATH', '')}"

    def _path(self, path: str) -> str:
        path = self.variables["HOME"] + path[1:] if path == "~" or path.startswith("~/") else path
        return posixpath.normpath(posixpath.join(self.workdir, path))

    def _expanded(self, word: str) -> list[str]:
        """The files that a pattern names, in order; the word itself where there are none."""
        if word.startswith("-") or not re.search(r"[*?]", word):
            return [word]
        pattern = self._path(word)
        expression = glob_expression(pattern)
        depth = pattern.count("/") + 1
        names = {"/".join(path.split("/")[:depth]) for path in self.files}
        return sorted(name for name in names if expression.fullmatch(name)) or [word]

    def _remove(self, paths: list[str]) -> None:
        for path in paths:
            for file in [file for file in self.files if file == path or file.startswith(path + "/")]:
                del self.files[file]

    def _copy(self, sources: list[str], target: str, move: bool) -> None:
        into = self._path(target)
        is_folder = into in self.folders or any(file.startswith(into + "/") for file in self.files)
        for source in sources:
            name = posixpath.join(into, posixpath.basename(source)) if is_folder or target.endswith("/") else into
            found = {file: content for file, content in self.files.items() if (file + "/").startswith(source + "/")}
            self.files |= {name + file.removeprefix(source): content for file, content in found.items()}
        if move:
            self._remove(sources)

    def _without_redirections(self, words: list[str]) -> tuple[list[str], str | None]:
        output = None
        kept: list[str] = []
        rest = iter(words)
        for word in rest:
            if not _REDIRECTION.fullmatch(word):
                kept.append(word)
                continue
            is_numbered = bool(kept) and kept[-1].isdecimal()
            descriptor = kept.pop() if is_numbered else "1"
            target = next(rest, "")
            if word in (">", ">>") and descriptor == "1":
                output = self._path(target)
        return kept, output if output and not output.startswith("/dev/") else None


def home(user: str) -> str:
    """The home folder of what USER names."""
    name = user.split(":")[0]
    return "/root" if name in ("", "root", "0") else f"/home/{name}"


def user_base(user: str, variables: Mapping[str, str]) -> str:
    """Where `pip install --user` installs, and the image's own Python looks as well."""
    return variables.get("PYTHONUSERBASE") or f"{variables.get('HOME') or home(user)}/.local"


def _installs_uv(words: list[str]) -> bool:
    """uv's installer, fetched or started, or pipx."""
    line = " ".join(words)
    return bool(re.search(r"astral\.sh/uv|uv-?install\w*\.sh|^(\S*/)?pipx install .*\buv\b", line))


def simple_commands(script: str) -> Iterator[list[str]]:
    """The words of each simple command of a script, in the order in which they stand there."""
    lines = script.replace("\\\n", " ").split("\n")
    while lines:
        line = lines.pop(0)
        while lines and _open_quotation(line):
            line += "\n" + lines.pop(0)
        try:
            tokens = _tokens(line)
        except ValueError as error:
            raise DockerfileError(f"the shell cannot read {line.strip()!r}: {error}") from None
        command: list[str] = []
        for token in tokens:
            if set(token) <= set(";&|()"):
                yield command
                command = []
            else:
                command.append(token)
        yield command


def _tokens(line: str) -> list[str]:
    lexer = shlex.shlex(line, posix=True, punctuation_chars=";&|()<>")
    lexer.whitespace_split = True
    lexer.commenters = "#"
    return list(lexer)


def _open_quotation(line: str) -> bool:
    """Does a quotation go on in the next line?"""
    try:
        _tokens(line)
    except ValueError:
        return True
    return False
