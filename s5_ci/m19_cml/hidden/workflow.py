"""A workflow file as GitHub reads it: just what this module's suite asks of one."""

import re
import shlex
from typing import Any

import yaml


class _Loader(yaml.SafeLoader):
    """YAML 1.2's booleans, so that the key `on` stays a word."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))


def parse(data: bytes) -> dict[str, Any]:
    """Return the workflow as plain data."""
    try:
        workflow = yaml.load(data, Loader=_Loader)
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


def script(workflow: dict[str, Any], token: str) -> str:
    """Return a bash script that runs the job's `run` steps one after the other and stops at the first that fails."""
    only = job(workflow)
    defaults = {**workflow.get("defaults", {}).get("run", {}), **only.get("defaults", {}).get("run", {})}
    lines = ["top=$PWD"]
    for step in only.get("steps", []):
        if "run" not in step:
            continue
        environment = {**workflow.get("env", {}), **only.get("env", {}), **step.get("env", {})}
        assignments = [f"{name}={shlex.quote(_filled(str(value), token))}" for name, value in environment.items()]
        folder = step.get("working-directory", defaults.get("working-directory", "."))
        command = ["env", *assignments, "bash", "-e", "-c", shlex.quote(_filled(step["run"], token))]
        carry_on = " || true" if step.get("continue-on-error") is True else " || exit 1"
        lines.append(f'cd "$top"/{shlex.quote(folder)} && {" ".join(command)}{carry_on}')
    return "\n".join(lines) + "\n"


def _filled(text: str, token: str) -> str:
    """Replace the expressions that a workflow like this one needs; others become nothing."""
    known = {"secrets.github_token": token, "github.token": token, "github.base_ref": "main"}
    known |= {"github.workspace": ".", "runner.temp": "."}
    return re.sub(r"\$\{\{\s*(.*?)\s*\}\}", lambda match: known.get(match[1].lower(), ""), text)
