"""A workflow file as GitHub reads it: just what this module's suite asks of one."""

import re
import shlex
from typing import Any

import yaml

from mlops_grade.suite import read_yaml


def parse(data: bytes) -> dict[str, Any]:
    """Return the workflow as plain data."""
    try:
        workflow = read_yaml(data, version="1.2")
    except yaml.YAMLError as error:
        raise AssertionError(f"cml_data.yaml is no YAML: {error}") from None
    assert isinstance(workflow, dict), "cml_data.yaml is not a mapping of keys to values"
    return workflow


def runs_for(workflow: dict[str, Any], changed: list[str]) -> bool:
    """Say whether a pull request that changes these files starts the workflow."""
    triggers = workflow.get("on")
    if isinstance(triggers, str | list):
        return "pull_request" in triggers
    if not isinstance(triggers, dict) or "pull_request" not in triggers:
        return False
    settings = triggers["pull_request"] or {}
    types = settings.get("types", ["opened", "synchronize"])
    if not {"opened", "synchronize"} <= set([types] if isinstance(types, str) else types):
        return False  # what is added to an open pull request would not be looked at
    if "paths" in settings:
        return any(_selected(settings["paths"], path) for path in changed)
    if "paths-ignore" in settings:
        return not all(_selected(settings["paths-ignore"], path) for path in changed)
    return True


def _selected(patterns: list[str] | str, path: str) -> bool:
    """Say whether the last pattern that matches the path is a positive one."""
    selected = False
    for pattern in [patterns] if isinstance(patterns, str) else patterns:
        if re.fullmatch(_regular_expression(pattern.removeprefix("!")), path):
            selected = not pattern.startswith("!")
    return selected


def _regular_expression(pattern: str) -> str:
    """GitHub's filter patterns: `*` stays in a folder, `**` does not, `?` and `+` repeat what precedes them."""
    parts = re.findall(r"\*\*/|\*\*|\*|\?|\+|\[[^\]]*\]|\\.|.", pattern)
    meanings = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "?", "+": "+"}
    return "".join(
        meanings.get(part) or (part if part.startswith("[") else re.escape(part.removeprefix("\\"))) for part in parts
    )


def job(workflow: dict[str, Any]) -> dict[str, Any]:
    """Return the one job."""
    jobs = workflow.get("jobs")
    assert isinstance(jobs, dict) and len(jobs) == 1, "the workflow should have exactly one job"
    (only,) = jobs.values()
    return only


def permissions(workflow: dict[str, Any]) -> Any:
    """Return the permissions of the job: its own, or else the workflow's."""
    return job(workflow).get("permissions", workflow.get("permissions"))


RUNNER = """top=$PWD
mkdir -p "$top/runner/temp"
export GITHUB_ENV="$top/runner/env" GITHUB_OUTPUT="$top/runner/output" GITHUB_STEP_SUMMARY="$top/runner/summary"
export GITHUB_PATH="$top/runner/path" GITHUB_WORKSPACE="$top" RUNNER_TEMP="$top/runner/temp" RUNNER_OS=Linux CI=true
export GITHUB_EVENT_NAME=pull_request GITHUB_BASE_REF=main GITHUB_REPOSITORY=someone/digits
: > "$GITHUB_ENV"
: > "$GITHUB_PATH"
failed=0
exported() {
    while IFS= read -r line; do export "${line?}"; done < "$GITHUB_ENV"
    while IFS= read -r line; do PATH="$line:$PATH"; done < "$GITHUB_PATH"
    : > "$GITHUB_PATH"
}
"""


def script(workflow: dict[str, Any], token: str) -> str:
    """Return a bash script that runs the job's `run` steps one after the other, as GitHub would after a failure too."""
    only = job(workflow)
    defaults = {**workflow.get("defaults", {}).get("run", {}), **only.get("defaults", {}).get("run", {})}
    lines = [RUNNER]
    for step in only.get("steps", []):
        wanted = _wanted(str(step.get("if", "")))
        if "run" not in step or not wanted:
            continue
        environment: dict[str, str] = {}
        for place in (workflow, only, step):
            given = place.get("env", {})
            environment |= {name: _filled(_text(value), token, environment) for name, value in given.items()}
        settings = {**defaults, **step}
        folder = _filled(str(settings.get("working-directory", ".")), token, environment)
        command = ["env", *(f"{name}={shlex.quote(value)}" for name, value in environment.items())]
        command += [*_shell(settings.get("shell")), "-c", shlex.quote(_filled(str(step["run"]), token, environment))]
        carry_on = "true" if step.get("continue-on-error") is True else "failed=1"
        run = f'{{ exported; cd "$top"/{shlex.quote(folder)} && {" ".join(command)} || {carry_on}; }}'
        lines.append(f"if {wanted}; then {run}; fi")
    return "\n".join([*lines, "exit $failed"]) + "\n"


def _wanted(condition: str) -> str:
    """When the step runs, as a condition of bash: empty for never."""
    event = re.search(r"github\.event_name\s*([=!]=)\s*'(\w+)'", condition)
    if event and (event[1] == "==") != (event[2] == "pull_request"):
        return ""
    if re.fullmatch(r"\s*(\$\{\{)?\s*false\s*(\}\})?\s*", condition, re.IGNORECASE):
        return ""
    if re.search(r"\b(always|cancelled)\s*\(", condition):
        return "true"
    return "[ $failed = 1 ]" if re.search(r"(?<!!)\bfailure\s*\(", condition) else "[ $failed = 0 ]"


def _shell(name: str | None) -> list[str]:
    """GitHub's own call when no shell is named; `shell: bash` adds pipefail."""
    if name is None:
        return ["bash", "-e"]
    if "{0}" in name:
        return [shlex.quote(word) for word in shlex.split(name.replace("{0}", ""))]
    return ["sh", "-e"] if name == "sh" else ["bash", "--noprofile", "--norc", "-eo", "pipefail"]


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _filled(text: str, token: str, environment: dict[str, str]) -> str:
    """Replace the expressions that a workflow like this one needs; others become nothing."""
    known = {"secrets.github_token": token, "secrets['github_token']": token, "github.token": token}
    known |= {"github.base_ref": "main", "github.workspace": ".", "runner.temp": "runner/temp", "runner.os": "Linux"}
    known |= {"github.event_name": "pull_request", "github.event.pull_request.number": "7", "github.event.number": "7"}
    known |= {f"env.{name}".lower(): value for name, value in environment.items()}
    return re.sub(r"\$\{\{\s*(.*?)\s*\}\}", lambda match: known.get(match[1].lower(), ""), text)
