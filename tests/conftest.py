"""What holds for all tests: nothing of the user's own is read or written."""

from __future__ import annotations

from collections.abc import Iterator

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--wrong", type=int, default=12, help="How many wrong solutions a module: 1000 by hand, for all.")
    parser.addoption("--kills", type=int, default=12, help="How often a batch is killed at random: 50 by hand.")


@pytest.fixture(scope="session", autouse=True)
def _state_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The last verdicts that `list` and `hint` read are kept for this run of the tests alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        yield
