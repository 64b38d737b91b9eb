"""The corpus of attacks: at the end, how many there are in each family, and how many were tried in each tier."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest


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
    for family in dict.fromkeys(family for family, _ in tried):
        cells = "".join(f"{f'{tried[family, t] - opened[family, t]} + {opened[family, t]}':>16}" for t in tiers)
        terminalreporter.write_line(f"{family:14}{cells}")
    total = "".join(f"{f'{sum(n for (_, t), n in tried.items() if t == tier) - sum(n for (_, t), n in opened.items() if t == tier)} + {sum(n for (_, t), n in opened.items() if t == tier)}':>16}" for tier in tiers)
    terminalreporter.write_line(f"{'all':14}{total}")


@pytest.fixture(autouse=True)
def _note_known_holes(request: pytest.FixtureRequest) -> None:
    parameters = getattr(getattr(request.node, "callspec", None), "params", {})
    if "attack" in parameters and "field" in parameters:
        opens = int(parameters["field"] in parameters["attack"].opens)
        request.node.user_properties.append(("opens", opens))
