"""What the tests of the reports share: samples, the environment of a workflow, golden files."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

HERE = Path(__file__).parent
GOLDEN = HERE / "golden"
UPDATE = "UPDATE_GOLDEN"

sys.path.insert(0, str(HERE))  # the samples are a plain module beside the tests


@pytest.fixture(autouse=True)
def unset_terminal_wishes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs the tests may want colours or none: the tests say themselves what they want."""
    for variable in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(variable, raising=False)


@pytest.fixture
def golden() -> Callable[[str, str], None]:
    """Compare a text with a golden file. `UPDATE_GOLDEN=1 pytest tests/reports` writes them anew: read the diff."""

    def compare(name: str, text: str) -> None:
        file = GOLDEN / name
        if os.environ.get(UPDATE):
            file.parent.mkdir(exist_ok=True)
            file.write_text(text, encoding="utf-8")
        assert file.exists(), f"no golden file {file.name}: set {UPDATE}=1 to write it, and read it"
        assert text == file.read_text(encoding="utf-8")

    return compare


@pytest.fixture
def workflow() -> dict[str, str]:
    """The environment that Classroom 50's workflow sets."""
    return {
        "CLASSROOM": "mlops-2026",
        "ASSIGNMENT": "s4-debugging",
        "SUBMISSION_TAG": "submit/3",
        "COMMIT_URL": "https://github.com/mlops/s4-anna/commit/5d5d5d",
        "RELEASE_URL": "https://github.com/mlops/s4-anna/releases/tag/submit/3",
        "REVIEW_URL": "https://github.com/mlops/s4-anna/pull/1",
        "GITHUB_ACTOR": "anna",
        "GITHUB_ACTOR_ID": "1234567",
    }
