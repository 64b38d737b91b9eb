"""`mlops-grade prove`: each thing that must hold of a module is a line, true or false."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from hashlib import sha256

from mlops_grade.course.discovery import Module
from mlops_grade.course.submission import Submission
from mlops_grade.judge.grader import Grader
from mlops_grade.judge.run import UNTIL_NOTICED, WHOLE, Part
from mlops_grade.prove import exercises, stubs
from mlops_grade.prove.rules import broken_rules
from mlops_grade.verdict import ModuleVerdict, Outcome

WRONG_SEEDS = 3
RULES_KEPT = "the suite does in the judge only what the judge may do"
NARROW_MARGIN = 5.0  # a mistake that is no farther off than this hides behind a tolerance before long


@dataclass(frozen=True)
class Line:
    """One claim about a module, whether it holds, and what a student would read where that is of interest."""

    module: str
    claim: str
    holds: bool
    detail: str = ""
    cpu_seconds: float = 0.0
    margin: float | None = None
    """Of a wrong solution: how many times what is allowed the numbers were off that gave it away, where any did."""
    verdict: ModuleVerdict | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Draw:
    """Some of a module's wrong solutions instead of all: so many at most, and others for another key."""

    most: int
    key: str

    def of(self, module: Module, variants: list[exercises.Variant]) -> list[exercises.Variant]:
        def place(variant: exercises.Variant) -> bytes:
            return sha256(f"{self.key} {module.id} {variant.name}".encode()).digest()

        return sorted(variants, key=place)[: self.most]


@dataclass(frozen=True)
class _Case:
    claim: str
    submission: Submission
    seeds: tuple[int, ...]
    judgement: Callable[[list[ModuleVerdict]], str]
    part: Part = WHOLE


def prove(
    grader: Grader,
    modules: Iterable[Module],
    seeds: int,
    wrong_seeds: int = WRONG_SEEDS,
    whole: bool = False,
    draw: Draw | None = None,
) -> Iterator[Line]:
    """All lines of the modules, as they come. `seeds` is how often each right solution is judged.

    A wrong solution is judged by the checks that must catch it alone, a single stub until the first check that notices:
    the lines are about no more. With `whole` all checks run, for who wants to read what a student would. With a `draw`
    not all of the wrong solutions are judged.
    """
    pending: list[tuple[Module, _Case, list[Future[ModuleVerdict]]]] = []
    for module in modules:
        broken_by_source = broken_rules(module)
        yield Line(module.path.name, RULES_KEPT, not broken_by_source, "\n    ".join(broken_by_source))
        for case in _cases(module, seeds, wrong_seeds, draw):
            part = WHOLE if whole else case.part
            futures = [grader.submit(module, case.submission, seed, part) for seed in case.seeds]
            pending.append((module, case, futures))
    for module, case, futures in pending:
        verdicts = [future.result() for future in futures]
        broken = next((verdict for verdict in verdicts if verdict.outcome is Outcome.GRADER_ERROR), None)
        fault = _grader_error(broken) if broken else _fenced(verdicts) or case.judgement(verdicts)
        cpu = sum(verdict.cpu_seconds for verdict in verdicts) / len(verdicts)
        margin = _margin(verdicts) if case.claim.startswith("wrong: ") and not fault else None
        yield Line(module.path.name, case.claim, not fault, fault, cpu, margin, broken or _telling(verdicts))


def _cases(module: Module, seeds: int, wrong_seeds: int, draw: Draw | None) -> Iterator[_Case]:
    reference, untouched = exercises.solution(module), exercises.skeleton(module)
    several = tuple(range(1, seeds + 1))
    few = tuple(range(1, min(seeds, wrong_seeds) + 1))
    yield _Case("the skeleton is not passed", untouched, (1,), _skeleton_fails)
    yield _Case("the solution passes", reference, several, _passes)
    for variant in exercises.right(module):
        yield _Case(f"right: {variant.name}", variant.submission, several, _passes)
    wrong = exercises.wrong(module)
    for variant in draw.of(module, wrong) if draw else wrong:
        caught_by = variant.note.caught_by
        yield _Case(f"wrong: {variant.name}", variant.submission, few, _caught(caught_by), Part(caught_by))
    for name, submission in stubs.with_one_stub(reference, untouched):
        yield _Case(f"TODO missed: {name}", submission, (1,), _fails, UNTIL_NOTICED)


