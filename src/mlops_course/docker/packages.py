"""Python packages in an image: virtual environments, `pip install`, and what a program can import afterwards.

Installed distributions are files in the image, as they are in reality, so that copying a virtual environment from one
stage to the next carries them along.
"""

from __future__ import annotations

import posixpath
import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from mlops_course.docker.syntax import DockerfileError

SYSTEM = "/usr/local"
INTERPRETERS = ("python", "python3", "sh", "bash", "/bin/sh", "/bin/bash", "env", "pip")
_WITH_VALUE = frozenset(
    {"-c", "--constraint", "-i", "--index-url", "--extra-index-url", "-f", "--find-links", "--prefix", "-t", "--target"}
    | {"--python", "--timeout", "--retries", "--platform", "--python-version", "--root", "--src", "--cache-dir"}
    | {"--trusted-host", "--upgrade-strategy"}
)
"""Options of pip that take the next word as their value."""
_PROGRAMS = {"uvicorn": "uvicorn", "gunicorn": "gunicorn", "functions-framework": "functions_framework", "uv": "uv"}
"""Distributions whose programs images are started with, and the modules behind them."""


def make_environment(files: dict[str, bytes], path: str) -> None:
    """What `python -m venv` leaves."""
    files[f"{path}/pyvenv.cfg"] = b"home = /usr/local/bin\n"
    for name in ("python", "python3", "pip"):
        files[f"{path}/bin/{name}"] = b""


def find_prefix(files: Mapping[str, bytes], search: str, path: str, program: str) -> str:
    """The environment of a program: of its path when it has one, else of the first folder of PATH that has it."""
    places = [posixpath.dirname(posixpath.normpath(path))] if "/" in program else search.split(":")
    for folder in places:
        prefix = posixpath.dirname(folder)
        if f"{prefix}/pyvenv.cfg" in files:
            return prefix
        if folder == f"{SYSTEM}/bin":
            break
    return SYSTEM


def site(prefix: str) -> str:
    return f"{prefix}/lib/python3/site-packages"


def distributions(files: Mapping[str, bytes], prefix: str) -> set[str]:
    """Normalised names of what is installed in an environment."""
    found = re.compile(re.escape(site(prefix)) + r"/([^/]+)\.dist-info/METADATA")
    return {match[1] for match in map(found.fullmatch, files) if match}


def import_paths(files: Mapping[str, bytes], prefix: str) -> list[str]:
    """The folders that an environment imports from: its packages, and the sources of editable ones."""
    links = sorted(path for path in files if path.startswith(site(prefix) + "/") and path.endswith(".pth"))
    return [site(prefix), *(files[link].decode().strip() for link in links)]


def scripts(files: Mapping[str, bytes], search: str) -> dict[str, str]:
    """The programs on PATH, each with its path; the first folder wins."""
    found: dict[str, str] = {}
    for folder in search.split(":"):
        for path in files:
            if posixpath.dirname(path) == folder:
                found.setdefault(posixpath.basename(path), path)
    return found


def install(
    files: dict[str, bytes], arguments: list[str], program: str, workdir: str, variables: Mapping[str, str]
) -> None:
    """`pip install arguments…`, started as `program`. Raises DockerfileError for files and projects not there."""
    prefix = find_prefix(files, variables.get("PATH", ""), posixpath.join(workdir, program), program)
    options, wanted, editable = _parsed(arguments)
    folder = options.get("--target") or options.get("-t")
    prefix = posixpath.join(workdir, options["--prefix"]) if "--prefix" in options else prefix
    if "--user" in arguments:
        prefix = "/root/.local"
    into = posixpath.normpath(posixpath.join(workdir, folder)) if folder else site(prefix)
    for argument in wanted:
        if re.match(r"(\.|/)", argument) or argument in editable:
            project = posixpath.normpath(posixpath.join(workdir, argument.split("[")[0]))
            metadata = _project(files, project)
            _record(files, into, prefix, metadata["name"], metadata.get("scripts", {}))
            if argument in editable:
                files[f"{into}/__editable__.{canonicalize_name(metadata['name'])}.pth"] = _sources(
                    files, project
                ).encode()
            else:
                files |= _packages(files, project, into)
            required = [] if "--no-deps" in arguments else metadata.get("dependencies", [])
        else:
            required = [argument]
        for text in required:
            _record_requirement(files, into, prefix, text)
    for path in options.get("-r", "").split("\0")[1:]:
        for text in _requirements(files, posixpath.normpath(posixpath.join(workdir, path))):
            _record_requirement(files, into, prefix, text)


