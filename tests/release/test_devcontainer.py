"""The dev container of the students' repository: what Codespaces and VS Code set up is what the README says."""

from __future__ import annotations

import json
import re
from typing import Any

import jsonschema
import pytest

from mlops_grade.release.contents import TEMPLATES, template

#: The fields used here, as containers.dev/implementors/json_reference documents them; another field is a slip.
COMMAND = {"type": ["string", "array", "object"]}
DOCUMENTED = {
    "type": "object",
    "required": ["image"],
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string"},
        "image": {"type": "string"},
        "hostRequirements": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "cpus": {"type": "integer", "minimum": 1},
                "memory": {"type": "string", "pattern": r"^\d+(tb|gb|mb|kb)?$"},
                "storage": {"type": "string", "pattern": r"^\d+(tb|gb|mb|kb)?$"},
            },
        },
        "onCreateCommand": COMMAND,
        "postCreateCommand": COMMAND,
        "remoteEnv": {"type": "object", "additionalProperties": {"type": ["string", "null"]}},
        "customizations": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "vscode": {
                    "type": "object",
                    "additionalProperties": False,
                    "properties": {
                        "extensions": {"type": "array", "items": {"type": "string", "pattern": r"^[\w-]+\.[\w-]+$"}},
                        "settings": {"type": "object"},
                    },
                }
            },
        },
    },
}


@pytest.fixture(scope="module")
def container() -> dict[str, Any]:
    given: dict[str, Any] = json.loads(template("devcontainer.json"))
    return given


def test_it_lies_where_codespaces_and_vs_code_look() -> None:
    assert TEMPLATES["devcontainer.json"] == ".devcontainer/devcontainer.json"


def test_it_holds_documented_fields_only(container: dict[str, Any]) -> None:
    jsonschema.validate(container, DOCUMENTED)


def test_the_image_is_named_by_its_digest_and_has_the_workflows_python(container: dict[str, Any]) -> None:
    found = re.fullmatch(
        r"mcr\.microsoft\.com/devcontainers/python:1-([\d.]+)-\w+@sha256:[0-9a-f]{64}", container["image"]
    )
    assert found, container["image"]
    assert f'python-version: "{found[1]}"' in _action(), "students see another Python there than in the workflow"


def test_it_sets_up_what_the_readme_says(container: dict[str, Any]) -> None:
    written_out = {"-c": "--constraint", "-e": "--editable"}
    readme = template("README.md").decode()
    (command,) = re.findall(r"^ +(python3 -m venv .*) && .venv/bin/mlops-grade s1$", readme, re.MULTILINE)
    words = [written_out.get(word, word.replace('"', "'")) for word in command.split()]
    set_up = [word for word in container["onCreateCommand"].split() if word != "--quiet"]
    assert set_up[-len(words) :] == words


def test_a_package_list_that_cannot_be_had_is_no_reason_to_stop(container: dict[str, Any]) -> None:
    """The image names a list of other packages, whose key runs out now and then: `update` then says 100."""
    assert "sudo apt-get update; sudo apt-get install --yes bubblewrap" in container["onCreateCommand"]


def test_the_editor_uses_the_environment_that_was_made(container: dict[str, Any]) -> None:
    settings = container["customizations"]["vscode"]["settings"]
    assert settings["python.defaultInterpreterPath"] == "${containerWorkspaceFolder}/.venv/bin/python"
    assert container["remoteEnv"]["PATH"].startswith("${containerWorkspaceFolder}/.venv/bin:")
    assert settings["files.eol"] == "\n", "a script with the line ends of Windows does not run"


def _action() -> str:
    from importlib import resources

    return (resources.files("mlops_grade").joinpath("..").joinpath("action.yml")).read_text(encoding="utf-8")
