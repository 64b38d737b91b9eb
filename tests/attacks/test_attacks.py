"""Every attack of the corpus, in every isolation tier that this machine has: not passed, with a reason, and no harm.

What a weaker tier cannot stop is marked in the corpus (`opens`) and must then succeed: whoever closes it takes the mark
away. Attacks that do not go for the jail are tried in one tier each, turn by turn, unless `--every-tier` asks for all:
`pytest tests/attacks --every-tier -k fork_bomb`.
"""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from corpus import Attack
from firing_range import AT_A_TIME, ATTACKS, FiringRange, available
from mlops_grade.course.submission import from_folder
from mlops_grade.student.isolation import Tier
from mlops_grade.verdict import Outcome

TIERS = list(reversed(Tier))


@pytest.fixture(scope="module")
def ranges(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[Tier, FiringRange]]:
    """One for each tier in which something is to be tried, all of it begun."""
    shots = [item.callspec.params for item in request.session.items if item.path == request.path and _is_shot(item)]
    chosen = {(shot["field"], shot["attack"].name) for shot in shots}
    ranges = {}
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        for tier in TIERS:
            attacks = [each for each in ATTACKS if (tier, each.name) in chosen and tier not in each.spares]
            if attacks and available(tier):
                ranges[tier] = FiringRange(tmp_path_factory.mktemp(f"range-{tier}"), tier, attacks, pool)
                ranges[tier].shoot_all(attacks)
        yield ranges
        for field in ranges.values():
            field.close()


def _is_shot(item: pytest.Item) -> bool:
    return {"field", "attack"} <= set(getattr(getattr(item, "callspec", None), "params", {}))


@pytest.fixture(scope="module", params=TIERS, ids=str)
def field(request: pytest.FixtureRequest, ranges: dict[Tier, FiringRange]) -> FiringRange | None:
    if not available(request.param):
        pytest.skip(f"this machine has no tier {request.param}")
    return ranges.get(request.param)  # none where all that was chosen would harm this machine


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: f"{attack.family}-{attack.name}")
def test_attack(field: FiringRange | None, attack: Attack) -> None:
    if field is None or field.tier in attack.spares:
        pytest.skip("would harm this machine in this tier")
    shot = field.shot(attack)  # begun for none that is spared
    if field.tier in attack.opens:
        # Where root grades, student code is another user, or root without capabilities: some of these fail then.
        assert shot.harms or os.getuid() == 0, (
            f"the tier {field.tier} stops this now: take the mark away, and the line in docs/security.md"
        )
        return
    assert not shot.harms, "; ".join(shot.harms)
    assert shot.verdict.outcome is Outcome.NOT_PASSED


def test_no_attack_reaches_for_every_process_where_it_would_reach_ours() -> None:
    reaching = [each for each in ATTACKS if any("kill(-1" in str(file) for file in each.files.values())]
    assert reaching
    assert all(Tier.LIMITS in each.spares for each in reaching)


@pytest.mark.parametrize("attack", [attack for attack in ATTACKS if attack.opens], ids=lambda attack: attack.name)
def test_what_a_tier_cannot_stop_is_told(attack: Attack) -> None:
    page = (Path(__file__).parents[2] / "docs" / "security.md").read_text()
    rows = [line for line in page.splitlines() if line.startswith(f"| `{attack.name}` |")]
    assert rows, f"docs/security.md has no line on {attack.name}"
    told = {tier for tier in Tier if f"| {tier}" in rows[0] or f", {tier}" in rows[0]}
    assert told == attack.opens


@pytest.mark.slow
def test_the_right_files_of_every_target_pass(tmp_path: Path) -> None:
    """Where they did not, an attack would fail for the wrong reason."""
    tier = next(tier for tier in TIERS if available(tier))
    everything = [attack for attack in ATTACKS if attack.target != "m01_plain"]
    with closing(FiringRange(tmp_path, tier, everything)) as field:
        for module in field.course.modules:
            right = from_folder(module.hidden / "solution", module.settings.submit)
            verdict = field.grader.grade(module, right)
            failed = [(check.name, check.message) for check in verdict.checks if check.outcome is not Outcome.PASSED]
            assert verdict.outcome is Outcome.PASSED, f"{module}: {verdict.reason} {failed}"
