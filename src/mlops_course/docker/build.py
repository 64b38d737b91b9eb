"""Replay a Dockerfile: stages, layers with their cache keys, the files of the image, and the process it starts."""

from __future__ import annotations

import hashlib
import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from mlops_course.docker.ignore import glob_expression
from mlops_course.docker.packages import (
    INTERPRETERS,
    SYSTEM,
    base_files,
    distributions,
    find_prefix,
    import_paths,
    interpreter,
    scripts,
)
from mlops_course.docker.shell import Shell, user_base
from mlops_course.docker.syntax import DockerfileError, Instruction, pairs, parse, substitute, words

PATH = "/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True)
class Layer:
    """What one instruction added. Equal keys mean that Docker would take the layer from its cache."""

    instruction: Instruction
    key: str
    created: Mapping[str, bytes]


@dataclass
class Image:
    """A stage of a build, as it is after its last instruction."""

    base: str
    """The image named by the first FROM below this stage."""
    files: dict[str, bytes] = field(default_factory=dict)
    folders: set[str] = field(default_factory=set)
    environment: dict[str, str] = field(default_factory=lambda: {"PATH": PATH})
    workdir: str = "/"
    user: str = ""
    shell: list[str] = field(default_factory=lambda: ["/bin/sh", "-c"])
    entrypoint: Instruction | None = None
    command: Instruction | None = None
    layers: list[Layer] = field(default_factory=list)
    arguments: dict[str, str] = field(default_factory=dict)
    """Build arguments in force; they are no part of the finished image's environment."""

    def process(self, *arguments: str) -> list[str]:
        """The command line of `docker run IMAGE arguments…`. Raises DockerfileError when there is none."""
        given = list(arguments) or self._words(self.command)
        if self.entrypoint is None:
            line = given
        elif self.entrypoint.exec_form is None:
            line = self._words(self.entrypoint)
        else:
            line = self.entrypoint.exec_form + given
        if not line:
            raise DockerfileError("the image has neither ENTRYPOINT nor CMD")
        return line

    def _words(self, instruction: Instruction | None) -> list[str]:
        if instruction is None:
            return []
        listed = instruction.exec_form
        return listed if listed is not None else [*self.shell, instruction.value]

    def prefix(self, program: str = "python") -> str:
        """The environment (`/usr/local`, or a virtual environment) that a program of that name or path belongs to."""
        return find_prefix(self.files, self.environment["PATH"], posixpath.join(self.workdir, program), program)

    def distributions(self, program: str = "python") -> set[str]:
        """Normalised names of the distributions that the program can import."""
        return {name for prefix in self._prefixes(program) for name in distributions(self.files, prefix)}

    def import_paths(self, program: str = "python") -> list[str]:
        """Folders of the image that the program imports from: PYTHONPATH, installed packages, editable ones."""
        given = [path for path in self.environment.get("PYTHONPATH", "").split(":") if path]
        installed = [path for prefix in self._prefixes(program) for path in import_paths(self.files, prefix)]
        return [posixpath.join(self.workdir, path) for path in given] + installed

    def _prefixes(self, program: str) -> list[str]:
        """The environment of a program; for the image's own Python that of its user comes first."""
        prefix = self.prefix(program)
        return [user_base(self.user, self.environment), prefix] if prefix == SYSTEM else [prefix]

    def is_python_script(self, program: str) -> bool:
        """Is it a script that names an interpreter of Python, as those that pip installs do?"""
        return re.fullmatch(r"#!/\S*/python", self._first_line(program)) is not None

    def _first_line(self, program: str) -> str:
        path = program if "/" in program else scripts(self.files, self.environment["PATH"]).get(program, "")
        content = self.files.get(posixpath.normpath(posixpath.join(self.workdir, path)), b"")
        return content.partition(b"\n")[0].decode(errors="replace")

    def has_program(self, program: str) -> bool:
        """Would the image find an executable of that name or path, and its interpreter?"""
        if "/" not in program and program not in INTERPRETERS:
            program = scripts(self.files, self.environment["PATH"]).get(program, program)
        if self.is_python_script(program) and self._first_line(program)[2:] not in self.files:
            return False
        if "/" in program:
            path = posixpath.normpath(posixpath.join(self.workdir, program))
            return path in self.files or path in {f"{folder}/{n}" for folder in PATH.split(":") for n in INTERPRETERS}
        return program in INTERPRETERS or program == interpreter(self.files)


@dataclass(frozen=True)
class Build:
    """All stages of a Dockerfile. The last one is the image."""

    instructions: tuple[Instruction, ...]
    stages: tuple[Image, ...]

    @property
    def final(self) -> Image:
        return self.stages[-1]

    @property
    def layers(self) -> list[Layer]:
        """The layers of all stages that the build went through, each once."""
        return list({layer.key: layer for stage in self.stages for layer in stage.layers}.values())


