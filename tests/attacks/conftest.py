"""The corpus of attacks: which are tried in which tier, and at the end how many of each family were."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--every-tier", action="store_true", help="Try every attack in every isolation tier.")


@pytest.hookimpl(trylast=True)  # after what -k and -m leave out
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out attacks in a tier that is not theirs this time."""
    shots = [item for item in items if item.nodeid.partition("::")[2].startswith("test_attack[")]
    if not shots or config.getoption("--every-tier", default=False):
        return
    from firing_range import ATTACKS, turns

    turn = turns(ATTACKS)
    tried = [(item, _parameters(item)) for item in shots]
    left_out = [item for item, of in tried if turn.get(of["attack"].name, of["field"]) is not of["field"]]
    items[:] = [item for item in items if item not in left_out]
    config.hook.pytest_deselected(items=left_out)


def _parameters(item: pytest.Item) -> dict[str, Any]:
    return dict(getattr(getattr(item, "callspec", None), "params", {}))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    tried: Counter[tuple[str, str]] = Counter()
    opened: Counter[tuple[str, str]] = Counter()
    for report in terminalreporter.stats.get("passed", []):
        if "test_attacks.py::test_attack[" in report.nodeid:
            tier, family = report.nodeid.split("[", 1)[1].split("-")[:2]
            tried[family, tier] += 1
            opened[family, tier] += dict(report.user_properties).get("opens", 0)
    if not tried:
        return
    tiers = sorted({tier for _, tier in tried})
    terminalreporter.write_sep("-", "attacks that failed, and those known to succeed in a weaker tier")
    terminalreporter.write_line(f"{'':14}" + "".join(f"{tier:>16}" for tier in tiers))
    families = list(dict.fromkeys(family for family, _ in tried))
    for name, group in [*((family, [family]) for family in families), ("all", families)]:
        cells = []
        for tier in tiers:
            known = sum(opened[family, tier] for family in group)
            cells.append(f"{f'{sum(tried[family, tier] for family in group) - known} + {known}':>16}")
        terminalreporter.write_line(f"{name:14}" + "".join(cells))


@pytest.fixture(autouse=True)
def _note_known_holes(request: pytest.FixtureRequest) -> None:
    parameters = _parameters(request.node)
    if "attack" in parameters and "field" in parameters:
        opens = int(parameters["field"] in parameters["attack"].opens)  # the tier, by which the range is made
        request.node.user_properties.append(("opens", opens))
