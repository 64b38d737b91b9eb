"""The errors that a person can meet: each says what was expected, what was found, and what to do next."""

from __future__ import annotations


class UsageError(Exception):
    """What was typed, or a file of the course, cannot be used. Shown without a traceback; exit status 2."""


class GraderError(Exception):
    """The grader or the machine failed; never the student's fault. Exit status 3."""


class MachineTooBusy(GraderError):
    """The machine gave the work so little time that nothing can be said of it: to be tried again."""

    def __init__(self, waited: float) -> None:
        super().__init__(
            f"this machine was too busy to tell: there was no end after {waited:.0f} s, most of them without a core "
            "to compute on. Grade again when it has less to do"
        )
