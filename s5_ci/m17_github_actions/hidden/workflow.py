"""A GitHub workflow, as GitHub would read it: its triggers, its jobs for each cell of the matrix, a job's steps run.

Programs that steps call are stand-ins (stand_in.sh): they record their calls, and fail when they are told to.
"""

import fnmatch
import hashlib
import itertools
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml
from expression import PIECE, Functions, evaluate, interpolate, text, truth
from mlops_grade.suite import Student, read_yaml

TOOLS = ("python", "python3", "pip", "pip3", "pytest", "coverage", "ruff", "mypy", "uv", "uvx")
SYSTEMS = {"ubuntu": "Linux", "windows": "Windows", "macos": "macOS"}

WORKSPACE = "/w/"
DEFAULT_TYPES = ["opened", "synchronize", "reopened"]
# What a stranger may have written; `$(…)` would run where it is pasted into a script.
STRANGER = "$(a-stranger-was-here)"
_HEAD = {"ref": STRANGER, "label": STRANGER, "sha": "c0ffee", "repo": {"default_branch": STRANGER, "name": "digits"}}
_PULL_REQUEST = {
    "number": 7, "title": STRANGER, "body": STRANGER, "draft": False, "head": _HEAD, "user": {"login": "somebody"},
    "base": {"ref": "main", "sha": "decade"}, "labels": [{"name": STRANGER}], "commits": 1,
}  # fmt: skip
_COMMIT = {
    "id": "c0ffee", "message": STRANGER, "author": {"name": STRANGER, "email": STRANGER, "username": "somebody"},
    "committer": {"name": STRANGER, "email": STRANGER},
}  # fmt: skip
PULL_REQUEST: dict[str, Any] = {
    "event_name": "pull_request", "ref": "refs/pull/7/merge", "ref_name": "7/merge", "head_ref": STRANGER,
    "base_ref": "main", "ref_type": "branch", "actor": "somebody",
    "event": {
        "action": "synchronize", "number": 7, "pull_request": _PULL_REQUEST,
        # Of other events than the graded ones, which a workflow may have besides.
        "issue": {"title": STRANGER, "body": STRANGER}, "comment": {"body": STRANGER}, "review": {"body": STRANGER},
        "discussion": {"title": STRANGER, "body": STRANGER}, "head_commit": _COMMIT, "commits": [_COMMIT],
    },
}  # fmt: skip
PUSH: dict[str, Any] = {
    "event_name": "push", "ref": "refs/heads/main", "ref_name": "main", "head_ref": "", "base_ref": "",
    "ref_type": "branch", "actor": "somebody", "event": {"head_commit": _COMMIT, "commits": [_COMMIT]},
}  # fmt: skip
ANOTHER_RUN = {
    "run_id": 18, "sha": "decade", "run_number": 5, "run_attempt": 2, "ref": "refs/pull/8/merge", "ref_name": "8/merge",
    "head_ref": "another-branch", "actor": "nobody",
}  # fmt: skip

Files = dict[str, bytes]


def parse(source: bytes) -> dict[str, Any]:
    """The file as a mapping. Raises AssertionError with a sentence for the student."""
    try:
        document = read_yaml(source, version="1.2")
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
    if event == "pull_request" and not {"opened", "synchronize"} <= set(_list(filters.get("types", DEFAULT_TYPES))):
        return False
    if event == "push" and "tags" in filters and "branches" not in filters and "branches-ignore" not in filters:
        return False
    return _passes(filters, "branches", branch) and _passes(filters, "paths", changed)


def _passes(filters: dict[str, Any], name: str, value: str) -> bool:
    if f"{name}-ignore" in filters:
        return not _selected(filters[f"{name}-ignore"], value)
    return name not in filters or _selected(filters[name], value)


def _selected(patterns: Any, value: str) -> bool:
    """Whether the last pattern that matches is a positive one."""
    selected = False
    for pattern in _list(patterns or []):
        if re.fullmatch(_filter(str(pattern).removeprefix("!")), value):
            selected = not str(pattern).startswith("!")
    return selected


def _filter(pattern: str) -> str:
    """A filter pattern as a regular expression: `*` stays in a folder, `**` does not, `?` and `+` repeat."""
    parts = re.findall(r"\*\*/|\*\*|\*|\?|\+|\[[^\]]*\]|\\.|.", pattern)
    meanings = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "?", "+": "+"}
    return "".join(
        meanings.get(part) or (part if part.startswith("[") else re.escape(part.removeprefix("\\"))) for part in parts
    )