def _parsed(arguments: list[str]) -> tuple[dict[str, str], list[str], set[str]]:
    """Options with values (`-r` once or more, joined by NUL), what is to be installed, and what of it is editable."""
    options: dict[str, str] = {}
    wanted: list[str] = []
    editable: set[str] = set()
    rest = iter(arguments)
    for argument in rest:
        name, _, value = argument.partition("=") if argument.startswith("--") else (argument, "", "")
        if name in ("-r", "--requirement", "--requirements"):
            options["-r"] = options.get("-r", "") + "\0" + (value or next(rest, ""))
        elif argument.startswith("-r") and argument != "-r":
            options["-r"] = options.get("-r", "") + "\0" + argument[2:]
        elif name in ("-e", "--editable"):
            wanted.append(value or next(rest, "."))
            editable.add(wanted[-1])
        elif name in _WITH_VALUE:
            options[name] = value or next(rest, "")
        elif not argument.startswith("-"):
            wanted.append(argument)
    return options, wanted, editable


def _requirements(files: Mapping[str, bytes], path: str, depth: int = 0) -> Iterator[str]:
    if path not in files:
        raise DockerfileError(f"pip finds no {path} in the image at this point")
    for line in files[path].decode(errors="replace").splitlines():
        text = line.split("#")[0].strip()
        nested = re.match(r"(?:-r|--requirement)[ =]?(.+)", text)
        if nested and depth < 5:
            yield from _requirements(files, posixpath.join(posixpath.dirname(path), nested[1].strip()), depth + 1)
        elif text and not text.startswith("-"):
            yield text


def _record_requirement(files: dict[str, bytes], into: str, prefix: str, text: str) -> None:
    try:
        name = Requirement(text).name
    except InvalidRequirement:
        raise DockerfileError(f"pip cannot read the requirement {text!r}") from None
    module = _PROGRAMS.get(canonicalize_name(name))
    _record(files, into, prefix, name, {canonicalize_name(name): module} if module else {})


def _record(files: dict[str, bytes], into: str, prefix: str, name: str, programs: Mapping[str, str]) -> None:
    files[f"{into}/{canonicalize_name(name)}.dist-info/METADATA"] = f"Name: {name}\n".encode()
    for program, entry in programs.items():
        module, _, attribute = entry.partition(":")
        run_module = f"import runpy\n\nrunpy.run_module({module!r}, run_name='__main__', alter_sys=True)\n"
        call = f"from {module} import {attribute} as main\n\nmain()\n" if attribute else run_module
        files[f"{prefix}/bin/{program}"] = f"#!/usr/bin/env python\n{call}".encode()


def _project(files: Mapping[str, bytes], project: str) -> dict[str, Any]:
    path = f"{project}/pyproject.toml"
    if path not in files:
        raise DockerfileError(f"pip finds no pyproject.toml in {project} at this point")
    try:
        metadata: dict[str, Any] = tomllib.loads(files[path].decode()).get("project", {})
    except ValueError as error:
        raise DockerfileError(f"pip cannot read {path}: {error}") from None
    return {"name": posixpath.basename(project), **metadata}


def _sources(files: Mapping[str, bytes], project: str) -> str:
    """The folder below which a project's packages lie: `src` where it is used, or announced."""
    announced = b"src" in files.get(f"{project}/pyproject.toml", b"")
    used = any(path.startswith(f"{project}/src/") for path in files)
    return f"{project}/src" if used or announced else project


def _packages(files: Mapping[str, bytes], project: str, into: str) -> dict[str, bytes]:
    """The files that building a wheel from the project would take, as they would lie in the environment."""
    sources = _sources(files, project)
    named = re.compile(re.escape(sources) + r"/([A-Za-z_]\w*)/__init__\.py")
    packages = {match[1] for match in map(named.fullmatch, files) if match}
    return {
        posixpath.join(into, path.removeprefix(sources + "/")): content
        for path, content in files.items()
        if path.startswith(sources + "/") and path.removeprefix(sources + "/").split("/")[0] in packages
    }
