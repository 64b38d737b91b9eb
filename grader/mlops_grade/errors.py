"""The errors that a person can meet: each says what was expected, what was found, and what to do next."""

from __future__ import annotations


class UsageError(Exception):
    """What was typed, or a file of the course, cannot be used. Shown without a traceback; exit status 2."""


class GraderError(Exception):
    """The grader or the machine failed; never the student's fault. Exit status 3."""
