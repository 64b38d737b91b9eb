"""A GitHub workflow, as GitHub would read it: its triggers, its jobs for each cell of the matrix, a job's steps run.

Programs that steps call are stand-ins (stand_in.sh): they record their calls, and fail when they are told to.
"""

import fnmatch
import hashlib
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml
from expression import Functions, evaluate, interpolate, text
from mlops_grade.suite import Student

TOOLS = ("python", "python3", "pip", "pip3", "pytest", "coverage", "ruff", "mypy", "uv", "uvx")
SYSTEMS = {"ubuntu": "Linux", "windows": "Windows", "macos": "macOS"}

Files = dict[str, bytes]


class _Loader(yaml.SafeLoader):
    """YAML 1.2, as GitHub reads it: `on` is a word, only true and false are booleans."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)


def parse(source: bytes) -> dict[str, Any]:
    """The file as a mapping. Raises AssertionError with a sentence for the student."""
    try:
        document = yaml.load(source, Loader=_Loader)  # a SafeLoader
    except yaml.YAMLError as error:
        raise AssertionError(f"this is no YAML: {error}") from None
    assert isinstance(document, dict), "the file must hold a mapping"
    return document


def triggered(workflow: dict[str, Any], event: str, branch: str, changed: str) -> bool:
    """Does the event, on that branch (or for a pull request into it), with that one changed file, start it?"""
    on = workflow.get("on")
    if isinstance(on, str | list):
        return event in on if isinstance(on, list) else event == on
    if not isinstance(on, dict) or event not in on:
        return False
    filters = on[event] or {}
    if event == "push" and "tags" in filters and "branches" not in filters and "branches-ignore" not in filters:
        return False
    return _passes(filters, "branches", branch) and _passes(filters, "paths", changed)


def _passes(filters: dict[str, Any], name: str, value: str) -> bool:
    if f"{name}-ignore" in filters:
        return not any(_matches(value, pattern) for pattern in _list(filters[f"{name}-ignore"]))
    passes = name not in filters
    for pattern in _list(filters.get(name, [])):
        if _matches(value, pattern.removeprefix("!")):
            passes = not pattern.startswith("!")  # the last pattern that matches decides
    return passes


def _matches(value: str, pattern: str) -> bool:
    translated = re.escape(pattern).replace(r"\*\*/", "(?:.*/)?").replace(r"\*\*", ".*").replace(r"\*", "[^/]*")
    return re.fullmatch(translated.replace(r"\?", "."), value) is not None


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


@dataclass(frozen=True)
class Job:
    """One job in one cell of its matrix."""

    id: str
    definition: dict[str, Any]
    workflow: dict[str, Any]
    matrix: dict[str, Any]
    files: Files
    event: dict[str, Any] = field(default_factory=lambda: {"event_name": "pull_request", "ref": "refs/pull/7/merge"})

    def context(self, env: dict[str, Any] | None = None) -> dict[str, Any]:
        system = self.matrix_system()
        return {
            "matrix": self.matrix,
            "github": {"repository": "someone/digits", "workspace": "/w", "run_id": 17, "sha": "c0ffee", **self.event},
            "runner": {"os": system, "arch": "X64", "temp": "/tmp"},
            "env": env or {},
        }

    def functions(self, failed: bool = False) -> Functions:
        return {
            "success": lambda: not failed,
            "failure": lambda: failed,
            "always": lambda: True,
            "cancelled": lambda: False,
            "hashfiles": lambda *patterns: hash_files(self.files, *patterns),
        }

    def matrix_system(self) -> str:
        runs_on = interpolate(self.definition.get("runs-on"), {"matrix": self.matrix}, {})
        label = str(runs_on[0] if isinstance(runs_on, list) and runs_on else runs_on)
        return SYSTEMS.get(label.split("-")[0], label)

    @property
    def steps(self) -> list[dict[str, Any]]:
        steps = self.definition.get("steps")
        return [step for step in steps if isinstance(step, dict)] if isinstance(steps, list) else []

    def read(self, value: Any) -> Any:
        """A value of this job, its expressions evaluated."""
        return interpolate(value, self.context(self.environment()), self.functions())

    def environment(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for place in (self.workflow, self.definition):
            if isinstance(place.get("env"), dict):
                found |= interpolate(place["env"], self.context(found), self.functions())
        return found

    def actions(self, name: str) -> list[dict[str, Any]]:
        """What is given to each step that uses the action (`with`), expressions evaluated."""
        used = [step for step in self.steps if str(step.get("uses", "")).split("@")[0].lower() == name]
        return [self.read(step.get("with") or {}) for step in used]

    def __str__(self) -> str:
        cell = ", ".join(f"{key} {text(value)}" for key, value in self.matrix.items())
        return f"job {self.id} ({cell})" if cell else f"job {self.id}"


def hash_files(files: Files, *patterns: str) -> str:
    """GitHub's hashFiles: nothing for no file."""
    found = sorted(path for path in files if any(_matches(path, pattern.removeprefix("./")) for pattern in patterns))
    return hashlib.sha256(b"\0".join(files[path] for path in found)).hexdigest() if found else ""


def jobs(workflow: dict[str, Any], files: Files) -> list[Job]:
    """Every job for each cell of its matrix."""
    defined = workflow.get("jobs")
    assert isinstance(defined, dict) and defined, "TODO: the workflow has no jobs yet"
    return [
        Job(name, definition, workflow, cell, files)
        for name, definition in defined.items()
        if isinstance(definition, dict)
        for cell in _cells((definition.get("strategy") or {}).get("matrix") or {})
    ]


