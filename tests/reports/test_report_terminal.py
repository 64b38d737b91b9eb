"""What a student reads in the terminal: every width, every kind of terminal, whatever text comes along."""

from __future__ import annotations

import io
import re
import threading
from collections.abc import Callable

import pytest
from rich.cells import cell_len
from rich.console import Console

from mlops_grade.reports.terminal import ListedModule, LiveProgress, as_text, render, render_list
from mlops_grade.verdict import Frame, Outcome, Report
from report_samples import (
    ALL_PASSED,
    DEBUGGING,
    EMPTY,
    MIXED,
    OPTIONAL_ONLY,
    OURS,
    PROFILERS,
    SAMPLES,
    UNTRUSTED,
    failed,
    module,
    report,
)

Golden = Callable[[str, str], None]
LISTED = [
    ListedModule("s4", "m12", "Debugging", False, Outcome.PASSED, "debugging"),
    ListedModule("s4", "m13", "Profilers", True, Outcome.NOT_PASSED, "debugging"),
    ListedModule("s4", "m14", "Logging [red]", True, None, "debugging"),
    ListedModule("s9", "m30", "Distributed training", False, Outcome.NOT_RUN, "scaling"),
]


def on_terminal(shown: Report, environment: dict[str, str] | None = None) -> str:
    file = io.StringIO()
    Console(
        file=file, force_terminal=True, width=80, color_system="truecolor", _environ=environment or {"TERM": "xterm"}
    ).print(render(shown))
    return file.getvalue()


def without_escapes(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def last_line(text: str) -> str:
    return text.rstrip("\n").split("\n")[-1]


@pytest.mark.parametrize("name", SAMPLES)
def test_at_80_columns(name: str, golden: Golden) -> None:
    golden(f"terminal_{name}_80.txt", as_text(SAMPLES[name], 80))


@pytest.mark.parametrize("width", [44, 120])
def test_at_other_widths(width: int, golden: Golden) -> None:
    golden(f"terminal_mixed_{width}.txt", as_text(MIXED, width))


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("name", SAMPLES)
def test_no_line_is_wider_than_the_terminal(name: str, width: int) -> None:
    assert max(cell_len(line) for line in as_text(SAMPLES[name], width).split("\n")) <= width


@pytest.mark.parametrize(
    ("shown", "line"),
    [
        (ALL_PASSED, "PASSED 1 of 1 core modules, 1 of 1 optional"),
        (MIXED, "NOT PASSED 0 of 4 core modules, 1 of 2 optional"),
        (report(PROFILERS), "NOT PASSED 0 of 1 core modules"),
        (report(DEBUGGING), "PASSED 1 of 1 optional modules"),
        (OPTIONAL_ONLY, "NOT PASSED 1 of 2 optional modules"),
        (OURS, "GRADER ERROR 0 of 2 core modules passed: our error, not yours"),
        (EMPTY, "NOT PASSED 0 of 0 modules: nothing was graded"),
    ],
)
def test_the_last_line_is_the_result(shown: Report, line: str) -> None:
    assert last_line(as_text(shown)) == line


def test_without_a_terminal_there_are_no_escapes() -> None:
    file = io.StringIO()
    Console(file=file, width=80).print(render(MIXED))
    assert "\x1b" not in file.getvalue()
    assert "not passed" in file.getvalue()


@pytest.mark.parametrize("name", SAMPLES)
def test_colour_adds_nothing_that_words_do_not_say(name: str) -> None:
    coloured = without_escapes(on_terminal(SAMPLES[name]))
    assert [line.rstrip() for line in coloured.split("\n")] == as_text(SAMPLES[name]).split("\n")


def test_no_color_is_obeyed() -> None:
    shown = on_terminal(MIXED, {"TERM": "xterm", "NO_COLOR": "1"})
    codes = {code for codes in re.findall(r"\x1b\[([0-9;]*)m", shown) for code in codes.split(";")}
    assert not any(code.startswith(("3", "4", "9")) and len(code) == 2 for code in codes), f"a colour among {codes}"
    assert "not passed" in shown


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_a_terminal_that_knows_few_characters_gets_no_others(name: str, encoding: str) -> None:
    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, encoding=encoding)
    Console(file=file, width=80).print(render(SAMPLES[name]))
    file.flush()
    assert last_line(raw.getvalue().decode(encoding)) == last_line(as_text(SAMPLES[name]))


def test_the_text_of_students_is_shown_and_never_obeyed() -> None:
    shown = on_terminal(UNTRUSTED)
    assert "[bold]markup[/bold] :smile: link bell" in without_escapes(shown)
    assert "\x1b]" not in shown and "\x1b[2J" not in shown and "\x07" not in shown
    for line in without_escapes(shown).split("\n"):
        assert not line.strip().startswith("::"), "the runner of a GitHub job would take this for a command"
        assert "##[" not in line


def test_checks_that_fail_for_the_same_reason_are_told_together() -> None:
    shown = as_text(MIXED)
    assert shown.count("SyntaxError: '(' was never closed") == 1
    assert shown.count("TODO: write the matrix") == 1
    assert shown.count("Read the package first.") == 1, "each of their hints is shown, once"


