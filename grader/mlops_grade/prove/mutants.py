"""`mlops-grade prove --mutants`: small faults planted in the reference solution, which the suite must notice.

The operators are cosmic-ray's; the runs are our own judge's: warm, in parallel, up to the first check that notices.
What the skeleton gives is left alone: its faults are nobody's. A mutant that differs in annotations only is no mutant.
Survivors that no suite could tell from the original are listed, with the reason, in the
module's `hidden/mutants.toml`:

    [[equivalent]]
    file = "data.py"
    mutant = "for place in range(0, count):"     # the changed line
    reason = "range starts at 0 anyway"
"""

from __future__ import annotations

import ast
import difflib
import itertools
import random
import tomllib
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from functools import cached_property

from rich.console import Console
from rich.text import Text

from mlops_grade.course.discovery import Module
from mlops_grade.course.extras import installing
from mlops_grade.course.submission import Submission
from mlops_grade.errors import UsageError
from mlops_grade.judge.grader import Grader
from mlops_grade.judge.run import UNTIL_NOTICED
from mlops_grade.prove.exercises import skeleton, solution
from mlops_grade.verdict import ExitCode, ModuleVerdict, Outcome

BAR = 0.9
SAMPLING_SEED = 1
MAX_OCCURRENCES = 400


@dataclass(frozen=True)
class Mutant:
    """One small fault in one file of the reference solution."""

    file: str
    operator: str
    source: str
    original: str

    @property
    def changed_lines(self) -> list[str]:
        """The lines that the mutant has and the original has not, stripped."""
        return [line[2:].strip() for line in self._delta if line.startswith("+ ")]

    @property
    def original_lines(self) -> list[str]:
        """The lines that the original has and the mutant has not, stripped."""
        return [line[2:].strip() for line in self._delta if line.startswith("- ")]

    def diff(self) -> str:
        return "\n".join(line.rstrip() for line in self._delta if line[0] in "+-")

    @cached_property
    def _delta(self) -> list[str]:
        return list(difflib.ndiff(self.original.splitlines(), self.source.splitlines()))


@dataclass(frozen=True)
class Result:
    """What became of a module's mutants."""

    module: Module
    killed: int
    survivors: tuple[Mutant, ...]
    equivalent: tuple[tuple[Mutant, str], ...]
    errors: tuple[Mutant, ...]

    @property
    def counted(self) -> int:
        return self.killed + len(self.survivors)

    @property
    def rate(self) -> float:
        return self.killed / self.counted if self.counted else 1.0

    @property
    def holds(self) -> bool:
        return self.rate >= BAR and not self.errors


def mutants(reference: Submission, untouched: Submission, limit: int) -> list[Mutant]:
    """At most `limit` mutants of what a solution's Python files add to the skeleton's, drawn with a fixed seed."""
    given = {path: _lines(data) for path, data in untouched.files.items()}
    found = [
        mutant
        for path, data in sorted(reference.files.items())
        if path.endswith(".py")
        for mutant in _mutants_of(path, data.decode("utf-8"))
        if not given.get(path, frozenset()).issuperset(mutant.original_lines)
    ]
    drawn = random.Random(SAMPLING_SEED).sample(found, min(limit, len(found)))
    return sorted(drawn, key=found.index)


def _lines(data: bytes) -> frozenset[str]:
    return frozenset(line.strip() for line in data.decode("utf-8", "replace").splitlines())


def _mutants_of(path: str, source: str) -> Iterator[Mutant]:
    try:
        from cosmic_ray import plugins
        from cosmic_ray.mutating import mutate_code
    except ImportError:
        raise UsageError(f"--mutants needs cosmic-ray: {installing('dev')}") from None
    meaning = _meaning(source)
    seen = {source}
    for name in sorted(plugins.operator_names()):
        operator_class = plugins.get_operator(name)
        if operator_class.arguments():
            continue
        for occurrence in itertools.count():
            changed = mutate_code(source, operator_class(), occurrence)
            if changed is None or occurrence > MAX_OCCURRENCES:
                break
            if changed not in seen and _meaning(changed) not in (None, meaning):
                seen.add(changed)
                mutant = Mutant(path, name.partition("/")[2], changed, source)
                # `if __name__ >= "__main__"` is true wherever the guard is: no program could tell.
                if not any("__name__" in line for line in mutant.changed_lines):
                    yield mutant


