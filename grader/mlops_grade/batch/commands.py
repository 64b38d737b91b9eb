"""`mlops-grade batch`, `explain` and `replay`: parse and call. What they do is in `actions.py`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from mlops_grade.student.isolation import Tier

CohortArgument = Annotated[
    Path,
    typer.Argument(help="A roster (CSV), a folder with roster.csv in it, or a folder of clones.", show_default=False),
]
StudentArgument = Annotated[str, typer.Argument(help="The student's id, LMS id or e-mail.", show_default=False)]
ModuleArgument = Annotated[str, typer.Argument(help="The module: m13, profiling, …", show_default=False)]
CohortOption = Annotated[Path, typer.Option("--cohort", help="The roster or folder that the batch was run with.")]
StoreOption = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Where verdicts are kept. [default: .mlops-grade/ beside the roster]"),
]
PatternOption = Annotated[
    str | None, typer.Option(metavar="NAME", help="What the folders of clones are called: 'mlops-{student}'.")
]


def batch(
    cohort: CohortArgument,
    what: Annotated[list[str] | None, typer.Argument(metavar="[WHAT]...", help="Sessions and modules.")] = None,
    store: StoreOption = None,
    report: Annotated[Path, typer.Option(metavar="DIR", help="Where the gradebook goes.")] = Path("report"),
    pattern: PatternOption = None,
    before: Annotated[
        str | None, typer.Option(metavar="TIME", help="Grade each branch as it was then (ISO 8601, UTC).")
    ] = None,
    dated: Annotated[
        Literal["committed", "collected"],
        typer.Option(
            help="What --before goes by: committer dates (can be forged), or when a batch first saw a commit."
        ),
    ] = "committed",
    fetch: Annotated[bool, typer.Option(help="Ask every fork for news first.")] = True,
    again: Annotated[bool, typer.Option("--again", help="Try again what timed out, failed or disagreed.")] = False,
    dask: Annotated[str | None, typer.Option(metavar="ADDRESS", help="Grade on the workers of a Dask cluster.")] = None,
    jobs: Annotated[int | None, typer.Option("--jobs", "-j", min=1, help="Suites at a time; as many as cores.")] = None,
    seed: Annotated[int, typer.Option(help="Inputs are drawn from this seed; it stands in the verdict.")] = 1,
    timeout: Annotated[float | None, typer.Option(min=1, help="Seconds for each module's checks.")] = None,
    require_isolation: Annotated[Tier | None, typer.Option(help="Refuse to grade in a weaker tier.")] = None,
    export: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write what students wrote themselves, for Dolos or compare50.")
    ] = None,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks of the grader itself.")] = False,
) -> None:
    """Grade a cohort of forks, and write the gradebook. Can be killed at any time and run again."""
    from mlops_grade.batch import actions

    request = actions.Request(
        cohort, tuple(what or ()), store, report, pattern, before, dated, fetch, again, dask, jobs, seed, timeout,
        require_isolation, export,
    )  # fmt: skip
    raise typer.Exit(actions.batch(request))


def explain(
    student: StudentArgument,
    module: ModuleArgument,
    cohort: CohortOption = Path(),
    store: StoreOption = None,
    pattern: PatternOption = None,
) -> None:
    """Show one verdict of a batch with everything it rests on."""
    from mlops_grade.batch import actions

    raise typer.Exit(actions.explain(cohort, store, pattern, student, module))


def replay(
    student: StudentArgument,
    module: ModuleArgument,
    cohort: CohortOption = Path(),
    store: StoreOption = None,
    pattern: PatternOption = None,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks of the grader itself.")] = False,
) -> None:
    """Grade the same files again with the same seed and limits, and say whether the verdict is the same."""
    from mlops_grade.batch import actions

    raise typer.Exit(actions.replay(cohort, store, pattern, student, module))
