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
from mlops_course.docker.wheels import Wheel, read_wheel, wheel_name

SYSTEM = "/usr/local"
INTERPRETERS = ("python", "python3", "sh", "bash", "/bin/sh", "/bin/bash", "env", "pip")
WITH_VALUE = frozenset(
    {"-c", "--constraint", "-i", "--index-url", "--extra-index-url", "-f", "--find-links", "--prefix", "-t", "--target"}
    | {"-p", "--python", "--timeout", "--retries", "--platform", "--python-version", "--root", "--src", "--cache-dir"}
    | {"--trusted-host", "--upgrade-strategy", "--only-binary", "--no-binary", "--progress-bar", "--report", "--log"}
    | {"--proxy", "--cert", "--client-cert", "--exists-action", "--root-user-action", "-C", "--config-settings"}
    | {"--config-setting", "--global-option", "--implementation", "--abi", "--use-feature", "--use-deprecated"}
    | {"--keyring-provider", "--group", "-w", "--wheel-dir", "-d", "--dest", "--build-constraint", "-b"}
    | {"--build-constraints", "--override", "--overrides", "--resolution", "--prerelease", "--index-strategy"}
    | {"--link-mode", "--python-platform", "--index", "--default-index", "--no-build-package", "--torch-backend"}
    | {"--no-build-isolation-package", "--exclude-newer", "--extra", "--reinstall-package", "--refresh-package"}
    | {"-P", "--upgrade-package", "--config-file", "--directory", "--project", "--color", "--allow-insecure-host"}
    | {"--python-preference", "--fork-strategy", "--prompt", "-o", "--out-dir", "--outdir", "--uploaded-prior-to"}
)
"""Options of pip and uv that take the next word as their value."""
_PROGRAMS = {"uvicorn": "uvicorn", "gunicorn": "gunicorn", "functions-framework": "functions_framework", "uv": "uv"}
_PROGRAMS |= {"fastapi": "fastapi", "fastapi-cli": "fastapi", "hypercorn": "hypercorn", "virtualenv": "virtualenv"}
"""Distributions whose programs images are started with, and the modules behind them."""


def base_files(base: str) -> dict[str, bytes]:
    """Stand-ins for the interpreter, and uv where its image has it, that an image begins with."""
    version = re.search(r"python(?::|(?=\d))(\d+\.\d+)", base)
    names = ["python", "python3", "pip", "pip3", *([f"python{version[1]}"] if version else [])]
    names += ["uv", "uvx"] if "astral-sh/uv" in base else []
    return {f"{SYSTEM}/bin/{name}": b"" for name in names}


def interpreter(files: Mapping[str, bytes]) -> str:
    """The name of the image's Python with its minor version, `python3` where that is not known."""
    named = re.compile(re.escape(SYSTEM) + r"/bin/(python\d\.\d+)")
    return next((match[1] for match in map(named.fullmatch, files) if match), "python3")


def make_environment(files: dict[str, bytes], path: str, pip: bool = True) -> None:
    """What `python -m venv` leaves; `uv venv` leaves no pip."""
    files[f"{path}/pyvenv.cfg"] = b"home = /usr/local/bin\n"
    for name in {"python", "python3", interpreter(files), *(["pip", "pip3"] if pip else [])}:
        files[f"{path}/bin/{name}"] = b""


def find_prefix(files: Mapping[str, bytes], search: str, path: str, program: str) -> str:
    """The environment of a program: of its path when it has one, else of the first folder of PATH that has it."""
    if "/" in program:
        return _environment(files, posixpath.dirname(posixpath.normpath(path)))
    for folder in search.split(":"):
        if f"{folder}/{program}" in files:
            return _environment(files, folder)
    return SYSTEM


def _environment(files: Mapping[str, bytes], folder: str) -> str:
    prefix = posixpath.dirname(folder)
    return prefix if f"{prefix}/pyvenv.cfg" in files else SYSTEM


def site(files: Mapping[str, bytes], prefix: str) -> str:
    return f"{prefix}/lib/{interpreter(files)}/site-packages"


