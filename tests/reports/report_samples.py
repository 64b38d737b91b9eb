"""Reports as the judge would make them, one for each thing that a format has to get right."""

from __future__ import annotations

from mlops_grade.verdict import Check, Frame, ModuleVerdict, Outcome, Provenance, Report, module_outcome

PROVENANCE = Provenance(
    submission="5d" * 32,
    suite="a7" * 32,
    grader="1.0.0",
    python="3.11.9",
    libraries={"torch": "2.13.0", "numpy": "2.4.0"},
    device="cpu",
    isolation="bubblewrap",
    start="fork",
    seed=4711,
    timeout=60.0,
)


def passed(name: str, title: str, **more: object) -> Check:
    return Check.model_validate(
        {"name": name, "title": title, "outcome": Outcome.PASSED, "seconds": 0.12, **more},
    )


def failed(name: str, title: str, **more: object) -> Check:
    return passed(name, title, **{"outcome": Outcome.NOT_PASSED, "reason": "assertion", **more})


def module(session: str, name: str, title: str, *checks: Check, core: bool = True, **more: object) -> ModuleVerdict:
    given = {"outcome": module_outcome(checks), "seconds": 1.234, "cpu_seconds": 0.9, "provenance": PROVENANCE, **more}
    return ModuleVerdict.model_validate(
        {"module": name, "session": session, "title": title, "core": core, "checks": checks, **given}
    )


def report(*verdicts: ModuleVerdict) -> Report:
    return Report(submission="anna", started="2026-11-02T09:30:00+00:00", seconds=4.56, verdicts=verdicts)