def _meaning(source: str) -> str | None:
    """What Python makes of a file, annotations left out; None where it is no Python."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return None
    for node in ast.walk(tree):
        if isinstance(node, ast.AnnAssign | ast.arg):
            node.annotation = ast.Constant(None)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            node.returns = None
    return ast.dump(tree)


def run_module(grader: Grader, module: Module, limit: int) -> Result:
    """Judge the mutants of one module's solution."""
    reference = solution(module)
    drawn = mutants(reference, skeleton(module), limit)
    futures: list[Future[ModuleVerdict]] = [
        grader.submit(module, reference.overlaid({mutant.file: mutant.source.encode()}), part=UNTIL_NOTICED)
        for mutant in drawn
    ]
    outcomes = [(mutant, future.result().outcome) for mutant, future in zip(drawn, futures, strict=True)]
    reasons = equivalents(module)
    survivors = [mutant for mutant, outcome in outcomes if outcome is Outcome.PASSED]
    explained = [(mutant, reason) for mutant in survivors if (reason := _reason(mutant, reasons))]
    return Result(
        module=module,
        killed=sum(outcome is Outcome.NOT_PASSED for _, outcome in outcomes),
        survivors=tuple(mutant for mutant in survivors if not _reason(mutant, reasons)),
        equivalent=tuple(explained),
        errors=tuple(m for m, outcome in outcomes if outcome in (Outcome.GRADER_ERROR, Outcome.NOT_RUN)),
    )


def equivalents(module: Module) -> dict[tuple[str, str], str]:
    """The module's explained mutants: (file, changed line) to reason. Raises UsageError that names the file."""
    file = module.hidden / "mutants.toml"
    if not file.exists():
        return {}
    try:
        entries = tomllib.loads(file.read_text(encoding="utf-8"))["equivalent"]
        return {(entry["file"], entry["mutant"].strip()): entry["reason"] for entry in entries}
    except (tomllib.TOMLDecodeError, KeyError, TypeError, AttributeError) as error:
        message = (
            f"{file}: expected [[equivalent]] tables with file, mutant and reason ({type(error).__name__}: {error})"
        )
        raise UsageError(message) from None


def _reason(mutant: Mutant, reasons: dict[tuple[str, str], str]) -> str:
    return next((reasons[key] for line in mutant.changed_lines if (key := (mutant.file, line)) in reasons), "")


def render_mutants(grader: Grader, modules: tuple[Module, ...], limit: int, console: Console) -> int:
    """Mutate modules one after the other and print kill rates and survivors; below the bar the status is 1."""
    holds = True
    for module in modules:
        result = run_module(grader, module, limit)
        holds = holds and result.holds
        console.print(_summary(result), soft_wrap=True)
        for mutant in (*result.survivors, *result.errors):
            console.print(Text(f"    {mutant.file} ({mutant.operator})\n" + _indented(mutant.diff())), soft_wrap=True)
    return ExitCode.PASSED if holds else ExitCode.NOT_PASSED


def _summary(result: Result) -> Text:
    mark = ("✓ ", "green") if result.holds else ("✗ ", "bold red")
    text = f"{result.module.path.name}  {result.killed} of {result.counted} mutants noticed ({result.rate:.0%})"
    explained = f", {len(result.equivalent)} equivalent" if result.equivalent else ""
    errors = f", {len(result.errors)} grader errors" if result.errors else ""
    return Text.assemble(mark, text + explained + errors)


def _indented(text: str) -> str:
    return "\n".join(f"      {line}" for line in text.splitlines())
