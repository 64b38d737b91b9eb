"""Where a roster comes from: a repository's forks, an organisation, a platform's export, a folder; and who they are."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from mlops_grade.batch.github import GitHub, Refused, Repository
from mlops_grade.batch.roster import Roster
from mlops_grade.batch.student import Student
from mlops_grade.batch.wording import few
from mlops_grade.errors import UsageError

STAFF_FROM = 3  # who may push to each of so many repositories is no student


def from_forks(github: GitHub, address: str, teams: bool = False) -> Roster:
    """Everybody who forked `OWNER/NAME` (or its address); with `teams`, everybody who may push to a fork."""
    repository = address if re.fullmatch(r"[\w.-]+/[\w.-]+", address) else github.repository(address)
    if not repository:
        raise UsageError(f"{address!r} is no repository on GitHub: expected OWNER/NAME")
    found = list(_asked(github.forks(repository), f"the forks of {repository}"))
    return _roster(github, [(fork, fork.owner) for fork in found], teams)


def from_organisation(github: GitHub, organisation: str, pattern: str, teams: bool = False) -> Roster:
    """The repositories of an organisation whose names fit the pattern; what stands for {student} is the student."""
    if "{student}" not in pattern:
        raise UsageError(f"the name pattern {pattern!r} must hold {{student}}, as in 'mlops-{{student}}'")
    before, _, after = pattern.partition("{student}")
    named = re.compile(f"{re.escape(before)}(.+){re.escape(after)}", re.IGNORECASE)  # as GitHub takes names
    every = list(_asked(github.repositories_of(organisation), f"the repositories of {organisation}"))
    fitting = [(one, match[1]) for one in every if (match := named.fullmatch(one.name))]
    if not fitting:
        seen = few([one.name for one in every]) or "none"
        raise UsageError(f"no repository of {organisation} is called like {pattern!r}. Found: {seen}")
    return _roster(github, fitting, teams)


def _asked(answers: Iterable[Repository], what: str) -> list[Repository]:
    try:
        return list(answers)
    except Refused as refused:
        # What is private is not found, to somebody without the right.
        right = ". GITHUB_TOKEN, GH_TOKEN or `gh auth login` gives the right." if refused.may_lack_right else ""
        raise UsageError(f"{what} cannot be listed: {refused}{right}") from None


def _roster(github: GitHub, found: list[tuple[Repository, str]], teams: bool) -> Roster:
    found = sorted(found, key=lambda one: one[1].casefold())
    if not teams:
        students = [Student(student, repository.address) for repository, student in found]
        return Roster(tuple(students), tuple(_in_several(students)))
    remarks: list[str] = []
    writers = [_writers(github, repository, remarks) for repository, _ in found]
    staff = set[str]() if len(found) < STAFF_FROM else set.intersection(*map(set, writers))
    if staff:
        told = few(sorted(staff, key=str.casefold))
        remarks.append(f"left out, as they may push to all {len(found)} repositories: {told}")
    students = [
        Student(member, repository.address)
        for (repository, student), people in zip(found, writers, strict=True)
        for member in [one for one in people if one not in staff] or [student]
    ]
    return Roster(tuple(students), (*remarks, *_in_several(students)))


def _writers(github: GitHub, repository: Repository, remarks: list[str]) -> list[str]:
    """Who may push to a repository. Where that is not known, what the repository is called has to stand for them."""
    try:
        people = github.writers(repository)
        reason = "" if people else "who may push to it is not known: nobody is named who does not administer it"
    except Refused as refused:
        people, reason = [], f"who may push to it is not known: {refused}"
    if reason:
        remarks.append(f"{repository.owner}/{repository.name}: {reason}")
    return people


def _in_several(students: Iterable[Student]) -> list[str]:
    """A roster has a row for each student: with two repositories somebody has to say which one counts."""
    places: defaultdict[str, list[str]] = defaultdict(list)
    for student in students:
        places[student.id].append(student.repository)
    return [
        f"{student} is there more than once, and only one row can stay: {few(addresses)}"
        for student, addresses in places.items()
        if len(addresses) > 1
    ]


@dataclass(frozen=True)
class Joined:
    """People with their work; who has none; and work that is nobody's on the list."""

    students: tuple[Student, ...]
    without_work: tuple[str, ...]
    unknown: tuple[str, ...]


def joined(work: Iterable[Student], people: Iterable[Student]) -> Joined:
    """The people of a list with the repositories that were found, by login, id, address or what stands before its @.

    Somebody without a repository is a row as well. So is work of somebody who is not on the list.
    """
    places = {student.id.casefold(): student for student in work}
    students, without, taken = [], [], set()
    for person in people:
        ids = [name.casefold() for name in (person.id, person.lms_id, person.email) if name]
        names = [*ids, *(name.partition("@")[0] for name in ids if "@" in name)]
        login = next((name for name in names if name in places), "")
        if login:
            taken.add(login)
            found = places[login]
            students.append(replace(person, id=found.id, repository=found.repository, ref=person.ref or found.ref))
        else:
            students.append(person)
            without += [] if person.repository else [person.id]
    unknown = [student for login, student in places.items() if login not in taken]
    return Joined((*students, *unknown), tuple(without), tuple(student.id for student in unknown))


def relative_to(folder: Path, student: Student) -> Student:
    """A student whose work lies below the roster's folder is named by the way from there: both can move together."""
    path = Path(student.repository)
    if path.is_absolute() and path.is_relative_to(folder):
        return replace(student, repository=path.relative_to(folder).as_posix())
    return student
