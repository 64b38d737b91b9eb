"""Dates as a course means them: in its own time zone, a day alone to its end."""

from __future__ import annotations

import difflib
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import tzlocal

Date = datetime | date
_EXPECTED = "expected a date like 2027-01-22 or a moment like 2027-01-22T23:59"
_SECOND = timedelta(seconds=1)


def read(value: object) -> Date:
    """A date or a moment, from TOML's own or from ISO 8601 text. Raises ValueError that says what was expected."""
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value.strip())
        except ValueError:
            try:
                value = datetime.fromisoformat(str(value).strip())
            except ValueError:
                raise ValueError(_EXPECTED) from None
    if not isinstance(value, date):
        raise ValueError(_EXPECTED)
    if not 1970 <= value.year < 9000:
        raise ValueError(f"{_EXPECTED}; the year {value.year} is none of a course's")
    return value


def moment(value: Date, zone: ZoneInfo) -> datetime:
    """The moment that a date means, in UTC, where moments compare and subtract as they should.

    A day alone ends with its last second. A time without an offset is the zone's; one that the clocks show twice is the
    later, one that they skip is as long after the skip as it says.
    """
    if not isinstance(value, datetime):
        return moment(datetime.combine(value + timedelta(days=1), time()), zone) - _SECOND
    if value.tzinfo is not None:
        return value.astimezone(UTC)
    return max(value.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))


def days_later(when: datetime, days: int, zone: ZoneInfo) -> datetime:
    """The same time by the zone's clocks, so many days later; in UTC."""
    return moment(when.astimezone(zone).replace(tzinfo=None) + timedelta(days=days), zone)


def named_zone(name: str) -> ZoneInfo:
    """The zone of that name. Raises ValueError with the nearest."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        places = {known.casefold(): known for known in sorted(available_timezones())}
        near = difflib.get_close_matches(name.casefold(), places, n=1)
        near = near or [place for place in places if place.endswith(f"/{name.casefold()}")][:1]
        hint = f"did you mean {places[near[0]]!r}?" if near else "expected a name like 'Europe/Copenhagen'"
        raise ValueError(f"there is no time zone {name!r}: {hint}") from None


@lru_cache(maxsize=1)
def machine_zone() -> ZoneInfo:
    """The zone that this machine is set to; UTC where its name cannot be found out."""
    try:
        return ZoneInfo(tzlocal.get_localzone_name() or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def shown(when: datetime, zone: ZoneInfo) -> str:
    """A moment as a report says it, with the zone that it is told in."""
    return f"{when.astimezone(zone):%Y-%m-%d %H:%M} {zone.key}"
