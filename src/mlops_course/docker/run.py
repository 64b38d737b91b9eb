"""Start what an image would start, on a copy of its files in some folder, with the programs of this machine.

for path, content in unpack(image).items():
    ...                                           # write them below one folder
start = launch(image, "--lr", "0.1")
# bash launch.sh start.arguments… with start.environment, in that folder
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass

from mlops_course.docker.build import Image
from mlops_course.docker.packages import scripts
from mlops_course.docker.shell import simple_commands
from mlops_course.docker.syntax import DockerfileError

ROOT = "@root@"
LAUNCHER = "launch.sh"
_LAUNCHER = """\
root="$(cd "$(dirname "$0")" && pwd)/image"
export IMAGE_PYTHON="$(command -v python)"
export PYTHONPATH="${PYTHONPATH//@root@/$root}" PATH="${IMAGE_PATH//@root@/$root}:$PATH"
mkdir -p "$root$IMAGE_WORKDIR" && cd "$root$IMAGE_WORKDIR" || exit 127
chmod -f +x "$root"/usr/local/bin/* "$root"/*/bin/* "$root"/*/*/bin/*
set -- "${@//@root@/$root}"
chmod -f +x "$1"
exec "$@"
"""
_STAND_IN = b'#!/bin/sh\nexec "$IMAGE_PYTHON" "$@"\n'
_PYTHON = re.compile(r"(?:.*/)?python[\d.]*")
_SHELLS = ("sh", "bash", "/bin/sh", "/bin/bash", "/usr/bin/env", "env")


@dataclass(frozen=True)
class Launch:
    """How to start an image's process: the arguments of the launcher, and the environment."""

    arguments: tuple[str, ...]
    environment: dict[str, str]
    python: str
    """The program whose packages count: Python, or a program that a package has brought along."""


def unpack(image: Image) -> dict[str, bytes]:
    """The launcher and the image's files, `/app/x` as `image/app/x`; its interpreters are this machine's."""
    files = {}
    for path, content in image.files.items():
        if "/bin/" not in path:
            files[f"image{path}"] = content
        elif content:
            files[f"image{path}"] = re.sub(rb"^#!/\S*/python\n", b"#!/usr/bin/env python\n", content)
        elif _PYTHON.fullmatch(path):
            files[f"image{path}"] = _STAND_IN
    return files | {LAUNCHER: _LAUNCHER.encode()}


def launch(image: Image, *arguments: str, environment: dict[str, str] | None = None) -> Launch:
    """What `docker run -e environment… IMAGE arguments…` would start. Raises DockerfileError when that is not there."""
    line = _without_init(image.process(*arguments))
    program = line[0]
    if program in _SHELLS:
        program = _first_program(image, line)
        has_script = len(line) > 1 and line[1].startswith("-")
        rest = [_inside(image, word) if has_script else _rooted(word) for word in line[1:]]
        line = [posixpath.basename(line[0]), *rest]
    elif _PYTHON.fullmatch(program):
        line = ["python", *map(_rooted, line[1:])]
    else:
        line = [*map(_rooted, line)]
    if posixpath.basename(program) == "uv":
        raise DockerfileError("`uv run` sets the project up each time a container starts: start Python itself")
    if not image.has_program(program):
        raise DockerfileError(f"the image has no program {program!r} to start")
    importing = program if _PYTHON.fullmatch(program) or image.is_python_script(program) else "python"
    given = {name: value for name, value in image.environment.items() if name not in ("PATH", "PYTHONPATH")}
    return Launch(
        tuple(line),
        given
        | (environment or {})
        | {
            "PYTHONPATH": ":".join(ROOT + path for path in image.import_paths(importing)),
            "IMAGE_PATH": ":".join(ROOT + folder for folder in image.environment["PATH"].split(":")),
            "IMAGE_WORKDIR": image.workdir,
        },
        importing,
    )


def _without_init(line: list[str]) -> list[str]:
    """The program that a small init (tini, dumb-init) starts."""
    if posixpath.basename(line[0]) not in ("tini", "dumb-init"):
        return line
    rest = line[1:]
    while rest and rest[0].startswith("-"):
        if rest.pop(0) == "--":
            break
    return rest or line


def _first_program(image: Image, line: list[str]) -> str:
    """The program that a shell is told to start last; the shell itself when that cannot be told."""
    if len(line) < 3 or line[1] != "-c":
        return line[1] if posixpath.basename(line[0]) == "env" and len(line) > 1 else line[0]
    known = scripts(image.files, image.environment["PATH"])
    commands = [command for command in simple_commands(line[2]) if command]
    for word in commands[-1] if commands else []:
        if word in known or not (word == "exec" or "=" in word):
            return word
    return line[0]


def _rooted(argument: str) -> str:
    """An absolute path, alone or as the value of an option, moved below the folder that stands for the image."""
    return re.sub(r"^(--?[\w-]+=)?/", rf"\1{ROOT}/", argument)


def _inside(image: Image, script: str) -> str:
    """A shell script with the paths of the image's own folders moved likewise."""
    tops = {path.split("/")[1] for path in [*image.files, image.workdir + "/"] if path.count("/") > 1}
    if not tops:
        return script
    return re.sub(rf"(?<![\w./@}}])/(?=(?:{'|'.join(map(re.escape, sorted(tops)))})(?![\w.-]))", f"{ROOT}/", script)