def _fenced(verdicts: list[ModuleVerdict]) -> str:
    """A suite that runs into the judge's fence is wrong, whatever the verdict on the solution should have been."""
    checks = (check for verdict in verdicts for check in verdict.checks if check.reason == "fenced")
    return next((f"{check.name}: {check.message}" for check in checks), "")


def _passes(verdicts: list[ModuleVerdict]) -> str:
    bad = [verdict for verdict in verdicts if verdict.outcome is not Outcome.PASSED]
    return f"{len(bad)} of {len(verdicts)} seeds: {_first_failure(bad[0])}" if bad else ""


def _fails(verdicts: list[ModuleVerdict]) -> str:
    good = [verdict for verdict in verdicts if verdict.outcome is not Outcome.NOT_PASSED]
    return f"{len(good)} of {len(verdicts)} seeds: {good[0].outcome}" if good else ""


def _skeleton_fails(verdicts: list[ModuleVerdict]) -> str:
    untitled = [check.name for check in verdicts[0].checks if not check.hint or not check.title]
    return _fails(verdicts) or (f"without title or hint: {', '.join(untitled)}" if untitled else "")


def _caught(names: tuple[str, ...]) -> Callable[[list[ModuleVerdict]], str]:
    def judgement(verdicts: list[ModuleVerdict]) -> str:
        for verdict in verdicts:
            if fault := _not_caught(verdict, names):
                return f"seed {verdict.provenance.seed if verdict.provenance else '?'}: {fault}"
        return ""

    return judgement


def _not_caught(verdict: ModuleVerdict, names: tuple[str, ...]) -> str:
    known = {check.name.partition("[")[0] for check in verdict.checks} | {check.name for check in verdict.checks}
    failed = {name for check in verdict.failed for name in (check.name, check.name.partition("[")[0])}
    unknown, missed = [n for n in names if n not in known], [n for n in names if n not in failed]
    if verdict.outcome is not Outcome.NOT_PASSED:
        return f"it is {verdict.outcome}"
    if unknown:
        return f"there is no check {', '.join(unknown)}"
    return (
        f"not caught by {', '.join(missed)} but by {', '.join(sorted(c.name for c in verdict.failed))}"
        if missed
        else ""
    )


def _margin(verdicts: list[ModuleVerdict]) -> float | None:
    """By how much a wrong solution was caught: its clearest check, in the seed where that is least clear."""
    clearest = []
    for verdict in verdicts:
        failed = [check for check in verdict.failed if check.outcome is Outcome.NOT_PASSED]
        if not failed or any(check.excess is None for check in failed):
            return None  # something else than a distance gave it away as well
        clearest.append(max(check.excess or 0.0 for check in failed))
    return min(clearest, default=None)


def _first_failure(verdict: ModuleVerdict) -> str:
    seed = verdict.provenance.seed if verdict.provenance else "?"
    if not verdict.failed:
        return f"{verdict.outcome} {verdict.reason} (seed {seed})"
    check = verdict.failed[0]
    parts = [check.message, f"expected {check.expected}, got {check.got}" if check.expected is not None else ""]
    return f"{check.name}: {'; '.join(part for part in parts if part)} (seed {seed})"


def _grader_error(verdict: ModuleVerdict) -> str:
    of_checks = [f"{check.name}: {check.message}" for check in verdict.checks if check.outcome is Outcome.GRADER_ERROR]
    return f"grader error: {verdict.reason or '; '.join(of_checks)}"


def _telling(verdicts: list[ModuleVerdict]) -> ModuleVerdict:
    """The verdict worth showing: the first that is not passed."""
    return next((verdict for verdict in verdicts if verdict.outcome is not Outcome.PASSED), verdicts[0])