def distributions(files: Mapping[str, bytes], prefix: str) -> set[str]:
    """Normalised names of what is installed in an environment."""
    found = re.compile(re.escape(site(files, prefix)) + r"/([^/]+)\.dist-info/METADATA")
    return {match[1] for match in map(found.fullmatch, files) if match}


def import_paths(files: Mapping[str, bytes], prefix: str) -> list[str]:
    """The folders that an environment imports from: its packages, and the sources of editable ones."""
    links = sorted(path for path in files if path.startswith(site(files, prefix) + "/") and path.endswith(".pth"))
    return [site(files, prefix), *(files[link].decode().strip() for link in links)]


def scripts(files: Mapping[str, bytes], search: str) -> dict[str, str]:
    """The programs on PATH, each with its path; the first folder wins."""
    found: dict[str, str] = {}
    for folder in search.split(":"):
        for path in files:
            if posixpath.dirname(path) == folder:
                found.setdefault(posixpath.basename(path), path)
    return found


def install(files: dict[str, bytes], arguments: list[str], prefix: str, workdir: str) -> None:
    """`pip install arguments…` into an environment. Raises DockerfileError for files and projects not there."""
    options, wanted, editable = parsed(arguments)
    folder = options.get("--target") or options.get("-t")
    prefix = posixpath.join(workdir, options["--prefix"]) if "--prefix" in options else prefix
    into = posixpath.normpath(posixpath.join(workdir, folder)) if folder else site(files, prefix)
    for argument in wanted:
        path = posixpath.normpath(posixpath.join(workdir, argument.split("[")[0]))
        if argument.endswith(".whl"):
            wheel = read_wheel(files, path)
            _record(files, into, prefix, wheel.name, wheel.programs)
            files |= {posixpath.join(into, name): content for name, content in wheel.files.items()}
        elif re.match(r"(\.|/)", argument) or argument in editable:
            _install_project(files, path, into, prefix, argument in editable)
            for text in [] if "--no-deps" in arguments else project_metadata(files, path).get("dependencies", []):
                _record_requirement(files, into, prefix, text)
        else:
            _record_requirement(files, into, prefix, argument)
    for text in listed_requirements(files, options, workdir):
        _record_requirement(files, into, prefix, text)


def _install_project(files: dict[str, bytes], project: str, into: str, prefix: str, editable: bool) -> None:
    metadata = project_metadata(files, project)
    _record(files, into, prefix, metadata["name"], metadata.get("scripts", {}))
    if editable:
        link = f"{into}/__editable__.{canonicalize_name(metadata['name'])}.pth"
        files[link] = _sources(files, project).encode()
    else:
        files |= {posixpath.join(into, name): content for name, content in packages(files, project).items()}


def build_wheels(files: dict[str, bytes], arguments: list[str], workdir: str, folder: str) -> None:
    """What `pip wheel arguments…` leaves in a folder: a wheel of each requirement and project."""
    options, wanted, _ = parsed(arguments)
    texts = listed_requirements(files, options, workdir)
    for argument in wanted:
        if re.match(r"(\.|/)", argument):
            project = posixpath.normpath(posixpath.join(workdir, argument.split("[")[0]))
            metadata = project_metadata(files, project)
            wheel = Wheel(metadata["name"], packages(files, project), metadata.get("scripts", {}))
            files[f"{folder}/{wheel_name(metadata['name'], str(metadata.get('version', '0')))}"] = wheel.packed()
            texts += [] if "--no-deps" in arguments else metadata.get("dependencies", [])
        else:
            texts.append(argument)
    for text in texts:
        requirement = read_requirement(text)
        version = next((each.version for each in requirement.specifier if each.operator == "=="), "1.0")
        programs = _programs(requirement.name)
        files[f"{folder}/{wheel_name(requirement.name, version)}"] = Wheel(requirement.name, {}, programs).packed()


