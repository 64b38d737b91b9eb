"""One cause, one failure: a check that fails for the reason of an earlier one has not been reached."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator

from mlops_grade.verdict import Check, Outcome


def told_once(checks: Iterable[Check]) -> Iterator[Check]:
    """The checks, of which those that failed just like an earlier one say so, and no more.

    Alike are a file that is not there, and an exception that is the same, at the same place. The outcome stays, since
    what a check looks at may well be wrong, too.
    """
    first: dict[Hashable, Check] = {}
    for check in checks:
        cause = _cause(check)
        earlier = first.setdefault(cause, check) if cause is not None else check
        yield check if earlier is check else _unreached(check, earlier)


def _cause(check: Check) -> Hashable | None:
    if check.outcome is not Outcome.NOT_PASSED:
        return None
    if check.reason == "missing":
        return check.message
    if check.reason in ("exception", "memory") and check.traceback:
        return check.message, check.traceback[-1]
    return None


def _unreached(check: Check, earlier: Check) -> Check:
    return check.model_copy(
        update={
            "reason": "unreached",
            "after": earlier.name,
            "message": f"not reached, for the same reason as: {earlier.title}",
            "hint": "",
            "traceback": (),
            "output": "",
        }
    )