def _glob(pattern: str) -> str:
    """A pattern for files (of hashFiles, of a cache) as a regular expression: `?` is one character here."""
    parts = re.findall(r"\*\*/|\*\*|\*|\?|\[[^\]]*\]|.", pattern.strip().removeprefix(WORKSPACE).removeprefix("./"))
    meanings = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return "".join(meanings.get(part) or (part if part.startswith("[") else re.escape(part)) for part in parts)


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
    event: dict[str, Any] = field(default_factory=lambda: PULL_REQUEST)

    def context(self, env: dict[str, Any] | None = None, steps: dict[str, Any] | None = None) -> dict[str, Any]:
        system = self.matrix_system()
        github = {
            "repository": "someone/digits", "workspace": WORKSPACE.rstrip("/"), "run_id": 17, "run_number": 4,
            "run_attempt": 1, "sha": "c0ffee", "workflow": text(self.workflow.get("name")), "job": self.id, "token": "t",
            **self.event,
        }  # fmt: skip
        return {
            "matrix": self.matrix,
            "strategy": {"job-index": 0, "job-total": 1, "fail-fast": True},
            "github": github,
            "runner": {"os": system, "arch": "X64", "temp": "/tmp", "tool_cache": "/opt/hostedtoolcache"},
            "env": env or {},
            "steps": steps or {},
            "job": {"status": "success"},
            "needs": {name: {"result": "success", "outputs": {}} for name in _list(self.definition.get("needs") or [])},
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
        runs_on = interpolate(self.definition.get("runs-on"), {"matrix": self.matrix, "github": self.event}, {})
        labels = _list(runs_on.get("labels") or "" if isinstance(runs_on, dict) else runs_on) or [""]
        label = next((str(each) for each in labels if str(each).split("-")[0] in SYSTEMS), str(labels[0]))
        return SYSTEMS.get(label.split("-")[0], label)

    @property
    def steps(self) -> list[dict[str, Any]]:
        steps = self.definition.get("steps")
        return [step for step in steps if isinstance(step, dict)] if isinstance(steps, list) else []

    @property
    def downloads(self) -> bool:
        """Whether a step installs packages."""
        return any(re.search(r"\b(pip3?|uvx?)\b", str(step.get("run", ""))) for step in self.steps)

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
    wanted = [line.strip() for pattern in patterns for line in str(pattern).split("\n") if line.strip()]
    found = []
    for path in sorted(files):
        chosen = False
        for pattern in wanted:
            if re.fullmatch(_glob(pattern.removeprefix("!")), path):
                chosen = not pattern.startswith("!")
        found += [path] if chosen else []
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


def _cells(written: Any) -> Iterator[dict[str, Any]]:
    matrix = interpolate(written, {"github": PULL_REQUEST}, {})
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
    rewritten: tuple[str, ...] = ()
    """The calls that write into the files they look at."""
    skipped: bool = False

    def called(self, *words: str) -> list[tuple[str, ...]]:
        """The calls of the tool words[0] with the other words among its arguments."""
        return [call for call in self.calls if call[0] == words[0] and set(words[1:]) <= set(call[1:])]


START = """\
chmod +x .stand-ins/*
[ -f .state/environments ] && xargs -d '\\n' rm -rf < .state/environments
rm -rf .state
mkdir .state
for file in calls env path summary; do : > .state/$file; done
"""
RUN_STEP = """\
export PATH="$PWD/.stand-ins:/usr/bin:/bin" STAND_IN_STATE="$PWD/.state" STAND_IN_FAIL="$1"
while read -r folder; do PATH="$folder:$PATH"; done < .state/path
export GITHUB_ENV="$PWD/.state/env" GITHUB_PATH="$PWD/.state/path" GITHUB_OUTPUT="$PWD/.state/output"
export GITHUB_STEP_SUMMARY="$PWD/.state/summary" GITHUB_STATE="$PWD/.state/saved" GITHUB_WORKSPACE="$PWD"
export RUNNER_TEMP="$PWD/.state/temp" CI=true GITHUB_ACTIONS=true
mkdir -p "$RUNNER_TEMP" "$2"
: > "$GITHUB_OUTPUT"
cd "$2" && shift 2 && exec "$@"
"""


def run(student: Student, job: Job, stand_in: bytes, fail: str = "") -> JobRun:
    """Run the job's steps with stand-in commands, of which the one named by `fail` fails."""
    whole = _condition(job.definition.get("if"))
    if not truth(evaluate(whole, job.context(job.environment()), job.functions())):
        return JobRun(True, (), "", skipped=True)
    for tool in TOOLS:
        student.write(f".stand-ins/{tool}", stand_in)
    student.write("run_step.sh", START)
    student.shell("run_step.sh")
    student.write("run_step.sh", RUN_STEP)
    machine = _Machine(student, job, fail)
    for number, step in enumerate(job.steps):
        machine.run(number, step)
    calls = tuple(tuple(line.split("\t")) for line in student.read(".state/calls").decode().splitlines())
    forgiven = job.read(job.definition.get("continue-on-error", False)) is True
    rewritten = student.read(".state/rewritten").decode() if student.files(".state/rewritten") else ""
    return JobRun(
        not machine.failed or forgiven, calls, "\n".join(machine.output), tuple(dict.fromkeys(rewritten.splitlines()))
    )


def _condition(value: Any) -> str:
    if value is None:
        return "success()"
    return re.sub(r"^\s*\$\{\{(.*)\}\}\s*$", r"\1", text(value), flags=re.DOTALL)


def _looks_at_status(condition: str) -> bool:
    return re.search(r"\b(always|failure|cancelled|success)\s*\(", condition) is not None


class _Machine:
    """The machine of one job: what its steps leave for the later ones."""

    def __init__(self, student: Student, job: Job, fail: str) -> None:
        self.student, self.job, self.fail = student, job, fail
        self.checked_out = self.failed = False
        self.output: list[str] = []
        self.exported: dict[str, str] = {}
        self.steps: dict[str, Any] = {}

    def run(self, number: int, step: dict[str, Any]) -> None:
        """One step, if its condition holds."""
        condition = _condition(step.get("if"))
        environment = self._environment(step)
        context = self.job.context(environment, self.steps)
        holds = truth(evaluate(condition, context, self.job.functions(self.failed)))
        if not holds or (self.failed and not _looks_at_status(condition)):
            return
        if str(step.get("uses", "")).lower().startswith("actions/checkout@"):
            self.checked_out = True
        outcome, outputs = "success", {}
        if "run" in step:
            status, outputs = self._run_script(step, number, environment)
            outcome = "success" if status == 0 else "failure"
        forgiven = interpolate(step.get("continue-on-error", False), context, self.job.functions()) is True
        self.failed = self.failed or (outcome == "failure" and not forgiven)
        if "id" in step:
            conclusion = "success" if forgiven else outcome
            self.steps[text(step["id"])] = {"outputs": outputs, "outcome": outcome, "conclusion": conclusion}

    def _environment(self, step: dict[str, Any]) -> dict[str, Any]:
        environment = {**self.job.environment(), **self.exported}
        context = self.job.context(environment, self.steps)
        return environment | interpolate(step.get("env") or {}, context, self.job.functions())

    def _run_script(self, step: dict[str, Any], number: int, environment: dict[str, Any]) -> tuple[int, dict[str, str]]:
        context = self.job.context(environment, self.steps)
        script = interpolate(step["run"], context, self.job.functions())
        self.student.write(f".state/step_{number}.sh", text(script))
        defaults = [
            (place.get("defaults") or {}).get("run") or {} for place in (self.job.workflow, self.job.definition)
        ]
        settings = {**defaults[0], **defaults[1], **step}
        written = interpolate(settings.get("working-directory", "."), context, self.job.functions())
        folder = f"{text(written)}/".removeprefix(WORKSPACE).strip("/") or "." if self.checked_out else ".empty"
        depth = len([part for part in folder.split("/") if part not in ("", ".")])
        path = "../" * depth + f".state/step_{number}.sh"
        words = _shell(text(interpolate(settings.get("shell"), context, self.job.functions())), path)
        given = {key: text(value) for key, value in {**self._about_the_run(), **environment}.items()}
        ran = self.student.shell("run_step.sh", self.fail, folder, *words, env=given)
        self.output.append(ran.stdout[-400:] + ran.stderr[-400:])
        self.exported |= _assignments(self.student.read(".state/env").decode(errors="replace"))
        return ran.exit_code, _assignments(self.student.read(".state/output").decode(errors="replace"))

    def _about_the_run(self) -> dict[str, Any]:
        context = self.job.context()
        names = (
            "repository",
            "sha",
            "ref",
            "ref_name",
            "head_ref",
            "base_ref",
            "event_name",
            "run_id",
            "run_number",
            "job",
        )
        about = {f"GITHUB_{name.upper()}": context["github"].get(name) for name in names}
        return {**about, "RUNNER_OS": context["runner"]["os"], "RUNNER_ARCH": "X64"}


def _shell(name: str, path: str) -> list[str]:
    """The command that GitHub runs a script with: its own when no shell is named; `shell: bash` adds pipefail."""
    if "{0}" in name:
        return [word.replace("{0}", path) for word in shlex.split(name)]
    if name == "sh":
        return ["sh", "-e", path]
    return ["bash", "-e", path] if not name else ["bash", "--noprofile", "--norc", "-eo", "pipefail", path]


def _assignments(written: str) -> dict[str, str]:
    """What a step wrote into $GITHUB_ENV or $GITHUB_OUTPUT: name=value, or name<<END and lines until END."""
    found: dict[str, str] = {}
    lines = iter(written.splitlines())
    for line in lines:
        several = re.fullmatch(r"([\w-]+)<<(.+)", line)
        if several:
            found[several[1]] = "\n".join(itertools.takewhile(several[2].__ne__, lines))
        elif "=" in line:
            name, _, value = line.partition("=")
            found[name] = value
    return found


VERSION_IN_SCRIPT = re.compile(r"\buvx?\b[^\n;&|]*?(?:\bpython +(?:install|pin) +|--python[= ] *|-p +)['\"]?([\w.]+)")


def python_version(job: Job) -> str | None:
    """The version of Python that the job asks for, of the actions or of uv; None where it takes what is there."""
    given = [*job.actions("actions/setup-python"), *job.actions("astral-sh/setup-uv")]
    for inputs in given:
        for name in ("python-version", "python-version-file"):
            if inputs.get(name) is not None:
                return text(inputs[name])
    environments = [job.environment(), *(job.read(step.get("env") or {}) for step in job.steps)]
    asked = [text(each["UV_PYTHON"]) for each in environments if each.get("UV_PYTHON")]
    scripts = [text(job.read(step["run"])) for step in job.steps if "run" in step]
    return next(iter([*asked, *(found[1] for script in scripts for found in VERSION_IN_SCRIPT.finditer(script))]), None)


def pasted(job: Job) -> list[str]:
    """The expressions in the job's scripts that would become what a stranger wrote."""
    found = []
    for step in job.steps:
        environment = job.environment() | job.read(step.get("env") or {})
        scripts = [step.get("run")]
        if str(step.get("uses", "")).lower().startswith("actions/github-script@"):
            scripts.append((step.get("with") or {}).get("script"))
        for piece in PIECE.finditer("\n".join(str(script) for script in scripts if script)):
            value = evaluate(piece[1], job.context(environment), job.functions())
            found += [piece[0]] if STRANGER in text(value) else []
    return found


def cache_keys(job: Job) -> list[str]:
    """The key of each cache that the job keeps for its packages."""
    keys = []
    for given in job.actions("actions/setup-python"):
        if given.get("cache") in ("pip", "uv", "pipenv", "poetry"):
            patterns = str(given.get("cache-dependency-path") or "**/requirements.txt\npyproject.toml")
            keys.append(f"{job.matrix_system()}-{hash_files(job.files, patterns)}")
    for given in job.actions("astral-sh/setup-uv"):
        if text(given.get("enable-cache", "auto")) in ("true", "auto"):
            patterns = str(given.get("cache-dependency-glob") or "**/*requirements*.txt\n**/pyproject.toml")
            keys.append(f"{job.matrix_system()}-{hash_files(job.files, patterns)}")
    for name in ("actions/cache", "actions/cache/restore"):
        keys += [text(given["key"]) for given in job.actions(name) if given.get("key") and "path" in given]
    return keys


def covers(patterns: list[str], name: str) -> bool:
    """Does one of Dependabot's patterns (with * for anything) name the dependency?"""
    return any(fnmatch.fnmatchcase(name.lower(), str(pattern).lower()) for pattern in patterns)
