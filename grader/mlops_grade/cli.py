"""The commands: parse, call, print. No logic lives here."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.console import Console
from typer.core import TyperGroup

import mlops_grade
from mlops_grade.course.discovery import KINDS, Course, find_root, load_course
from mlops_grade.errors import GraderError, UsageError
from mlops_grade.machine import DEFAULT_START
from mlops_grade.reports.text import plain
from mlops_grade.student.isolation import Tier
from mlops_grade.student.shortage import told_by_the_machine
from mlops_grade.verdict import ExitCode, Outcome

GROUP_OPTIONS = ("--help", "--version", "--install-completion", "--show-completion")


class _GradeByDefault(TyperGroup):
    """`mlops-grade s4` is `mlops-grade grade s4`: what is no command is something to grade."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if not args or (args[0] not in self.commands and args[0] not in GROUP_OPTIONS):
            args = ["grade", *args]
        return super().parse_args(ctx, args)

    def shell_complete(self, ctx: Any, incomplete: str) -> list[Any]:
        what = self.commands["grade"].params[0]
        return [*super().shell_complete(ctx, incomplete), *what.shell_complete(ctx, incomplete)]


app = typer.Typer(
    name="mlops-grade",
    cls=_GradeByDefault,
    help="Grade MLOps exercises: `mlops-grade s4`, `mlops-grade m13`, or without a word for all of them.",
    no_args_is_help=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _complete(incomplete: str) -> list[str]:
    try:
        course = load_course(find_root())
    except UsageError:
        return []
    words = [word for s in course.sessions for word in (s.id, *(name for m in s.modules for name in (m.id, m.name)))]
    words += KINDS
    return [word for word in words if word.startswith(incomplete)]


What = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[WHAT]...", help="s4, m13, s4/m13, profiling, core, optional, or a path.", autocompletion=_complete
    ),
]
Seed = Annotated[int, typer.Option(help="Inputs are drawn from this seed; it stands in the verdict.")]
Start = Annotated[str, typer.Option(help="How workers start: fork (warm) or spawn.", hidden=True)]
Isolation = Annotated[Tier | None, typer.Option(help="Use exactly this isolation tier.", hidden=True)]
Debug = Annotated[bool, typer.Option("--debug", help="Show tracebacks of the grader itself.")]
Jobs = Annotated[
    int | None, typer.Option("--jobs", "-j", min=1, help="Modules at a time; as many as cores by default.")
]
WEAKEST = "Refuse to grade in a weaker tier. As root, others' work is refused below landlock unless this says `limits`."
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


def _course(root: Path | None = None) -> Course:
    return load_course(root or find_root())


def _console(stderr: bool = False) -> Console:
    return Console(stderr=stderr, highlight=False)


@app.callback(invoke_without_command=True)
def _options(
    version: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False,
) -> None:
    if version:
        print(f"mlops-grade {mlops_grade.__version__}")
        raise typer.Exit


@app.command()
def grade(
    what: What = None,
    submission: Annotated[
        Path | None, typer.Option(help="Grade another checkout with this course's suites.", file_okay=True)
    ] = None,
    seed: Seed = 1,
    timeout: Annotated[float | None, typer.Option(min=1, help="Seconds for each module's checks.")] = None,
    fail_fast: Annotated[bool, typer.Option("--fail-fast", "-x", help="Stop a module at its first failure.")] = False,
    watch: Annotated[bool, typer.Option("--watch", "-w", help="Grade again whenever a file is saved.")] = False,
    json: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the report as JSON.")] = None,
    junit: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the report as JUnit XML.")] = None,
    format: Annotated[str | None, typer.Option(metavar="NAME", help="Print the report in this format instead.")] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", metavar="FILE", help="Where --format goes.")] = None,
    require_isolation: Annotated[Tier | None, typer.Option(help=WEAKEST)] = None,
    changed_since: Annotated[
        str | None, typer.Option(metavar="COMMIT", help="Only modules that changed since a commit. For CI.")
    ] = None,
    isolation: Isolation = None,
    start: Start = DEFAULT_START,
    jobs: Jobs = None,
    debug: Debug = False,
) -> None:
    """Grade modules of a checkout, this one by default."""
    from mlops_grade.commands import grade as grading

    options = grading.options(seed, timeout, fail_fast, isolation, require_isolation, start, submission is not None)
    outputs = grading.outputs(json, junit, format, output)
    course = _course()
    modules = grading.chosen(course, what or [], submission, changed_since)
    console = _console(stderr=outputs.takes_stdout)
    raise typer.Exit(grading.run(course, modules, submission, options, outputs, jobs, watch, console))


