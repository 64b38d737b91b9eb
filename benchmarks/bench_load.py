"""Verdicts must not depend on how busy the machine is: the same work graded on a quiet one and beside busy loops.

    python benchmarks/bench_load.py [MODULE…] [--load 16,48,memory,twins] [--jobs N]

Graded are each module's reference solution and the first of its wrong ones: alone, then beside that many busy loops
(each in a session of its own, as the kernel shares its cores out by session), beside copies that keep the memory's
bandwidth busy, and as two graders at once. Every check has to come out as it did alone. Exit status 1 if one does not.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mlops_grade.course.discovery import Course, Module, load_course
from mlops_grade.course.submission import Submission
from mlops_grade.judge.grader import Grader, RunOptions
from mlops_grade.prove.exercises import solution, wrong_exercises
from mlops_grade.verdict import ModuleVerdict, Outcome

LOOP = "while True: pass"
COPIES = "import numpy\na = numpy.ones(8 << 20)\nb = a.copy()\nwhile True: b[:] = a"


@dataclass(frozen=True)
class Work:
    """One submission to one module."""

    module: Module
    name: str
    submission: Submission


@dataclass(frozen=True)
class Outcomes:
    """What one round came to: by work, the outcome of the module and of each check."""

    verdicts: dict[str, ModuleVerdict]
    seconds: float

    def told(self, name: str) -> dict[str, str]:
        verdict = self.verdicts[name]
        return {"": str(verdict.outcome), **{check.name: str(check.outcome) for check in verdict.checks}}

    @property
    def waited(self) -> float:
        return sum(verdict.waited_seconds for verdict in self.verdicts.values())

    @property
    def errors(self) -> int:
        return sum(verdict.outcome is Outcome.GRADER_ERROR for verdict in self.verdicts.values())