def build(dockerfile: str, context: Mapping[str, bytes]) -> Build:
    """Replay a Dockerfile over a build context: relative paths with their content.

    Raises DockerfileError for what Docker would refuse, and for steps that are known to fail: a COPY whose source is
    not in the context, a `pip install -r` of a file that is not there yet.
    """
    instructions = parse(dockerfile)
    replay = _Replay(context)
    for instruction in instructions:
        replay.step(instruction)
    if not replay.stages:
        raise DockerfileError("a Dockerfile begins with FROM")
    return Build(tuple(instructions), tuple(replay.stages))


class _Replay:
    """The state of a build."""

    def __init__(self, context: Mapping[str, bytes]) -> None:
        self.context = {posixpath.normpath(path): content for path, content in context.items()}
        self.stages: list[Image] = []
        self.names: dict[str, Image] = {}
        self.global_arguments: dict[str, str] = {}

    def step(self, instruction: Instruction) -> None:
        if instruction.keyword == "FROM":
            self._from(instruction)
        elif self.stages:
            handler = getattr(self, f"_{instruction.keyword.lower()}", None)
            if handler:
                handler(self.stages[-1], instruction)
        elif instruction.keyword == "ARG":
            self.global_arguments |= pairs(instruction, self.global_arguments)
        else:
            raise instruction.error("a Dockerfile begins with FROM (only ARG may stand before it)")

    def _from(self, instruction: Instruction) -> None:
        parts = substitute(instruction.value, self.global_arguments).split()
        if len(parts) not in (1, 3) or (len(parts) == 3 and parts[1].lower() != "as"):
            raise instruction.error("expected FROM image, or FROM image AS name")
        parent = self.names.get(parts[0].lower())
        if parent:
            stage = replace(
                parent,
                files=dict(parent.files),
                folders=set(parent.folders),
                environment=dict(parent.environment),
                layers=list(parent.layers),
                arguments=dict(parent.arguments),
            )
        else:
            stage = Image(base=parts[0], files=base_files(parts[0]))
        self.stages.append(stage)
        self.names[str(len(self.stages) - 1)] = stage
        if len(parts) == 3:
            self.names[parts[2].lower()] = stage

    def _arg(self, stage: Image, instruction: Instruction) -> None:
        for name, value in pairs(instruction, self._variables(stage)).items():
            stage.arguments[name] = value or self.global_arguments.get(name, "")

    def _env(self, stage: Image, instruction: Instruction) -> None:
        stage.environment |= pairs(instruction, self._variables(stage))
        self._layer(stage, instruction, {})

    def _workdir(self, stage: Image, instruction: Instruction) -> None:
        path = " ".join(words(instruction, self._variables(stage)))
        stage.workdir = posixpath.normpath(posixpath.join(stage.workdir, path))
        stage.folders.add(stage.workdir)
        self._layer(stage, instruction, {})

    def _user(self, stage: Image, instruction: Instruction) -> None:
        stage.user = substitute(instruction.value, self._variables(stage))

    def _shell(self, stage: Image, instruction: Instruction) -> None:
        stage.shell = words(instruction, {})

    def _entrypoint(self, stage: Image, instruction: Instruction) -> None:
        stage.entrypoint = instruction

    def _cmd(self, stage: Image, instruction: Instruction) -> None:
        stage.command = instruction

    def _add(self, stage: Image, instruction: Instruction) -> None:
        self._copy(stage, instruction)

    def _copy(self, stage: Image, instruction: Instruction) -> None:
        *sources, target = words(instruction, self._variables(stage))
        tree, origin = self._source_tree(instruction)
        into = posixpath.normpath(posixpath.join(stage.workdir, target))
        bodies = dict(instruction.heredocs)
        is_folder = target in (".", "..") or target.endswith(("/", "/.")) or len(sources) > 1 or into in stage.folders
        is_folder = is_folder or any(path.startswith(into + "/") for path in stage.files)
        if not sources:
            raise instruction.error("expected at least one source and a destination")
        created: dict[str, bytes] = {}
        for source in sources:
            name = posixpath.basename(source).strip("<-'\"")
            remote = instruction.keyword == "ADD" and source.startswith(("http://", "https://", "git@"))
            if tree is None or remote or source.startswith("<<"):
                created[posixpath.join(into, name) if is_folder else into] = bodies.get(name, "").encode()
            else:
                created |= _copied(source, tree, into, is_folder, instruction, origin)
        stage.files |= created
        self._layer(stage, instruction, created)

    def _source_tree(self, instruction: Instruction) -> tuple[Mapping[str, bytes] | None, str]:
        """Where a COPY takes its files from; no tree for another image, whose files are not known here."""
        for unknown in ("parents", "exclude"):
            if instruction.flag(unknown) is not None:
                raise instruction.error(f"--{unknown} is not followed here; name the files")
        return self._tree(instruction.flag("from"))

    def _tree(self, origin: str | None) -> tuple[Mapping[str, bytes] | None, str]:
        if origin is None:
            return self.context, "the build context (is it in .dockerignore?)"
        stage = self.names.get(origin.lower())
        if stage is None:
            return None, origin
        return {path.lstrip("/"): content for path, content in stage.files.items()}, f"the stage {origin}"

    def _run(self, stage: Image, instruction: Instruction) -> None:
        variables = self._variables(stage)
        mounted = self._mounts(stage, instruction)
        before = dict(stage.files)
        shell = Shell({**stage.files, **mounted}, stage.folders, variables, stage.workdir, stage.user)
        listed = instruction.exec_form
        try:
            if listed is not None:
                shell.command(listed)
            else:
                shell.script(_script(instruction))
        except DockerfileError as error:
            raise instruction.error(str(error)) from None
        stage.files = {path: content for path, content in shell.files.items() if path not in mounted or path in before}
        created = {path: content for path, content in stage.files.items() if before.get(path) != content}
        self._layer(stage, instruction, created, mounted)

    def _mounts(self, stage: Image, instruction: Instruction) -> dict[str, bytes]:
        """The files that `--mount=type=bind` lends to one RUN: of the context, of a stage, of an image."""
        mounted: dict[str, bytes] = {}
        for name, value in instruction.flags:
            options = dict(part.partition("=")[::2] for part in value.split(","))
            if name != "mount" or options.get("type", "bind") != "bind":
                continue
            source = options.get("source", options.get("src", "."))
            target = options.get("target", options.get("dst", options.get("destination", "/")))
            into = posixpath.normpath(posixpath.join(stage.workdir, target))
            tree, origin = self._tree(options.get("from"))
            if tree is None:
                mounted[into] = b""
            else:
                mounted |= _copied(source, tree, into, False, instruction, origin)
        return mounted

    def _variables(self, stage: Image) -> dict[str, str]:
        return stage.arguments | stage.environment

    def _layer(
        self,
        stage: Image,
        instruction: Instruction,
        created: Mapping[str, bytes],
        mounted: Mapping[str, bytes] | None = None,
    ) -> None:
        """Record a layer. Its key follows from the layer below, the instruction, and what it took from the context."""
        digest = hashlib.sha256((stage.layers[-1].key if stage.layers else stage.base).encode())
        digest.update(repr((instruction.keyword, instruction.value, instruction.flags, instruction.heredocs)).encode())
        digest.update(repr(sorted(stage.arguments.items())).encode() if instruction.keyword == "RUN" else b"")
        taken = created if instruction.keyword in ("COPY", "ADD") else mounted or {}
        for path in sorted(taken):
            digest.update(path.encode() + b"\0" + hashlib.sha256(taken[path]).digest())
        stage.layers.append(Layer(instruction, digest.hexdigest(), dict(created)))


