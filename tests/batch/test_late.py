"""Late work: grace, a budget of late days, or nothing at all."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from mlops_grade.batch.late import Handed, deadline, lateness
from mlops_grade.batch.settings import Extension, LatePolicy

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


# Dates as people write them

COPENHAGEN = ZoneInfo("Europe/Copenhagen")


def due(written: object, zone: ZoneInfo = COPENHAGEN) -> str:
    moment = deadline(LatePolicy.model_validate({"due": written}), "m01", "s1", zone, None)
    assert moment is not None
    return moment.isoformat()


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (date(2027, 1, 22), "2027-01-22T22:59:59+00:00"),
        ("2027-01-22", "2027-01-22T22:59:59+00:00"),
        (date(2027, 3, 28), "2027-03-28T21:59:59+00:00"),  # the day that has 23 hours
        (datetime(2027, 1, 22, 12), "2027-01-22T11:00:00+00:00"),
        (datetime(2027, 7, 22, 12), "2027-07-22T10:00:00+00:00"),
        (datetime(2027, 1, 22, 12, tzinfo=UTC), "2027-01-22T12:00:00+00:00"),
        (datetime(2027, 10, 31, 2, 30), "2027-10-31T01:30:00+00:00"),  # twice on the clock: the later one
        (datetime(2027, 3, 28, 2, 30), "2027-03-28T01:30:00+00:00"),  # never on the clock
    ],
)
def test_a_date_is_meant_in_the_course_s_time_zone_and_a_day_ends_at_its_end(written: object, meant: str) -> None:
    assert due(written) == meant


def test_a_day_that_begins_without_a_midnight_ends_the_one_before_it() -> None:
    assert due(date(2018, 11, 3), ZoneInfo("America/Sao_Paulo")) == "2018-11-04T02:59:59+00:00"


@pytest.mark.parametrize("written", ["soon", "22.01.2027", 20270122, "0001-01-01", time(12)])
def test_what_is_no_date_says_what_one_looks_like(written: object) -> None:
    with pytest.raises(ValidationError, match="expected a date like 2027-01-22"):
        LatePolicy.model_validate({"due": written})


@pytest.mark.parametrize(("day", "hours"), [("2027-10-30", 25), ("2027-03-27", 23)])
def test_a_late_day_is_a_day_of_the_calendar(day: str, hours: int) -> None:
    policy = LatePolicy.model_validate({"policy": "days", "due": day, "days": 9})
    moment = deadline(policy, "m01", "s1", COPENHAGEN, None)
    assert moment is not None
    for seconds, days in ((0, 1), (1, 2)):
        changed = moment + timedelta(hours=hours, seconds=seconds)
        assert lateness(policy, [Handed("m01", "s1", changed)], COPENHAGEN)["m01"].days == days


# More time for one student


def extension(**more: object) -> Extension:
    return Extension.model_validate({"student": "ada", "reason": "was ill", **more})


@pytest.mark.parametrize(
    ("granted", "on_time"),
    [
        ({"module": "m01", "days": 2}, {"m01": True, "m02": False}),
        ({"session": "s1", "days": 2}, {"m01": True, "m02": True}),
        ({"module": "m02", "due": "2027-01-12"}, {"m01": False, "m02": True}),
        ({"module": "m09", "days": 9}, {"m01": False, "m02": False}),
    ],
)
def test_an_extension_moves_the_due_date_of_what_it_names(granted: dict[str, object], on_time: dict[str, bool]) -> None:
    handed = work(m01=2 * DAY, m02=2 * DAY)
    found = lateness(LatePolicy(policy="grace", due=DUE), handed, COPENHAGEN, (extension(**granted),))
    assert {module: one.counts for module, one in found.items()} == on_time


def test_a_module_s_own_extension_goes_before_its_session_s() -> None:
    both = (extension(session="s1", days=1), extension(module="m01", days=3))
    assert lateness(LatePolicy(policy="grace", due=DUE), work(m01=3 * DAY), COPENHAGEN, both)["m01"].counts


@pytest.mark.parametrize(
    ("granted", "said"),
    [
        ({"module": "m01"}, "either due or days"),
        ({"module": "m01", "days": 1, "due": "2027-01-12"}, "either due or days"),
        ({"days": 1}, "either module or session"),
        ({"module": "m01", "session": "s1", "days": 1}, "either module or session"),
        ({"module": "m01", "days": 1, "reason": ""}, "reason"),
    ],
)
def test_an_extension_says_for_what_until_when_and_why(granted: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        extension(**granted)
