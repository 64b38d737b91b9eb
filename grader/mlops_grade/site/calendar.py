"""The timeplan as a calendar that others read (RFC 5545)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from icalendar import Calendar, Event

from mlops_grade.site.plan import Day, Plan


def calendar(plan: Plan, days: Iterable[Day]) -> bytes:
    """An all-day event for each day that has a date. The same timeplan gives the same bytes."""
    book = Calendar()
    book.add("prodid", "-//mlops-grade//timeplan//EN")
    book.add("version", "2.0")
    book.add("x-wr-calname", plan.title)
    for day in days:
        if day.date is not None:
            book.add_component(_event(plan, day))
    return bytes(book.to_ical())


def _event(plan: Plan, day: Day) -> Event:
    assert day.date is not None
    event = Event()
    event.add("uid", f"day-{day.number}@mlops-grade")
    event.add("dtstamp", datetime.combine(plan.start or day.date, datetime.min.time(), UTC))
    event.add("dtstart", day.date)
    event.add("dtend", day.date + timedelta(days=1))
    name = f"{day.session.id} · {day.topic}" if day.session else day.topic
    event.add("summary", name)
    if day.tools:
        event.add("description", ", ".join(day.tools))
    return event
