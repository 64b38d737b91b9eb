"""The grammar of a Dockerfile: instructions, flags, forms, variables (https://docs.docker.com/reference/dockerfile/)."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass

KEYWORDS = frozenset(
    {"ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "MAINTAINER"}
    | {"ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR"}
)
_ESCAPE_DIRECTIVE = re.compile(r"#\s*escape\s*=\s*(\S)\s*$", re.IGNORECASE)
_FLAG = re.compile(r"--([a-z-]+)(?:=(\S*))?(?:\s+|$)")
_HEREDOC = re.compile(r"(?<!<)<<(-?)\s*(['\"]?)(\w+)\2")
_VARIABLE = re.compile(r"\\\$|\$(?:(\w+)|\{(\w+)(?::?([-+?])([^}]*))?\})")


class DockerfileError(ValueError):
    """A Dockerfile that Docker would refuse, or that would fail while it is built."""


@dataclass(frozen=True)
class Instruction:
    """One instruction: keyword, flags, the rest of its (joined) lines, and here-documents."""

    keyword: str
    value: str
    line: int
    flags: tuple[tuple[str, str], ...] = ()
    heredocs: tuple[tuple[str, str], ...] = ()
    """Name and body of each here-document that the instruction opens."""

    @property
    def exec_form(self) -> list[str] | None:
        """The JSON list of an instruction in exec form, None for one in shell form."""
        try:
            words = json.loads(self.value) if self.value.startswith("[") else None
        except ValueError:
            return None
        return words if isinstance(words, list) and all(isinstance(word, str) for word in words) else None

    def flag(self, name: str) -> str | None:
        """The value of the last flag of that name."""
        return dict(self.flags).get(name)

    def error(self, message: str) -> DockerfileError:
        return DockerfileError(f"line {self.line}, {self.keyword}: {message}")


def parse(text: str) -> list[Instruction]:
    """The instructions of a Dockerfile. Raises DockerfileError, with the line, for what is none."""
    lines = text.splitlines()
    directive = _ESCAPE_DIRECTIVE.match(lines[0]) if lines else None
    escape = directive[1] if directive else "\\"
    instructions: list[Instruction] = []
    at = 0
    while at < len(lines):
        start, joined = at, ""
        while at < len(lines):
            line = lines[at].strip() if not joined else lines[at].rstrip()
            at += 1
            if line.lstrip().startswith("#") or not line.strip():
                if not joined:
                    break
                continue
            joined += line.removesuffix(escape) if line.endswith(escape) else line
            if not line.endswith(escape):
                break
        if joined.strip():
            heredocs, at = _heredocs(joined, lines, at)
            instructions.append(_instruction(joined.strip(), start + 1, heredocs))
    return instructions


def _heredocs(joined: str, lines: list[str], at: int) -> tuple[tuple[tuple[str, str], ...], int]:
    if joined.split(None, 1)[0].upper() not in ("RUN", "COPY", "ADD"):
        return (), at
    heredocs = []
    for dash, _, name in _HEREDOC.findall(joined):
        body = []
        while True:
            if at == len(lines):
                raise DockerfileError(f"the here-document {name} has no end")
            line = lines[at].lstrip("\t") if dash else lines[at]
            at += 1
            if line == name:
                break
            body.append(line + "\n")
        heredocs.append((name, "".join(body)))
    return tuple(heredocs), at


def _instruction(text: str, line: int, heredocs: tuple[tuple[str, str], ...]) -> Instruction:
    keyword, rest = [*text.split(None, 1), ""][:2]
    keyword = keyword.upper()
    if keyword not in KEYWORDS:
        raise DockerfileError(f"line {line}: unknown instruction {keyword}")
    flags = []
    while flag := _FLAG.match(rest):
        flags.append((flag[1], flag[2] or ""))
        rest = rest[flag.end() :]
    if not rest:
        raise DockerfileError(f"line {line}: {keyword} needs at least one argument")
    return Instruction(keyword, rest, line, tuple(flags), heredocs)


def substitute(text: str, variables: Mapping[str, str]) -> str:
    """The text with `$name`, `${name}`, `${name:-otherwise}` and `${name:+instead}` replaced, as Docker does it."""

    def value(match: re.Match[str]) -> str:
        if match[0] == "\\$":
            return "$"
        known = variables.get(match[1] or match[2], "")
        if match[3] == "-":
            return known or match[4]
        if match[3] == "+":
            return match[4] if known else ""
        return known

    return _VARIABLE.sub(value, text)


def words(instruction: Instruction, variables: Mapping[str, str]) -> list[str]:
    """The words of an instruction such as COPY, in either form, with variables replaced."""
    listed = instruction.exec_form
    try:
        found = listed if listed is not None else shlex.split(instruction.value)
    except ValueError as error:
        raise instruction.error(str(error)) from None
    return [substitute(word, variables) for word in found]


def pairs(instruction: Instruction, variables: Mapping[str, str]) -> dict[str, str]:
    """The names and values of ENV and ARG: `NAME=value …`, or the old form `NAME value`; "" where there is no value."""
    first = instruction.value.split(None, 1)
    if instruction.keyword == "ENV" and "=" not in first[0]:
        if len(first) < 2:
            raise instruction.error("a name without a value")
        return {first[0]: substitute(first[1], variables)}
    return {name: value for name, _, value in (word.partition("=") for word in words(instruction, variables))}