DEBUGGING = module(
    "s4",
    "m12",
    "Debugging",
    passed("test_hidden_size", "The hidden size may differ from the latent size"),
    passed("test_noise", "The reparameterisation adds noise of the right scale"),
    core=False,
    folder="s4_debugging/m12_debugging",
)
PROFILERS = module(
    "s4",
    "m13",
    "Profilers",
    passed("test_same_tensors", "optimised.py loads the same tensors as the slow loader"),
    failed(
        "test_top_functions",
        "top_functions(stats, n) names the n costliest functions, the costliest first",
        message="the functions are sorted by the number of calls, not by cumulative time",
        expected="['load', 'decode', 'normalise']",
        got="['normalise', 'decode', 'load']",
        hint="pstats can sort for you: look at SortKey.",
        output="profiling…\n1797 calls\n",
    ),
    failed(
        "test_calls",
        "The fast loader makes fewer than 300 Python calls",
        reason="exception",
        message="ValueError: operands could not be broadcast together with shapes (7,28,28) (7,)",
        traceback=(
            Frame(file="optimised.py", line=31, function="load_all", code="    images = normalise(stack, means)"),
            Frame(file="optimised.py", line=12, function="normalise", code="return (images - mean) / std"),
        ),
        hint="Statistics of each image need two more dimensions to be broadcast.",
    ),
    passed("test_trace_has_ranges", "The trace has the named ranges"),
    failed(
        "test_memory",
        "The fast loader needs no more memory than the slow one",
        required=False,
        message="it keeps every file open",
        reason="assertion",
    ),
    folder="s4_debugging/m13_profiling",
    notes=("module.toml differs from the course's: the course's own copy counts",),
    seconds=12.4,
)
SYNTAX_ERROR = module(
    "s5",
    "m16",
    "Unit testing",
    *(
        failed(
            f"test_{number}",
            title,
            reason="exception",
            message="SyntaxError: '(' was never closed",
            traceback=(Frame(file="tests/test_data.py", line=9, function="<module>", code="assert len(train_set("),),
            hint=hint,
        )
        for number, (title, hint) in enumerate(
            [
                ("The tests pass on the right package", "Read the package first."),
                ("The tests are skipped where the data are absent", "pytest.mark.skipif"),
                ("The tests notice a broken normalisation", ""),
            ]
        )
    ),
    folder="s5_ci/m16_unit_testing",
    seconds=0.4,
)
UNTOUCHED = module(
    "s5",
    "m17",
    "GitHub Actions",
    failed("test_matrix", "The matrix is really used", reason="todo", message="TODO: write the matrix"),
    failed("test_cache", "Dependencies are cached", reason="todo", message="TODO: write the matrix"),
    failed("test_triggers", "It runs on every push", reason="todo", message="TODO: say when this runs"),
    seconds=0.3,
)
NOT_RUN = module(
    "s9",
    "m30",
    "Distributed training",
    core=False,
    outcome=Outcome.NOT_RUN,
    reason="it needs a GPU (needs = ['gpu']), and there is none here",
    seconds=0.0,
    provenance=None,
)
PARTLY_RUN = module(
    "s7",
    "m22",
    "APIs",
    passed("test_root", "GET / answers"),
    passed(
        "test_load",
        "The server stands the load",
        outcome=Outcome.NOT_RUN,
        reason="missing",
        message="the command `locust` is not installed: pip install 'mlops-course[cloud]'",
    ),
)
GRADER_ERROR = module(
    "s7",
    "m23",
    "Functions",
    passed("test_root", "GET / answers"),
    passed(
        "test_event",
        "An event reaches the function",
        outcome=Outcome.GRADER_ERROR,
        message="KeyError: 'event' in test_functions.py",
    ),
    outcome=Outcome.GRADER_ERROR,
)
HOSTILE_TEXT = (
    "\x1b[31mred\x1b[0m [bold]markup[/bold] :smile: \x1b]8;;https://example.org\x07link\x1b]8;;\x07 \x00\x08bell\x07\n"
    "::set-output name=result::forged\n   ::add-mask::5\n##[error]old form\n"
    "</pre></details><script>alert(1)</script> @everyone | **bold** `code` ]]> &amp;\n"
    "10%\r50%\r100% done\r\nright-to-left \u202eevil\u2069 zero\u200bwidth \ufffe lone \ud83d tab\there"
)
HOSTILE = module(
    "s4",
    "m14",
    "Logging | **and** <b>wandb</b>",
    failed(
        "test_file[a|b]",
        "A log line holds level, time and message",
        message=HOSTILE_TEXT,
        expected="'INFO'",
        got=HOSTILE_TEXT,
        output=HOSTILE_TEXT,
        hint="[link=https://example.org]hint[/link]",
        traceback=(
            Frame(file="../../etc/x,y:z\n::error::%.py", line=3, function="\x1b[2Jf", code="x = '[red]'  \x1b[0m"),
        ),
    ),
    folder="s4_debugging/m14_logging",
)
LONG = module(
    "s6",
    "m21",
    "Using the cloud, with a title that is so long that it takes more than a line of eighty columns",
    failed(
        "test_resume",
        "An interrupted upload goes on where it stopped, with a title that takes more than one line as well",
        message="the object differs from the file",
        expected="[" + ", ".join(str(number) for number in range(2000)) + "]",
        got="[" + ", ".join(str(number if number != 1500 else -1) for number in range(2000)) + "]",
        output="\n".join(f"part {number} of 4000 sent to bucket" for number in range(4000)),
        hint="Ask the server how much it has.",
    ),
    failed(
        "test_download",
        "What comes down is what went up",
        message="no word here has a gap: " + "x" * 300,
        expected="\n".join(f"line {number}" for number in range(40)),
        got="",
    ),
    seconds=61.0,
)

MIXED = report(DEBUGGING, PROFILERS, SYNTAX_ERROR, UNTOUCHED, PARTLY_RUN, NOT_RUN)
ALL_PASSED = report(
    DEBUGGING,
    module("s4", "m13", "Profilers", passed("test_same_tensors", "optimised.py loads the same tensors"), seconds=2.4),
)
OPTIONAL_ONLY = report(DEBUGGING, NOT_RUN)
OURS = report(GRADER_ERROR, module("s7", "m24", "Cloud", outcome=Outcome.GRADER_ERROR, reason="no suite there"))
UNTRUSTED = report(HOSTILE)
LENGTHY = report(LONG)
EMPTY = report()
WEIGHTED = report(
    module(
        "s1",
        "m04",
        "Deep learning",
        passed("test_shapes", "Images have the right shape", points=0.5),
        passed("test_accuracy", "The model is accurate", points=1.5),
        failed("test_evaluate", "evaluate prints the accuracy", points=1.0, message="it prints the loss"),
        passed("test_plot", "The figure has axes", points=0.0),
        failed("test_style", "There is a docstring", required=False, message="none"),
    ),
    DEBUGGING,
)

SAMPLES = {
    "mixed": MIXED,
    "all_passed": ALL_PASSED,
    "optional_only": OPTIONAL_ONLY,
    "grader_error": OURS,
    "untrusted": UNTRUSTED,
    "lengthy": LENGTHY,
    "empty": EMPTY,
    "weighted": WEIGHTED,
}
