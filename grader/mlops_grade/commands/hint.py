"""`mlops-grade hint`: what to do next in a module, from the last verdict and the exercise's text."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from mlops_grade.commands.checkout import Checkout
from mlops_grade.commands.last_verdicts import last_verdict
from mlops_grade.course.discovery import Module
from mlops_grade.reports.text import one_line
from mlops_grade.verdict import Outcome


def render_advice(checkout: Checkout, modules: tuple[Module, ...]) -> RenderableType:
    """For each module the hints of the checks that failed last, or where to start."""
    return Group(*(part for module in modules for part in _advice(checkout, module)))


def _advice(checkout: Checkout, module: Module) -> list[RenderableType]:
    heading = Text(f"{module.path.name}  {module.title}", style="bold")
    last = last_verdict(checkout.root, module)
    if last is None:
        return [heading, _indented(f"Not graded yet. Read {module.folder}/README.md, then: mlops-grade {module.id}", 2)]
    if last.provenance is not None and last.provenance.submission != checkout.submission(module).digest:
        heading.append("  (changed since the last verdict)", style="dim")
    if last.outcome is Outcome.PASSED:
        return [heading, _indented("Passed: nothing left to do.", 2)]
    if not last.failed:
        return [heading, _indented(f"{last.outcome}: {last.reason}", 2)]
    ran = [check for check in last.failed if check.outcome is not Outcome.NOT_RUN]  # --fail-fast: the others did not
    left = [check for check in ran if check.reason == "todo"]
    reached = [check for check in ran if check.reason not in ("todo", "unreached")]
    lines: list[RenderableType] = [heading]
    told: set[str] = set()
    for check in reached:
        lines.append(_indented(f"✗ {check.title}", 2))
        if check.hint and check.hint not in told:
            lines.append(_indented(check.hint, 4, "italic"))
            told.add(check.hint)
    waiting = len(ran) - len(reached)
    if left:
        begun = "Go on with" if last.passed_checks or reached else f"Read {module.folder}/README.md, then begin with"
        place = f"{left[0].traceback[-1].file}: " if left[0].traceback else ""
        lines.append(_indented(f"{begun} {place}{left[0].message}", 2))
        waiting -= 1
    if waiting:
        lines.append(_indented(f"{waiting} more {'check waits' if waiting == 1 else 'checks wait'} for this.", 2))
    return lines


def _indented(text: str, columns: int, style: str = "") -> Padding:
    return Padding(Text(one_line(text), style=style), (0, 0, 0, columns))
