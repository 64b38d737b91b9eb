"""`cohort.toml` held against the roster and the course: every word in it names a student, a module or a session."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from mlops_grade.batch.cohort import Cohort
from mlops_grade.batch.settings import SETTINGS, Decision, Extension, LatePolicy
from mlops_grade.course.discovery import Course, Module
from mlops_grade.errors import UsageError


def fitted(cohort: Cohort, course: Course) -> Cohort:
    """The cohort with ids in its settings, however they were named. Raises UsageError with the nearest right word."""
    settings = cohort.settings
    try:
        late = _late(settings.late, course)
        decisions = tuple(_decision(one, cohort, course) for one in settings.decision)
        extensions = tuple(_extension(one, cohort, course, late) for one in settings.extension)
        _once("[[decision]]", ((one.student, one.module) for one in decisions))
        _once("[[extension]]", ((one.student, one.module or one.session) for one in extensions))
    except UsageError as error:
        raise UsageError(f"{cohort.place / SETTINGS}: {error}") from None
    found = {"late": late, "decision": decisions, "extension": extensions}
    return replace(cohort, settings=settings.model_copy(update=found))


def _late(late: LatePolicy, course: Course) -> LatePolicy:
    return late.model_copy(
        update={"modules": {_session_or_module(word, course): due for word, due in late.modules.items()}}
    )


def _decision(decision: Decision, cohort: Cohort, course: Course) -> Decision:
    names = {"student": cohort.student(decision.student).id, "module": _module(decision.module, course)}
    return decision.model_copy(update=names)


def _extension(extension: Extension, cohort: Cohort, course: Course, late: LatePolicy) -> Extension:
    names = {"student": cohort.student(extension.student).id}
    if extension.module:
        names["module"] = _module(extension.module, course)
    else:
        names["session"] = _session(extension.session, course)
    found = extension.model_copy(update=names)
    due = (late.due_of(module.id, module.session) for module in course.modules if _is_for(found, module))
    if extension.days is not None and not any(due):
        raise UsageError(f"[[extension]] of {found.student}: nothing is due that days could be added to: say due")
    return found


def _is_for(extension: Extension, module: Module) -> bool:
    return extension.module == module.id or extension.session == module.session


def _session_or_module(word: str, course: Course) -> str:
    session = course.session(word)
    return session.id if session else _module(word, course)


def _module(word: str, course: Course) -> str:
    found = course.resolve([word])
    if course.session(word) or len(found) != 1:
        raise UsageError(f"{word!r} names a session: expected one module, say {found[0].id}")
    return found[0].id


def _session(word: str, course: Course) -> str:
    session = course.session(word)
    if session is None:
        course.resolve([word])  # says what is nearest to a word that means nothing at all
        raise UsageError(f"{word!r} names a module: expected a session, or the key module")
    return session.id


def _once(table: str, keys: Iterable[tuple[str, str]]) -> None:
    seen = set()
    for student, what in keys:
        if (student, what) in seen:
            raise UsageError(f"{table}: {student!r} and {what!r} stand there twice: which one is meant?")
        seen.add((student, what))