@app.command("list")
def list_modules(submission: Annotated[Path | None, typer.Option(help="Another checkout.")] = None) -> None:
    """Show sessions and modules: core or optional, and the last verdict."""
    from mlops_grade.commands.checkout import Checkout, listing
    from mlops_grade.reports.terminal import render_list

    course = _course()
    _console().print(render_list(listing(Checkout(course, submission or course.root))))


@app.command("hint")
def show_hint(
    what: What = None, submission: Annotated[Path | None, typer.Option(help="Another checkout.")] = None
) -> None:
    """Show the hints for what failed last, or where a module starts."""
    from mlops_grade.commands.checkout import Checkout
    from mlops_grade.commands.hint import render_advice

    course = _course()
    modules = course.resolve(what or [])
    _console().print(render_advice(Checkout(course, submission or course.root), modules))


@app.command()
def doctor(
    security: Annotated[bool, typer.Option("--security", help="Try to break out, and say what held.")] = False,
) -> None:
    """Say what this machine can do: Python, torch, CUDA, isolation, extras; and what each missing thing costs."""
    from mlops_grade.commands import doctor as examination

    findings = examination.examine()
    _console().print(examination.render(findings))
    if security:
        from mlops_grade.commands import breakout

        raise typer.Exit(breakout.run(_console()))


@app.command()
def prove(
    what: What = None,
    seeds: Annotated[int, typer.Option(min=1, help="How often each right solution is judged.")] = 3,
    feedback: Annotated[bool, typer.Option("--feedback", help="Show what a student would read.")] = False,
    mutants: Annotated[bool, typer.Option("--mutants", help="Mutate the solution; the suite must notice.")] = False,
    limit: Annotated[int, typer.Option("--limit", min=1, help="Mutants for each module at most.")] = 60,
    isolation: Isolation = None,
    start: Start = DEFAULT_START,
    jobs: Jobs = None,
    debug: Debug = False,
) -> None:
    """Prove the suites: skeletons fail, solutions pass, wrong ones are caught, no TODO goes unnoticed."""
    from mlops_grade.prove import command

    course = _course()
    modules = course.resolve(what or [])
    run = command.run_mutants if mutants else command.run
    raise typer.Exit(run(modules, limit if mutants else seeds, feedback, isolation, start, jobs, _console()))


@app.command()
def solutions(
    out: Annotated[Path, typer.Argument(help="A new folder.")],
    what: Annotated[list[str] | None, typer.Argument(metavar="[WHAT]...", autocompletion=_complete)] = None,
) -> None:
    """Write the reference solutions as a checkout, to be graded with --submission. For instructors."""
    from mlops_grade.prove.exercises import write_solutions

    course = _course()
    write_solutions(course.resolve(what or []), out)
    _console().print(f"Wrote {out}: mlops-grade --submission {out}")


@app.command()
def report(
    verdict: Annotated[Path, typer.Argument(metavar="FILE", help="A report written by --json.")],
    format: Annotated[str, typer.Option(metavar="NAME", help="The format to give it.")] = "text",
    output: Annotated[Path | None, typer.Option("--output", "-o", metavar="FILE")] = None,
) -> None:
    """Give a report that was kept another format."""
    from mlops_grade.commands import grade as grading

    grading.write(grading.read(verdict), grading.outputs(None, None, format, output))