def _cells(matrix: dict[str, Any]) -> Iterator[dict[str, Any]]:
    assert isinstance(matrix, dict), "the matrix must be written out: lists by name"
    axes = {name: _list(values) for name, values in matrix.items() if name not in ("include", "exclude")}
    cells = [dict(zip(axes, values)) for values in itertools.product(*axes.values())] if axes else []
    cells = [cell for cell in cells if not any(entry.items() <= cell.items() for entry in matrix.get("exclude") or [])]
    original = [dict(cell) for cell in cells]
    for entry in matrix.get("include") or []:
        # An entry extends the cells whose original values it does not contradict; if there is none it is a new cell.
        fits = [
            n
            for n, cell in enumerate(original)
            if all(cell.get(key, value) == value for key, value in entry.items() if key in axes)
        ]
        for n in fits:
            cells[n] |= entry
        if not fits:
            cells.append(dict(entry))
    yield from cells or [{}]


@dataclass(frozen=True)
class JobRun:
    """What became of a job."""

    passed: bool
    calls: tuple[tuple[str, ...], ...]
    """The stand-ins called, with their arguments, in order."""
    output: str

    def called(self, *words: str) -> list[tuple[str, ...]]:
        """The calls of the tool words[0] with the other words among its arguments."""
        return [call for call in self.calls if call[0] == words[0] and set(words[1:]) <= set(call[1:])]


RUN_STEP = """\
export PATH="$PWD/.stand-ins:/usr/bin:/bin" STAND_IN_STATE="$PWD/.state" STAND_IN_FAIL="$1"
mkdir -p .state "$2" && cd "$2" && shift 2 && exec "$@"
"""


def run(student: Student, job: Job, stand_in: bytes, fail: str = "") -> JobRun:
    """Run the job's steps with stand-in commands, of which the one named by `fail` fails."""
    for tool in TOOLS:
        student.write(f".stand-ins/{tool}", stand_in)
    student.write("run_step.sh", "chmod +x .stand-ins/*\nrm -rf .state\nmkdir .state\n: > .state/calls\n")
    student.shell("run_step.sh")
    student.write("run_step.sh", RUN_STEP)
    checked_out, failed, output = False, False, []
    for number, step in enumerate(job.steps):
        condition = _condition(step.get("if"))
        context = job.context(job.environment())
        if not evaluate(condition, context, job.functions(failed)) or (failed and not _looks_at_status(condition)):
            continue
        if str(step.get("uses", "")).startswith("actions/checkout@"):
            checked_out = True
        if "run" not in step:
            continue
        status, said = _run_step(student, job, step, number, checked_out, fail)
        output.append(said)
        allowed = job.read(step.get("continue-on-error", False))
        failed = failed or (status != 0 and allowed is not True)
    calls = tuple(tuple(line.split("\t")) for line in student.read(".state/calls").decode().splitlines())
    forgiven = job.read(job.definition.get("continue-on-error", False)) is True
    return JobRun(not failed or forgiven, calls, "\n".join(output))


def _condition(value: Any) -> str:
    if value is None:
        return "success()"
    return re.sub(r"^\s*\$\{\{(.*)\}\}\s*$", r"\1", text(value), flags=re.DOTALL)


def _looks_at_status(condition: str) -> bool:
    return re.search(r"\b(always|failure|cancelled|success)\s*\(", condition) is not None


def _run_step(
    student: Student, job: Job, step: dict[str, Any], number: int, checked_out: bool, fail: str
) -> tuple[int, str]:
    environment = job.environment()
    environment |= interpolate(step.get("env") or {}, job.context(environment), job.functions())
    script = interpolate(step["run"], job.context(environment), job.functions())
    student.write(f".state/step_{number}.sh", str(script))
    defaults = [(place.get("defaults") or {}).get("run") or {} for place in (job.workflow, job.definition)]
    settings = {**defaults[0], **defaults[1], **step}
    # GitHub's own call when no shell is named; `shell: bash` adds pipefail.
    bash = ["bash", "-e"] if settings.get("shell") is None else ["bash", "--noprofile", "--norc", "-eo", "pipefail"]
    folder = str(job.read(settings.get("working-directory", "."))) if checked_out else ".empty"
    depth = 0 if folder == "." else len([part for part in folder.strip("/").split("/") if part not in ("", ".")])
    path = "../" * depth + f".state/step_{number}.sh"
    run = student.shell(
        "run_step.sh", fail, folder, *bash, path, env={key: text(value) for key, value in environment.items()}
    )
    return run.exit_code, run.stdout[-400:] + run.stderr[-400:]


def cache_keys(job: Job) -> list[str]:
    """The key of each cache that the job keeps for its packages."""
    keys = []
    for given in job.actions("actions/setup-python"):
        if given.get("cache") in ("pip", "uv", "pipenv", "poetry"):
            patterns = str(given.get("cache-dependency-path") or "**/requirements.txt\npyproject.toml").split("\n")
            keys.append(f"{job.matrix_system()}-{hash_files(job.files, *(p.strip() for p in patterns if p.strip()))}")
    for given in job.actions("astral-sh/setup-uv"):
        if text(given.get("enable-cache", "auto")) in ("true", "auto"):
            patterns = str(given.get("cache-dependency-glob") or "**/*requirements*.txt\n**/pyproject.toml").split("\n")
            keys.append(f"{job.matrix_system()}-{hash_files(job.files, *(p.strip() for p in patterns if p.strip()))}")
    for name in ("actions/cache", "actions/cache/restore"):
        keys += [text(given["key"]) for given in job.actions(name) if given.get("key") and given.get("path")]
    return keys


def covers(patterns: list[str], name: str) -> bool:
    """Does one of Dependabot's patterns (with * for anything) name the dependency?"""
    return any(fnmatch.fnmatchcase(name.lower(), str(pattern).lower()) for pattern in patterns)