def _script(instruction: Instruction) -> str:
    """The shell script of a RUN in shell form: here-documents are the script, or a shell's input, or data."""
    program = posixpath.basename(instruction.value.split()[0])
    if instruction.heredocs and (program.startswith("<<") or program in ("sh", "bash", "dash")):
        bodies = [body for _, body in instruction.heredocs]
        return "\n".join(body for body in bodies if not body.startswith("#!") or "sh" in body.partition("\n")[0])
    return re.sub(r"<<-?\s*['\"]?\w+['\"]?", "", instruction.value) if instruction.heredocs else instruction.value


def _copied(
    source: str, tree: Mapping[str, bytes], into: str, is_folder: bool, instruction: Instruction, origin: str
) -> dict[str, bytes]:
    """What COPY makes of one source: a folder's content goes into the target, a file becomes it or goes into it."""
    wanted = posixpath.normpath("/" + source).lstrip("/")
    if source.startswith("../"):
        raise instruction.error(f"{source} is outside the build context")
    if wanted in ("", "."):
        return {posixpath.join(into, path): content for path, content in tree.items()}
    expression = glob_expression(wanted)
    matches = {
        "/".join(parts[:depth])
        for parts in (path.split("/") for path in tree)
        for depth in range(1, len(parts) + 1)
        if expression.fullmatch("/".join(parts[:depth]))
    }
    if not matches:
        raise instruction.error(f"{source} is not in {origin}")
    created = {}
    for match in sorted(matches):
        if match in tree:
            name = posixpath.join(into, posixpath.basename(match)) if is_folder or len(matches) > 1 else into
            created[name] = tree[match]
        for path, content in tree.items():
            if path.startswith(match + "/"):
                created[posixpath.join(into, path.removeprefix(match + "/"))] = content
    return created
