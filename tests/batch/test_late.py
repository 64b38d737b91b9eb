"""Late work: grace, a budget of late days, or nothing at all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from mlops_grade.batch.cohort import LatePolicy
from mlops_grade.batch.late import Handed, lateness

DUE = datetime(2027, 1, 10, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def work(**late: timedelta) -> list[Handed]:
    return [Handed(module, "s1", DUE + after) for module, after in late.items()]


def counted(policy: LatePolicy, handed: list[Handed]) -> dict[str, bool]:
    return {module: found.counts for module, found in lateness(policy, handed).items()}


def test_without_a_due_date_nothing_is_late() -> None:
    assert counted(LatePolicy(policy="grace"), work(m01=100 * DAY)) == {"m01": True}


def test_policy_none_shows_lateness_and_lets_it_count() -> None:
    found = lateness(LatePolicy(due=DUE), work(m01=3 * HOUR))["m01"]
    assert found.counts
    assert str(found) == "3 h late"


@pytest.mark.parametrize(
    ("after", "counts"), [(0 * HOUR, True), (2 * HOUR, True), (2 * HOUR + timedelta(seconds=1), False)]
)
def test_grace_ends_on_the_second(after: timedelta, counts: bool) -> None:
    assert counted(LatePolicy(policy="grace", due=DUE, grace_hours=2), work(m01=after)) == {"m01": counts}


def test_late_days_are_one_budget_spent_by_due_date() -> None:
    policy = LatePolicy(policy="days", due=DUE, days=3, modules={"m02": DUE + 7 * DAY, "m03": DUE + 14 * DAY})
    handed = [
        Handed("m03", "s1", DUE + 15 * DAY),
        Handed("m01", "s1", DUE + 2 * DAY),
        Handed("m02", "s1", DUE + 8 * DAY - HOUR),
    ]
    found = lateness(policy, handed)
    assert {module: (one.days, one.counts) for module, one in found.items()} == {
        "m01": (2, True), "m02": (1, True), "m03": (0, False),
    }  # fmt: skip


def test_modules_due_together_share_late_days() -> None:
    policy = LatePolicy(policy="days", due=DUE, days=2)
    assert counted(policy, work(m01=DAY, m02=2 * DAY, m03=3 * DAY)) == {"m01": True, "m02": True, "m03": False}


def test_a_session_can_have_a_due_date_of_its_own() -> None:
    policy = LatePolicy(policy="grace", due=DUE, modules={"s1": DUE + DAY})
    assert counted(policy, work(m01=DAY)) == {"m01": True}


def test_a_due_date_without_an_offset_is_utc() -> None:
    policy = LatePolicy(policy="grace", due=DUE.replace(tzinfo=None))
    assert counted(policy, work(m01=timedelta(seconds=1))) == {"m01": False}