def test_checks_of_which_nothing_is_known_are_told_apart() -> None:
    shown = as_text(report(module("s1", "m01", "Shell", failed("a", "First"), failed("b", "Second"))))
    assert shown.index("✗ First") < shown.index("✗ Second")


def test_an_untouched_skeleton_shows_its_todo_and_no_traceback() -> None:
    frames = (Frame(file="model.py", line=3, function="forward", code="raise NotImplementedError"),)
    check = failed("a", "It learns", reason="todo", message="TODO: compute the loss", traceback=frames)
    shown = as_text(report(module("s1", "m04", "Deep learning", check)))
    assert "TODO: compute the loss" in shown
    assert "model.py" not in shown


def test_a_deep_recursion_shows_its_beginning_and_its_end() -> None:
    frames = tuple(Frame(file="model.py", line=line, function="f", code="f()") for line in range(1, 997))
    shown = as_text(report(module("s1", "m04", "Deep learning", failed("a", "It ends", traceback=frames))))
    assert "model.py:1 in f" in shown and "model.py:996 in f" in shown
    assert "… 990 frames left out …" in shown
    assert shown.count("\n") < 30


def test_the_list_of_modules(golden: Golden) -> None:
    file = io.StringIO()
    Console(file=file, width=80).print(render_list(LISTED))
    golden("terminal_list.txt", "".join(f"{line.rstrip()}\n" for line in file.getvalue().splitlines()))


def test_an_empty_list_is_empty() -> None:
    file = io.StringIO()
    Console(file=file, width=80).print(render_list([]))
    assert not file.getvalue().strip()


class TestLiveProgress:
    def follow(self, console: Console, moves: bool | None = None) -> None:
        with LiveProgress(console, moves) as progress:
            progress.started("m12", "Debugging", checks=2)
            progress.started("m13", "Profilers [red]")
            progress.checked("m13", PROFILERS.checks[1])
            progress.finished(DEBUGGING)
            progress.finished(PROFILERS)

    def test_without_a_terminal_each_module_is_a_plain_line(self) -> None:
        file = io.StringIO()
        self.follow(Console(file=file, width=80))
        assert file.getvalue() == (
            "m12 Debugging: passed (2/2 checks, 1.2 s)\nm13 Profilers: not passed (2/5 checks, 12 s)\n"
        )

    def test_a_log_that_is_to_have_colours_gets_plain_lines(self) -> None:
        file = io.StringIO()
        self.follow(Console(file=file, width=80, _environ={"FORCE_COLOR": "1", "TERM": "xterm"}))
        assert "\x1b[2K" not in file.getvalue()

    def test_a_dumb_terminal_gets_plain_lines_too(self) -> None:
        file = io.StringIO()
        self.follow(Console(file=file, width=80, force_terminal=True, _environ={"TERM": "dumb"}))
        assert file.getvalue().count("\n") == 2
        assert "\x1b[2K" not in file.getvalue()

    def test_on_a_terminal_the_lines_move_and_are_gone_at_the_end(self) -> None:
        file = io.StringIO()
        console = Console(file=file, width=80, force_terminal=True, _environ={"TERM": "xterm"})
        self.follow(console, moves=True)
        shown = file.getvalue()
        assert "m13 Profilers [red]" in without_escapes(shown)
        assert "top_functions(stats, n) names" in shown
        assert shown.rindex("\x1b[2K") > shown.rindex("Profilers"), "the line was not erased"
        assert shown.rindex("\x1b[?25h") > shown.rindex("\x1b[?25l"), "the cursor was not shown again"

    def test_a_line_stays_one_line(self) -> None:
        file = io.StringIO()
        console = Console(file=file, width=40, force_terminal=True, _environ={"TERM": "xterm"})
        with LiveProgress(console, moves=True) as progress:
            progress.started("m13", "Profilers and other tools with long names")
            progress.checked("m13", failed("a", "a title\nof \x1b[2J two lines " * 5))
        assert "\x1b[2J" not in file.getvalue()
        assert all(cell_len(line) <= 40 for line in re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "\n", file.getvalue()).split())

    def test_there_is_no_thread_behind_it(self) -> None:
        console = Console(file=io.StringIO(), force_terminal=True, _environ={"TERM": "xterm"})
        before = threading.active_count()
        with LiveProgress(console, moves=True) as progress:
            progress.started("m12", "Debugging")
            assert threading.active_count() == before

    def test_an_interruption_leaves_the_terminal_in_order(self) -> None:
        file = io.StringIO()
        with (
            pytest.raises(KeyboardInterrupt),
            LiveProgress(Console(file=file, force_terminal=True, _environ={"TERM": "xterm"}), moves=True) as progress,
        ):
            progress.started("m12", "Debugging")
            raise KeyboardInterrupt
        assert file.getvalue().rindex("\x1b[?25h") > file.getvalue().rindex("\x1b[?25l")

    def test_a_check_of_a_module_that_is_not_running_is_ignored(self) -> None:
        with LiveProgress(Console(file=io.StringIO(), force_terminal=True), moves=True) as progress:
            progress.checked("m99", PROFILERS.checks[0])