def listed_requirements(files: Mapping[str, bytes], options: Mapping[str, str], workdir: str) -> list[str]:
    """The requirements in all files that `-r` names."""
    paths = options.get("-r", "").split("\0")[1:]
    return [t for path in paths for t in _requirements(files, posixpath.normpath(posixpath.join(workdir, path)))]


def parsed(arguments: list[str]) -> tuple[dict[str, str], list[str], set[str]]:
    """Options with values (`-r` once or more, joined by NUL), what is to be installed, and what of it is editable."""
    options: dict[str, str] = {}
    wanted: list[str] = []
    editable: set[str] = set()
    rest = iter(arguments)
    for argument in rest:
        name, _, value = argument.partition("=") if argument.startswith("--") else (argument, "", "")
        if name in ("-r", "--requirement", "--requirements") or re.fullmatch(r"-[qvUI]+r", name):
            options["-r"] = options.get("-r", "") + "\0" + (value or next(rest, ""))
        elif argument.startswith("-r") and argument != "-r":
            options["-r"] = options.get("-r", "") + "\0" + argument[2:]
        elif name in ("-e", "--editable"):
            wanted.append(value or next(rest, "."))
            editable.add(wanted[-1])
        elif name in WITH_VALUE:
            options[name] = value or next(rest, "")
        elif not argument.startswith("-"):
            wanted.append(argument)
    return options, wanted, editable


def _requirements(files: Mapping[str, bytes], path: str, depth: int = 0) -> Iterator[str]:
    if path not in files:
        raise DockerfileError(f"pip finds no {path} in the image at this point")
    if path.endswith("pyproject.toml"):  # uv takes it, too
        yield from project_metadata(files, posixpath.dirname(path)).get("dependencies", [])
        return
    text = files[path].decode(errors="replace")
    for line in re.sub(r"\\\n", " ", text).splitlines():
        text = re.split(r"(?:^|\s)#|\s--hash=", line)[0].strip()
        nested = re.match(r"(?:-r|--requirement)[ =]?(.+)", text)
        if nested and depth < 5:
            yield from _requirements(files, posixpath.join(posixpath.dirname(path), nested[1].strip()), depth + 1)
        elif text and not text.startswith("-"):
            yield text


def read_requirement(text: str) -> Requirement:
    try:
        return Requirement(text)
    except InvalidRequirement:
        raise DockerfileError(f"pip cannot read the requirement {text!r}") from None


def _record_requirement(files: dict[str, bytes], into: str, prefix: str, text: str) -> None:
    name = read_requirement(text).name
    _record(files, into, prefix, name, _programs(name))


def _programs(name: str) -> dict[str, str]:
    module = _PROGRAMS.get(canonicalize_name(name))
    return {module.replace("_", "-"): module} if module else {}


def _record(files: dict[str, bytes], into: str, prefix: str, name: str, programs: Mapping[str, str]) -> None:
    files[f"{into}/{canonicalize_name(name)}.dist-info/METADATA"] = f"Name: {name}\n".encode()
    interpreted_by = f"{_environment(files, f'{prefix}/bin')}/bin/python"
    for program, entry in programs.items():
        module, _, attribute = entry.partition(":")
        run_module = f"import runpy\n\nrunpy.run_module({module!r}, run_name='__main__', alter_sys=True)\n"
        call = f"from {module} import {attribute} as main\n\nmain()\n" if attribute else run_module
        files[f"{prefix}/bin/{program}"] = f"#!{interpreted_by}\n{call}".encode()


def project_metadata(files: Mapping[str, bytes], project: str) -> dict[str, Any]:
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


def packages(files: Mapping[str, bytes], project: str) -> dict[str, bytes]:
    """The files that building a wheel from the project would take, from the environment's folder on."""
    sources = _sources(files, project)
    named = re.compile(re.escape(sources) + r"/([A-Za-z_]\w*)/__init__\.py")
    found = {match[1] for match in map(named.fullmatch, files) if match}
    return {
        path.removeprefix(sources + "/"): content
        for path, content in files.items()
        if path.startswith(sources + "/") and path.removeprefix(sources + "/").split("/")[0] in found
    }
