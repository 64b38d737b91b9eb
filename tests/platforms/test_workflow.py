"""The workflow that tries students' machines: a workflow by its schema, and on every kind that the table names."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
WORKFLOW = ROOT / ".github" / "workflows" / "platforms.yml"


@pytest.fixture(scope="module")
def workflow() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))
    return read


def test_it_is_a_workflow() -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows", str(WORKFLOW)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_it_tries_linux_a_mac_and_windows_with_the_first_and_the_last_python(workflow: dict[str, Any]) -> None:
    matrix = workflow["jobs"]["unix"]["strategy"]["matrix"]
    assert [system.partition("-")[0] for system in matrix["os"]] == ["ubuntu", "macos"]
    assert matrix["python"] == ["3.11", "3.14"]
    assert workflow["jobs"]["windows"]["runs-on"].startswith("windows-")


def test_windows_itself_is_held_to_what_it_says(workflow: dict[str, Any]) -> None:
    from mlops_grade.machine import _WINDOWS

    (said,) = (step["run"] for step in workflow["jobs"]["windows"]["steps"] if "itself" in step.get("name", ""))
    assert 'Contains("wsl --install -d Ubuntu-24.04")' in said
    assert "wsl --install -d Ubuntu-24.04" in _WINDOWS


def test_every_action_is_named_by_its_commit(workflow: dict[str, Any]) -> None:
    steps = [step for job in workflow["jobs"].values() for step in job["steps"]]
    assert all(len(step["uses"].partition("@")[2]) == 40 for step in steps if "uses" in step)


def test_no_script_gets_the_line_ends_of_windows(workflow: dict[str, Any]) -> None:
    """git on Windows changes them at the checkout, and bash in WSL then finds no interpreter of that name."""
    steps = workflow["jobs"]["windows"]["steps"]
    assert "core.autocrlf input" in steps[0]["run"]


def test_the_script_that_grades_is_one_that_shellcheck_passes() -> None:
    command = [Path(sys.executable).with_name("shellcheck"), ROOT / ".ci" / "grade-solutions"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout
