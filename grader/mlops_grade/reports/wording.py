"""What there is to say about a check that did not pass, and about a run: the same words in every format."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

from mlops_grade.reports.text import last_lines, one_line, plain, shorten, shorten_pair
from mlops_grade.verdict import Check, ModuleVerdict, Outcome, Report

FIRST_FRAMES, LAST_FRAMES = 2, 4
EMPTY = "(empty)"


@dataclass(frozen=True)
class Part:
    """One thing that is said about a check: its label ("" for the message itself) and the text, fit to be shown."""

    label: str
    text: str


def explain(check: Check) -> tuple[Part, ...]:
    """Everything there is to say about a check that did not pass, in the order in which it is read."""
    parts = [Part("", _message(check))]
    if check.expected is not None or check.got is not None:
        expected, got = shorten_pair(plain(check.expected or ""), plain(check.got or ""))
        parts += [Part("expected", expected or EMPTY)] if check.expected is not None else []
        parts += [Part("got", got or EMPTY)] if check.got is not None else []
    if check.reason != "todo":
        parts.append(Part("at", "\n".join(_frames(check))))
        parts.append(Part("printed", last_lines(check.output)))
    parts.append(Part("hint", one_line(check.hint)))
    return tuple(part for part in parts if part.text)


def _message(check: Check) -> str:
    message = shorten(plain(check.message).strip())
    if check.outcome is Outcome.GRADER_ERROR and check.reason != "busy":
        return f"The grader failed here. This is our error, not yours. {message}".rstrip()
    return message


def _frames(check: Check) -> Iterable[str]:
    """The frames, the innermost last; of a deep recursion its beginning and its end."""
    left_out = len(check.traceback) - FIRST_FRAMES - LAST_FRAMES
    for number, frame in enumerate(check.traceback):
        if left_out > 0 and FIRST_FRAMES <= number < FIRST_FRAMES + left_out:
            if number == FIRST_FRAMES:
                yield f"… {left_out:,} frames left out …"
            continue
        function = shorten(one_line(frame.function), 80)
        # A student cannot do anything with "<module>": the line is at the top level of the file.
        where = "" if function in ("", "<module>") else f" in {function}"
        yield f"{shorten(one_line(frame.file), 120)}:{frame.line}{where}"
        if frame.code.strip():
            yield "    " + shorten(one_line(frame.code), 200)


def place(verdict: ModuleVerdict, check: Check) -> tuple[str, int] | None:
    """File and line of the innermost frame, relative to the root of the checkout; None where there is no such place."""
    if not check.traceback:
        return None
    frame = check.traceback[-1]
    path = PurePosixPath(verdict.folder) / one_line(frame.file)
    # The name of a file is the student's claim: one that leads out of the checkout is none.
    inside = not path.is_absolute() and ".." not in path.parts and path.parts and frame.line > 0
    return (str(path), frame.line) if inside else None


@dataclass(frozen=True)
class Finding:
    """Checks of a module that did not pass for one and the same reason: a syntax error fails them all at once."""

    checks: tuple[Check, ...]

    @property
    def first(self) -> Check:
        return self.checks[0]

    @property
    def parts(self) -> tuple[Part, ...]:
        """What is said about all of them, with the hints of each."""
        parts = tuple(part for part in explain(self.first) if part.label != "hint")
        hints = dict.fromkeys(one_line(check.hint) for check in self.checks)
        return (*parts, *(Part("hint", text) for text in hints if text))


def findings(checks: Iterable[Check]) -> tuple[Finding, ...]:
    """The checks, brought together where outcome, reason, message, values and traceback are the same.

    A check that was not reached stands with the one whose failure kept it from being reached.
    """
    checks = list(checks)
    first = {check.name: check for check in checks}
    same: dict[object, list[Check]] = {}
    for check in sorted(checks, key=lambda check: check.after in first):
        if check.after in first:
            leader = first[check.after]
            group = next((group for group in same.values() if leader in group), None)
            if group is not None:
                group.append(check)
                continue
        key = (check.outcome, check.required, check.reason, check.message, check.expected, check.got, check.traceback)
        # Without anything said about them, checks are told apart by their titles.
        same.setdefault(key if any(key[3:]) else check.name, []).append(check)
    return tuple(Finding(tuple(group)) for group in same.values())


def as_text(parts: Iterable[Part]) -> str:
    """The parts as lines of plain text."""
    lines: list[str] = []
    for part in parts:
        if not part.label:
            lines.append(part.text)
        elif "\n" in part.text or part.label in ("at", "printed"):
            lines += [f"{part.label}:", *(f"    {line}" for line in part.text.split("\n"))]
        else:
            lines.append(f"{part.label}: {part.text}")
    return "\n".join(lines)


def headline(report: Report) -> str:
    """`PASSED 3 of 3 core modules`: the result of a run, its last line."""
    counted = report.counted
    passed = sum(verdict.outcome is Outcome.PASSED for verdict in counted)
    tally = f"{passed} of {len(counted)} {'core' if report.core else 'optional'} modules"
    if not counted:
        return "NOT PASSED 0 of 0 modules: nothing was graded"
    if report.outcome is Outcome.GRADER_ERROR:
        errors = [verdict for verdict in report.verdicts if verdict.outcome is Outcome.GRADER_ERROR]
        if all(verdict.busy for verdict in errors):
            return f"TOO BUSY TO TELL {tally} passed: grade again when this machine has less to do"
        return f"GRADER ERROR {tally} passed: our error, not yours"
    others = [verdict for verdict in report.verdicts if verdict not in counted]
    if others:
        tally += f", {sum(verdict.outcome is Outcome.PASSED for verdict in others)} of {len(others)} optional"
    return f"{'PASSED' if report.outcome is Outcome.PASSED else 'NOT PASSED'} {tally}"


def remark(verdict: ModuleVerdict) -> str:
    """What is said about a module as a whole: what it lacks to be run, that the failure is the grader's; or ""."""
    reason = shorten(plain(verdict.reason).strip())
    match verdict.outcome:
        case Outcome.NOT_RUN:
            missing = "" if verdict.checks else "something that it needs is missing"
            return f"not run: {reason or missing}" if reason or missing else ""
        case Outcome.GRADER_ERROR if verdict.busy:
            return reason
        case Outcome.GRADER_ERROR:
            ours = "The grader failed. This is our error, not yours: please tell the course team."
            return f"{ours}\n{reason}".rstrip()
        case _:
            return reason


def count(verdict: ModuleVerdict) -> str:
    """Passed and all checks of a module, `5/7`; a dash where there is none."""
    return f"{verdict.passed_checks}/{len(verdict.checks)}" if verdict.checks else "–"


def load(verdict: ModuleVerdict) -> str:
    """What the machine gave the work, in words."""
    return (
        f"{verdict.seconds:.1f} s in all, {verdict.cpu_seconds:.1f} s of them computed; "
        f"{verdict.waited_seconds:.1f} s ready, with no core to compute on"
    )
