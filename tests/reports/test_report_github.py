"""What GitHub Actions shows: the step summary and the annotations."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser

import pytest

from mlops_grade.reports import annotations as workflow_commands
from mlops_grade.reports import step_summary
from mlops_grade.verdict import Frame, Report
from report_samples import (
    ALL_PASSED,
    HOSTILE_TEXT,
    MIXED,
    OURS,
    PROFILERS,
    SAMPLES,
    SYNTAX_ERROR,
    UNTRUSTED,
    failed,
    module,
    passed,
    report,
)

Golden = Callable[[str, str], None]
Annotation = tuple[str, dict[str, str], str]


class Tags(HTMLParser):
    """The tags of an HTML text and what stands outside of <pre>."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.outside = ""
        self.inside = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.open.append(tag)
        self.seen.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> closes nothing"

    def handle_data(self, data: str) -> None:
        if "pre" in self.open:
            self.inside += data
        else:
            self.outside += data


class TestStepSummary:
    @pytest.mark.parametrize("name", ["mixed", "all_passed", "grader_error", "untrusted"])
    def test_golden(self, name: str, golden: Golden) -> None:
        golden(f"step_summary_{name}.md", step_summary.render(SAMPLES[name]))

    @pytest.mark.parametrize("name", SAMPLES)
    def test_only_our_own_tags_are_in_it(self, name: str) -> None:
        tags = Tags(step_summary.render(SAMPLES[name]))
        assert tags.seen <= {"details", "summary", "pre"}
        assert not tags.open

    def test_students_text_is_inside_pre_only(self) -> None:
        tags = Tags(step_summary.render(UNTRUSTED))
        assert "@everyone" in tags.inside and "<script>" in tags.inside
        assert "@everyone" not in tags.outside and "script" not in tags.outside

    def test_a_title_breaks_neither_table_nor_bold(self) -> None:
        row = next(line for line in step_summary.render(UNTRUSTED).split("\n") if "m14" in line)
        assert row.count("|") == 8
        assert row.count("**") == 2

    def test_what_passed_is_not_unfolded(self) -> None:
        assert "<details>" not in step_summary.render(ALL_PASSED)

    def test_it_stays_below_the_size_that_github_drops(self) -> None:
        checks = [
            failed(f"test_{number}", f"Check {number}", message=f"{number} " + HOSTILE_TEXT, output="<x>\n" * 9)
            for number in range(100)
        ]
        many = report(*(module("s1", f"m{number}", "Large", *checks) for number in range(40)))
        summary = step_summary.render(many)
        assert len(summary.encode()) < 1 << 20
        assert "did not fit" in summary
        assert not Tags(summary).open


def unescaped(text: str) -> str:
    for code, character in (("%0A", "\n"), ("%0D", "\r"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(code, character)
    return text


def parsed(shown: Report) -> list[Annotation]:
    """The commands as GitHub's runner reads them: one on each line."""
    found = []
    for line in workflow_commands.render(shown).splitlines():
        command = re.fullmatch(r"::(error|warning|notice) ([^:]*)::(.*)", line)
        assert command, f"no workflow command: {line}"
        pairs = (pair.partition("=") for pair in command[2].split(","))
        found.append((command[1], {key: unescaped(value) for key, _, value in pairs}, unescaped(command[3])))
    return found


class TestAnnotations:
    @pytest.mark.parametrize("name", ["mixed", "grader_error", "untrusted"])
    def test_golden(self, name: str, golden: Golden) -> None:
        golden(f"annotations_{name}.txt", workflow_commands.render(SAMPLES[name]))

    def test_the_innermost_frame_gives_file_and_line_from_the_root_of_the_checkout(self) -> None:
        level, properties, message = parsed(report(PROFILERS))[0]
        assert level == "error"
        assert properties["file"] == "s4_debugging/m13_profiling/optimised.py"
        assert properties["line"] == "12"
        assert "ValueError: operands could not be broadcast" in message

    def test_those_with_a_place_come_first(self) -> None:
        placed = ["file" in properties for _, properties, _ in parsed(MIXED)]
        assert placed == sorted(placed, reverse=True) and placed[0]

    def test_a_syntax_error_is_annotated_once(self) -> None:
        (only,) = parsed(report(SYNTAX_ERROR))
        assert only[1]["title"].endswith("(and 2 more)")

    def test_levels(self) -> None:
        optional = module("s4", "m12", "Debugging", failed("a", "It runs"), core=False)
        extra = module("s4", "m13", "Profilers", passed("a", "It runs"), failed("b", "It is short", required=False))
        assert [level for level, _, _ in parsed(report(optional, extra))] == ["warning", "notice"]
        assert {level for level, _, _ in parsed(OURS)} == {"warning"}, "an error of ours is none of the student's"

    def test_nothing_is_said_about_what_passed(self) -> None:
        assert workflow_commands.render(ALL_PASSED) == ""

    def test_hostile_text_stays_inside_its_command_and_its_checkout(self) -> None:
        (only,) = parsed(UNTRUSTED)
        assert "file" not in only[1], "a file outside of the checkout"
        assert "::set-output name=result::forged" in only[2]

    @pytest.mark.parametrize(
        "file", ["/etc/passwd", "../x.py", "a/../../x.py", "x,line=9.py", "a:b.py", "50%2C.py", "::error::.py"]
    )
    def test_odd_file_names_are_escaped_or_left_out(self, file: str) -> None:
        check = failed("a", "It runs", traceback=(Frame(file=file, line=7, function="f"),))
        (only,) = parsed(report(module("s1", "m01", "Shell", check, folder="s1_development/m01_command_line")))
        inside = not file.startswith("/") and ".." not in file
        assert only[1].get("file") == (f"s1_development/m01_command_line/{file}" if inside else None)
        assert only[1].get("line") == ("7" if inside else None)
