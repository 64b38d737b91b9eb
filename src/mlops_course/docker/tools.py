"""pip, venv, virtualenv and uv, as RUN starts them: what they install, and into which environment."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping

from mlops_course.docker.packages import (
    SYSTEM,
    WITH_VALUE,
    build_wheels,
    find_prefix,
    install,
    make_environment,
    parsed,
)
from mlops_course.docker.syntax import DockerfileError

PYTHON = re.compile(r"(?:.*/)?python[\d.]*")
PIP = re.compile(r"(?:.*/)?pip[\d.]*")
_FALSE = frozenset({"", "0", "false", "no", "off"})


class PythonTools:
    """The tools of one shell, working on its files in place."""

    def __init__(self, files: dict[str, bytes], variables: Mapping[str, str], workdir: str, is_root: bool) -> None:
        self.files = files
        self.variables = variables
        self.workdir = workdir
        self.is_root = is_root

    def run(self, program: str, arguments: list[str]) -> None:
        """Run one command line. Raises DockerfileError where it is known to fail."""
        if not PYTHON.fullmatch(program):
            self._tool(re.sub(r"[\d.]+$", "", posixpath.basename(program)), program, arguments)
        elif "-m" in arguments and all(word.startswith("-") for word in arguments[: arguments.index("-m")]):
            module, *rest = [*arguments[arguments.index("-m") + 1 :], ""]
            self._tool(module, program, rest[:-1] if rest else [])

    def _tool(self, tool: str, program: str, arguments: list[str]) -> None:
        if tool == "pip":
            self._pip(program, *_subcommand(arguments))
        elif tool == "uv":
            self._uv(program, *_subcommand(arguments))
        elif tool in ("venv", "virtualenv"):
            _, folders, _ = parsed(arguments)
            for folder in folders:
                make_environment(self.files, self._path(folder), pip="--without-pip" not in arguments)
        elif tool == "build":
            self._build(arguments)

    def _pip(self, program: str, command: str, arguments: list[str]) -> None:
        options = parsed(arguments)[0]
        prefix = self._prefix_of(program)
        if "--python" in options:
            prefix = self._named_environment(options["--python"])
        elif prefix != SYSTEM and f"{prefix}/bin/pip" not in self.files:
            raise DockerfileError(f"there is no pip in {prefix} at this point (`uv venv` puts none there)")
        if command == "install":
            if "--user" in arguments or (prefix == SYSTEM and not self.is_root):
                prefix = self.variables.get("PYTHONUSERBASE") or f"{self.variables['HOME']}/.local"
            install(self.files, arguments, prefix, self.workdir)
        elif command in ("wheel", "download"):
            names = ("-w", "--wheel-dir", "-d", "--dest")
            folder = next((options[name] for name in names if name in options), ".")
            build_wheels(self.files, arguments, self.workdir, self._path(folder))

    def _uv(self, program: str, command: str, arguments: list[str]) -> None:
        search = self.variables.get("PATH", "").split(":")
        if program == "uv" and not any(f"{folder}/uv" in self.files for folder in search):
            raise DockerfileError("there is no uv on PATH at this point: copy it from its image, or install it")
        if command == "venv":
            _, folders, _ = parsed(arguments)
            seeded = "--seed" in arguments or self.variables.get("UV_VENV_SEED", "").lower() not in _FALSE
            make_environment(self.files, self._path(folders[0] if folders else ".venv"), pip=seeded)
        elif command == "build":
            self._build(arguments)
        elif command == "pip":
            command, arguments = _subcommand(arguments)
            if command == "sync":
                _, lists, _ = parsed(arguments)
                arguments = [*(word for word in arguments if word not in lists), *(f"-r{name}" for name in lists)]
            if command in ("install", "sync"):
                install(self.files, arguments, self._environment_for_uv(arguments), self.workdir)

    def _build(self, arguments: list[str]) -> None:
        options, projects, _ = parsed(arguments)
        project = projects[0] if projects else "."
        names = ("-o", "--out-dir", "--outdir")
        folder = next((options[name] for name in names if name in options), posixpath.join(project, "dist"))
        wanted = project if project.startswith(("/", ".")) else f"./{project}"
        build_wheels(self.files, ["--no-deps", wanted], self.workdir, self._path(folder))

    def _environment_for_uv(self, arguments: list[str]) -> str:
        """Where `uv pip` installs: where it is told, the system if it is told, else the environment that it finds."""
        options = parsed(arguments)[0]
        named = options.get("--python") or options.get("-p") or self.variables.get("UV_PYTHON", "")
        if "/" in named or self._path(named) + "/pyvenv.cfg" in self.files:
            return self._named_environment(named)
        if "--system" in arguments or self.variables.get("UV_SYSTEM_PYTHON", "").lower() not in _FALSE:
            return SYSTEM
        active = self.variables.get("VIRTUAL_ENV")
        if active:
            return self._named_environment(active)
        folder = self.workdir
        while f"{posixpath.join(folder, '.venv')}/pyvenv.cfg" not in self.files:
            if folder == "/":
                break
            folder = posixpath.dirname(folder)
        else:
            return posixpath.join(folder, ".venv")
        if named or {"--prefix", "--target", "-t"} & options.keys():
            return SYSTEM
        raise DockerfileError("uv finds no virtual environment here: make one, name it (--python), or say --system")

    def _named_environment(self, path: str) -> str:
        """The environment at a path, which may be that of its interpreter."""
        path = self._path(path)
        for prefix in (path, posixpath.dirname(posixpath.dirname(path))):
            if f"{prefix}/pyvenv.cfg" in self.files:
                return prefix
        if path.startswith((f"{SYSTEM}/bin/", "/usr/bin/")) or path == SYSTEM:
            return SYSTEM
        raise DockerfileError(f"there is no Python environment at {path} in the image at this point")

    def _prefix_of(self, program: str) -> str:
        path = posixpath.join(self.workdir, program)
        return find_prefix(self.files, self.variables.get("PATH", ""), path, program)

    def _path(self, path: str) -> str:
        return posixpath.normpath(posixpath.join(self.workdir, path))


def _subcommand(arguments: list[str]) -> tuple[str, list[str]]:
    """The command that follows a tool's own options, and all options and words but it."""
    rest = list(arguments)
    options: list[str] = []
    while rest and rest[0].startswith("-"):
        options.append(rest.pop(0))
        if options[-1] in WITH_VALUE and rest:
            options.append(rest.pop(0))
    return (rest[0], options + rest[1:]) if rest else ("", options)