@app.command()
def release(
    out: Annotated[Path, typer.Argument(help="An empty folder, or an earlier release.")],
    key: Annotated[bool, typer.Option("--key", help="Seal with the course's key in $MLOPS_GRADE_KEY.")] = False,
    key_file: Annotated[Path | None, typer.Option(metavar="FILE", help="Seal with the key in this file.")] = None,
    public: Annotated[list[str] | None, typer.Option(metavar="WHAT", help="Modules that students may run.")] = None,
    allow_changes: Annotated[bool, typer.Option(help="Release although something is not committed.")] = False,
    check: Annotated[bool, typer.Option(help="Import every skeleton and grade it in the release.")] = True,
    grader: Annotated[
        str | None,
        typer.Option(metavar="OWNER/REPO@COMMIT", help="The published grader that students' workflows use."),
    ] = None,
    gradescope: Annotated[Path | None, typer.Option(metavar="ZIP", help="Write Gradescope's autograder too.")] = None,
    instructor: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write the repository that grades the cohort in Actions too.")
    ] = None,
    jobs: Jobs = None,
    debug: Debug = False,
) -> None:
    """Make the students' repository: no hidden folder, suites sealed, the workflow, a README."""
    from mlops_grade.release import command
    from mlops_grade.release.instructors import write_instructors

    course = _course()
    chosen = tuple(module.id for module in course.resolve(public)) if public else ()
    command.release(course, out, _console(), key_file, key, chosen, allow_changes, check, jobs, grader)
    if instructor is not None:
        write_instructors(out, instructor, _console())
    if gradescope is not None:
        command.write_gradescope(out, gradescope, _console())


@app.command()
def site(
    out: Annotated[Path, typer.Argument(help="An empty folder, or an earlier site.")] = Path("build/site"),
    serve: Annotated[bool, typer.Option("--serve", help="Show it on this machine until ctrl-C.")] = False,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Where --serve listens.")] = 8000,
    debug: Debug = False,
) -> None:
    """Make the course's homepage from the folders."""
    from mlops_grade.commands import site as homepage

    homepage.build_site(_course(), out, _console())
    if serve:
        homepage.serve(out, port, _console())


@app.command()
def new(
    session: Annotated[str, typer.Argument(help="The session, say s4.")],
    title: Annotated[str, typer.Argument(help="What the module is about.")],
) -> None:
    """Start a module: a folder with a failing skeleton and a first check."""
    from mlops_grade.release.scaffold import new_module

    folder = new_module(_course(), session, title)
    _console().print(f"Wrote {folder}: read docs/authors.md, then mlops-grade prove {folder.name}", markup=False)


@app.command()
def batch(
    cohort: CohortArgument,
    what: Annotated[list[str] | None, typer.Argument(metavar="[WHAT]...", help="Sessions and modules.")] = None,
    store: StoreOption = None,
    report: Annotated[Path, typer.Option(metavar="DIR", help="Where the gradebook goes.")] = Path("report"),
    pattern: PatternOption = None,
    before: Annotated[
        str | None,
        typer.Option(
            metavar="TIME", help="Grade each branch as it was then: a day or a moment, by the course's clock."
        ),
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
    seed: Annotated[int | None, typer.Option(help="Grade with this seed, not with the cohort's own.")] = None,
    timeout: Annotated[float | None, typer.Option(min=1, help="Seconds for each module's checks.")] = None,
    require_isolation: Annotated[Tier | None, typer.Option(help=WEAKEST)] = None,
    export: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write what students wrote themselves, for Dolos or compare50.")
    ] = None,
    debug: Debug = False,
) -> None:
    """Grade a cohort of forks, and write the gradebook. Can be killed at any time and run again."""
    from mlops_grade.commands import batch as cohort_commands

    request = cohort_commands.Request(
        cohort, tuple(what or ()), store, report, pattern, before, dated, fetch, again, dask, jobs, seed, timeout,
        require_isolation, export,
    )  # fmt: skip
    raise typer.Exit(cohort_commands.batch(request))


