"""What the commands of a RUN instruction do to the files of an image. Commands that are not known here do nothing."""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Iterator, Mapping

from mlops_course.docker.packages import install, make_environment
from mlops_course.docker.syntax import DockerfileError, substitute

_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")
_PYTHON = re.compile(r"(?:.*/)?python[\d.]*")
_PIP = re.compile(r"(?:.*/)?pip[\d.]*")
_PREFIXES = frozenset({"if", "then", "else", "do", "!", "{", "exec", "time", "sudo"})


class Shell:
    """A shell that goes through a script once, taking each command to succeed."""

    def __init__(
        self, files: Mapping[str, bytes], folders: set[str], variables: Mapping[str, str], workdir: str
    ) -> None:
        self.files = dict(files)
        self.folders = folders
        self.variables = dict(variables)
        self.workdir = workdir

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
            self._known_command(words[0], words[1:])
            if words[0] != "export":
                self.variables = variables

    def _known_command(self, name: str, arguments: list[str]) -> None:
        plain = [argument for argument in arguments if not argument.startswith("-")]
        if name in _PREFIXES:
            self.command(arguments)
        elif name == "export":
            self.variables |= dict(argument.partition("=")[::2] for argument in plain)
        elif name == "cd" and plain:
            self.workdir = self._path(plain[0])
        elif name == "mkdir":
            self.folders |= {self._path(path) for path in plain}
        elif name == "touch":
            self.files |= {self._path(path): b"" for path in plain}
        elif name == "rm":
            self._remove([self._path(path) for path in plain])
        elif name in ("cp", "mv") and len(plain) > 1:
            self._copy([self._path(path) for path in plain[:-1]], plain[-1], move=name == "mv")
        elif _PYTHON.fullmatch(name) and arguments[:2] == ["-m", "venv"]:
            make_environment(self.files, self._path(plain[-1]))
        elif name == "uv" and arguments[:1] == ["venv"]:
            make_environment(self.files, self._path(plain[1] if len(plain) > 1 else ".venv"))
        elif _PYTHON.fullmatch(name) and arguments[:3] == ["-m", "pip", "install"]:
            self._install(name, arguments[3:])
        elif _PIP.fullmatch(name) and arguments[:1] == ["install"]:
            self._install(name, arguments[1:])
        elif name == "uv" and arguments[:2] == ["pip", "install"]:
            self._install("python", arguments[2:])

    def _install(self, program: str, arguments: list[str]) -> None:
        install(self.files, arguments, program, self.workdir, self.variables)

    def _path(self, path: str) -> str:
        return posixpath.normpath(posixpath.join(self.workdir, path))

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
            if word in (">", ">>"):
                output = self._path(next(rest, ""))
            elif word != "<" and not word.startswith(("2>", "&>")):
                kept.append(word)
        return kept, output if output and not output.startswith("/dev/") else None


def simple_commands(script: str) -> Iterator[list[str]]:
    """The words of each simple command of a script, in the order in which they stand there."""
    for line in script.replace("\\\n", " ").split("\n"):
        lexer = shlex.shlex(line, posix=True, punctuation_chars=";&|()<>")
        lexer.whitespace_split = True
        lexer.commenters = "#"
        command: list[str] = []
        try:
            for token in lexer:
                if set(token) <= set(";&|()"):
                    yield command
                    command = []
                else:
                    command.append(token)
        except ValueError as error:
            raise DockerfileError(f"the shell cannot read {line.strip()!r}: {error}") from None
        yield command
