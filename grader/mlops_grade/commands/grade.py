"""What the bare command does: grade, show, write, watch."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from mlops_grade.commands.changed import changed_since
from mlops_grade.commands.checkout import Checkout, cores_are_busy, grade_checkout
from mlops_grade.commands.watch import regrade
from mlops_grade.course.discovery import Course, Module
from mlops_grade.course.extras import as_typed, installing_here
from mlops_grade.errors import UsageError
from mlops_grade.judge.grader import Grader, RunOptions
from mlops_grade.judge.run import missing_extras
from mlops_grade.machine import here
from mlops_grade.reports import FORMATS, json_report
from mlops_grade.reports.terminal import render
from mlops_grade.student.isolation import Tier
from mlops_grade.verdict import ExitCode, Report

STARTS = ("fork", "spawn")


@dataclass(frozen=True)
class Outputs:
    """Where reports go besides the terminal: format name to file, None for standard output."""

    files: Mapping[str, Path | None]

    @property
    def takes_stdout(self) -> bool:
        return None in self.files.values()


def options(
    seed: int,
    timeout: float | None,
    fail_fast: bool,
    isolation: Tier | None,
    require_isolation: Tier | None,
    start: str,
    strangers: bool = False,
) -> RunOptions:
    """The run's options. Raises UsageError for an unknown way to start."""
    if start not in STARTS:
        raise UsageError(f"--start {start}: expected {' or '.join(STARTS)}")
    return RunOptions(seed, timeout, start, isolation, require_isolation, fail_fast, strangers)


def outputs(json: Path | None, junit: Path | None, format: str | None, output: Path | None) -> Outputs:
    """Where reports go. Raises UsageError for an unknown format or a folder that is not there."""
    files: dict[str, Path | None] = {}
    if json is not None:
        files["json"] = json
    if junit is not None:
        files["junit"] = junit
    if format is not None:
        if format not in FORMATS:
            raise UsageError(f"--format {format}: known formats are {', '.join(FORMATS)}")
        files[format] = output
    elif output is not None:
        raise UsageError("--output needs --format: which format should the file have?")
    for file in files.values():
        if file is not None and not file.parent.is_dir():
            raise UsageError(f"{file}: there is no folder {file.parent} to write it into")
    return Outputs(files)


def read(file: Path) -> Report:
    """A report that --json wrote. Raises UsageError that names the file."""
    try:
        return json_report.parse(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}") from None
    except ValueError:
        raise UsageError(f"{file} is no report of this version: write one with --json") from None


def chosen(course: Course, what: list[str], submission: Path | None, changed: str | None) -> tuple[Module, ...]:
    """The modules to grade: those named, of them those that changed since a commit."""
    modules = course.resolve(what)
    return modules if changed is None else changed_since(submission or course.root, changed, modules)


def write(report: Report, outputs: Outputs) -> None:
    """Write the report in every format asked for. Raises UsageError for a file that cannot be written."""
    for name, file in outputs.files.items():
        text = FORMATS[name](report, os.environ)
        if file is None:
            print(text, end="" if text.endswith("\n") else "\n")
            continue
        try:
            file.write_text(text, encoding="utf-8")
        except OSError as error:
            raise UsageError(f"{file} cannot be written: {error.strerror}") from None


def what_installs_the_rest(modules: tuple[Module, ...]) -> str:
    """The one command after which the modules that were not run can be; empty where no package is missing."""
    extras = missing_extras(modules)
    if not extras:
        return ""
    lacking = ", ".join(module.id for module in modules if missing_extras([module]))
    return f"Not installed yet: what {lacking} need{'s' * (',' not in lacking)}. This does it:\n    " + as_typed(
        installing_here(extras), here()
    )


def run(
    course: Course,
    modules: tuple[Module, ...],
    submission: Path | None,
    options: RunOptions,
    outputs: Outputs,
    jobs: int | None,
    watch: bool,
    console: Console,
) -> int:
    """Grade a checkout and report; the exit status says how it went."""
    checkout = Checkout(course, (submission or course.root).expanduser())
    code = int(ExitCode.PASSED)
    if not modules:
        console.print("Nothing that is handed in has changed: nothing to grade.")
        return code

    def once(chosen: tuple[Module, ...]) -> None:
        nonlocal code
        report = grade_checkout(checkout, chosen, grader, console)
        if not outputs.takes_stdout:
            console.print(render(report))
            if missing := what_installs_the_rest(chosen):
                console.print(missing, style="yellow", markup=False, soft_wrap=True)
        write(report, outputs)
        code = report.exit_code

    if busy := cores_are_busy():
        console.print(busy, style="dim")
    with Grader(modules, options, jobs) as grader:
        if watch:
            regrade(checkout.root, modules, once, lambda text: console.print(text, style="dim"))
        else:
            once(modules)
    return code