@app.command()
def roster(
    file: Annotated[Path, typer.Argument(metavar="ROSTER", help="The file to write, as autumn/roster.csv.")],
    forks: Annotated[str, typer.Option(metavar="OWNER/NAME", help="Everybody who forked that repository.")] = "",
    organisation: Annotated[
        str, typer.Option(metavar="NAME", help="An organisation's repositories whose names fit --pattern.")
    ] = "",
    export: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="GitHub Classroom's or Classroom 50's list, Canvas's or Moodle's grades."),
    ] = None,
    folder: Annotated[Path | None, typer.Option(metavar="DIR", help="A folder of clones or uploads.")] = None,
    pattern: Annotated[
        str, typer.Option(metavar="NAME", help="What the repositories or folders are called: 'mlops-{student}'.")
    ] = "",
    repository: Annotated[
        str,
        typer.Option(metavar="ADDRESS", help="With --export: where each one's work is, as .../mlops-{student}."),
    ] = "",
    teams: Annotated[bool, typer.Option(help="A row for each person who may push, not for each repository.")] = False,
    people: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Who they are: a list or an export with names and ids.")
    ] = None,
    force: Annotated[bool, typer.Option(help="Write over a roster that is there.")] = False,
    debug: Debug = False,
) -> None:
    """Make a roster: from forks, an organisation, a platform's export, or a folder. GITHUB_TOKEN or gh gives rights."""
    from mlops_grade.commands import roster as rosters

    request = rosters.Request(file, forks, organisation, export, folder, pattern, repository, teams, people, force)
    raise typer.Exit(rosters.roster(request, _console()))


@app.command()
def post(
    cohort: CohortArgument = Path(),
    kind: Annotated[
        Literal["comment", "status"], typer.Option("--as", help="A comment on the graded commit, or its status.")
    ] = "comment",
    store: StoreOption = None,
    pattern: PatternOption = None,
    what: Annotated[list[str] | None, typer.Option(metavar="WHAT", help="Sessions and modules.")] = None,
    debug: Debug = False,
) -> None:
    """Post each student's feedback to their fork on GitHub, once for each new verdict. Needs GITHUB_TOKEN."""
    from mlops_grade.commands import post as posting

    raise typer.Exit(posting.post(cohort, kind, store, pattern, tuple(what or ()), _console()))


@app.command()
def explain(
    student: StudentArgument,
    module: ModuleArgument,
    cohort: CohortOption = Path(),
    store: StoreOption = None,
    pattern: PatternOption = None,
) -> None:
    """Show one verdict of a batch with everything it rests on."""
    from mlops_grade.commands import batch as cohort_commands

    raise typer.Exit(cohort_commands.explain(cohort, store, pattern, student, module))


@app.command()
def feedback(
    student: StudentArgument,
    cohort: CohortOption = Path(),
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Where the page goes. [default: STUDENT.html]"),
    ] = None,
    store: StoreOption = None,
    pattern: PatternOption = None,
    debug: Debug = False,
) -> None:
    """Write one student's page of the gradebook, a file to hand out."""
    from mlops_grade.commands import feedback as handing_out

    raise typer.Exit(handing_out.feedback(cohort, store, pattern, student, output, _console()))


@app.command()
def replay(
    student: StudentArgument,
    module: ModuleArgument,
    cohort: CohortOption = Path(),
    store: StoreOption = None,
    pattern: PatternOption = None,
    debug: Debug = False,
) -> None:
    """Grade the same files again with the same seed and limits, and say whether the verdict is the same."""
    from mlops_grade.commands import batch as cohort_commands

    raise typer.Exit(cohort_commands.replay(cohort, store, pattern, student, module))


def main() -> None:
    """The console script. Errors that a person can meet are shown as such; a traceback only with --debug."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # so that everything started is ended
    try:
        app()
    except SystemExit as end:
        if end.code == ExitCode.INTERRUPTED:
            _console(stderr=True).print("Interrupted; nothing is left running.")
        raise
    except (UsageError, GraderError, Exception) as error:
        if "--debug" in sys.argv:
            raise
        sys.exit(_told(error))


def _told(error: Exception) -> int:
    """Say what happened on standard error; gives the exit status."""
    console = _console(stderr=True)
    if isinstance(error, UsageError):
        console.print(f"error: {plain(str(error))}", markup=False, soft_wrap=True)
        return ExitCode.WRONG_USAGE
    if shortage := told_by_the_machine(error):
        error = GraderError(shortage)
    advice = "" if isinstance(error, GraderError) else " This is a fault of ours: --debug shows where."
    said = plain(str(error)) or type(error).__name__
    console.print(f"{Outcome.GRADER_ERROR}: {said}{advice}", markup=False, soft_wrap=True)
    return ExitCode.GRADER_ERROR
