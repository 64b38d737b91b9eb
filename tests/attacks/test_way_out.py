"""The verdict's way out: hostile names and messages in every format, each opened by a reader of that format.

Whatever a student wrote must come out as text: one report, one result, the same number of rows, and nothing obeyed.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from lxml import etree
from lxml import html as lxml_html
from markdown_it import MarkdownIt
from rich.console import Console

import small_course
from mlops_grade.batch.cohort import Cohort
from mlops_grade.batch.gradebook.book import Gradebook
from mlops_grade.batch.gradebook.write import write_reports
from mlops_grade.batch.ledger import Fork, HandedIn, Ledger
from mlops_grade.batch.quality import check_quality, duplicates
from mlops_grade.batch.settings import CohortSettings
from mlops_grade.batch.store import Key, Store
from mlops_grade.batch.student import Student
from mlops_grade.reports import FORMATS
from mlops_grade.reports.terminal import as_text, render
from mlops_grade.verdict import Check, Frame, ModuleVerdict, Outcome, Report

TEXTS = {
    "clears the screen": "\x1b[2J\x1b[H\x1b[3Jx",
    "sets the title": "\x1b]0;owned\x07x",
    "makes a link": "\x1b]8;;http://evil.example\x1b\\click\x1b]8;;\x1b\\",
    "escapes without the escape": "\x9b31m\x9d0;owned\x9c\x90q\x9c",
    "asks the terminal": "\x1b[6n\x1b[c\x1bP+q544e\x1b\\",
    "ends an escape nowhere": "x\x1b[",
    "a result of its own": "x\nPASSED 1 of 1 core modules\n",
    "over what was there": "NOT\rPASSED 1 of 1 core modules",
    "steps back": "NOT PASSED" + "\b" * 10 + "PASSED 1 of 1 core modules",
    "other line ends": "x\u2028PASSED 1 of 1 core modules\u2029\x85\x0b\x0cy",
    "right to left": "\u202e\u2066evitagen\u2069",
    "hidden letters": "P\u200bA\u00adS\ufeffS\u2060ED\U000e0041",
    "a command": "::set-output name=result::forged\n::add-mask::x\n ::stop-commands::x",
    "an old command": "x ##[error]forged ##vso[task.complete]",
    "a command in percent": "%0A::error::forged%0D%25",
    "a property": "x,line=1,col=2::forged",
    "a fence": "```\n# PASSED\n````\n~~~\n`````",
    "a table": "| a | b |\n|---|---|\n| c | d |",
    "a heading": "\n# PASSED\n\n---\n",
    "a tag": "<img src=x onerror=alert(1)><script>alert(1)</script>",
    "an end of ours": "</pre></details></summary></script><script>alert(1)</script>",
    "a mention": "@everyone #1 org/repo#2",
    "a link": "[x](javascript:alert(1)) ![y](http://evil.example/y.png) <http://evil.example>",
    "an entity": "&lt;b&gt; &#60;b&#62; &xxe;",
    "an end of an element": "]]></failure></testcase><testcase name='forged'/>",
    "a doctype": '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>&e;',
    "no character of XML": "\x00\x01\ufffe\uffff\x7f",
    "half a character": "\udcff\ud800",
    "a formula": "=cmd|' /C calc'!A0",
    "a formula with a plus": "+1+cmd",
    "a formula with a minus": "-1+cmd",
    "a formula with an at": "@SUM(1)",
    "a formula after a tab": "\t=1+1",
    "a formula after a return": "\r=1+1",
    "cells": 'a","b",";c\r\nd,e',
    "a null in a cell": "a\0b",
    "braces": "{{ 7 * 7 }} ${{ secrets.X }} {% raw %}",
    "markup": "[bold red]x[/] [link=http://evil.example]y[/link] [/nothing]",
    "nothing": "",
    "very long": "é" * 50_000,
    "very many lines": "x\n" * 5_000,
}  # fmt: skip
MODULES = 2


def verdict(module: str, text: str, passed: bool = False) -> ModuleVerdict:
    """A verdict with the text wherever a student can put one."""
    frame = Frame(file=text[:200], line=3, function=text[:200], code=text[:200])
    checks = tuple(
        Check(
            name=f"test_{number}", title=f"Check {number}", hint="Read again.", seconds=0.1,
            outcome=Outcome.PASSED if passed else Outcome.NOT_PASSED, message=f"{number}{text}", expected=text,
            got=text, output=text, traceback=(frame, frame), reason="" if passed else "exception",
        )
        for number in range(2)
    )  # fmt: skip
    return ModuleVerdict(
        module=module, session="s1", title="Numbers", core=True, folder="s1_first/m01_numbers", checks=checks,
        outcome=Outcome.PASSED if passed else Outcome.NOT_PASSED, notes=(f"{text}: was not taken",), seconds=0.2,
    )  # fmt: skip


def report(text: str) -> Report:
    return Report(
        submission=text, started="2026-11-02T09:30:00+00:00", seconds=1.0,
        verdicts=(verdict("m01", text, passed=True), verdict("m02", text)),
    )  # fmt: skip


@pytest.fixture(params=TEXTS.values(), ids=TEXTS.keys())
def text(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def results(lines: list[str]) -> list[str]:
    """The lines that a reader takes for the run's result."""
    return [line.strip() for line in lines if re.match(r"(NOT )?PASSED \d+ of", line)]


# ------------------------------------------------------------------------------------------------- terminal


def test_a_terminal_shows_one_result_and_obeys_nothing(text: str) -> None:
    pyte = pytest.importorskip("pyte", reason="pyte, a terminal, is not installed")
    out = io.StringIO()
    Console(file=out, width=80, force_terminal=True, color_system="standard").print(render(report(text)))
    answers: list[str] = []
    screen = pyte.HistoryScreen(80, 200, history=20_000)
    screen.write_process_input = answers.append
    pyte.Stream(screen).feed(out.getvalue().replace("\n", "\r\n"))
    assert (screen.title, screen.icon_name, answers) == ("", "", [])
    shown = [line.rstrip() for line in screen.display]
    assert results(shown) == ["NOT PASSED 1 of 2 core modules"]
    assert [line for line in shown if line][-1].startswith("NOT PASSED")


def test_plain_text_holds_no_control_character(text: str) -> None:
    plain = as_text(report(text))
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\u200b]", plain)
    assert results(plain.splitlines()) == ["NOT PASSED 1 of 2 core modules"]


def test_a_note_is_one_line_whatever_a_file_is_called() -> None:
    lines = as_text(report("a\nb\nc.py")).splitlines()
    notes = [line for line in lines if "note:" in line]
    assert [note.strip() for note in notes] == ["· note: a b c.py: was not taken"] * 2


# ---------------------------------------------------------------------------------------- workflow commands


def obeyed(log: str) -> list[str]:
    """The lines of a log in which GitHub's runner finds a command: both forms, as its source has them."""
    lines = re.split(r"\r\n|\n|\r", log)
    return [line for line in lines if re.match(r"\s*::[^:]*::", line) or "##[" in line]


def test_the_log_of_a_job_holds_no_command(text: str) -> None:
    assert obeyed(as_text(report(text))) == []


def test_annotations_are_our_commands_alone(text: str) -> None:
    written = FORMATS["annotations"](report(text), {})
    commands = obeyed(written)
    assert commands == written.splitlines()
    assert 1 <= len(commands) <= 2
    for command in commands:
        found = re.fullmatch(r"::error ((?:[a-z]+=[^,:]*)(?:,[a-z]+=[^,:]*)*)::[^\r\n]*", command)
        assert found, command
        names = [pair.partition("=")[0] for pair in found[1].split(",")]
        assert names in (["title"], ["file", "line", "title"])


# ------------------------------------------------------------------------------------------------- Markdown


class Tags(HTMLParser):
    """The tags of a text, and what stands in no <pre>."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.depth, self.seen, self.outside = 0, set[str](), ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.seen.add(tag)
        self.depth += tag == "pre"

    def handle_endtag(self, tag: str) -> None:
        self.depth -= tag == "pre"

    def handle_data(self, data: str) -> None:
        self.outside += "" if self.depth else data


def test_the_step_summary_is_our_markdown_alone(text: str) -> None:
    written = FORMATS["step-summary"](report(text), {})
    rendered = Tags(MarkdownIt("commonmark").enable("table").render(written))
    ours = {"h2", "table", "thead", "tbody", "tr", "th", "td", "strong", "details", "summary", "pre", "p"}
    assert rendered.seen <= ours
    assert "everyone" not in rendered.outside
    assert written.count("<details>") == written.count("</details>")


def markdown_kinds(text: str) -> Iterator[str]:
    """The kinds of everything that a reader of Markdown finds."""
    for token in MarkdownIt("commonmark").enable("table").parse(text):
        yield token.type
        yield from (child.type for child in token.children or ())


def test_feedback_is_our_markdown_alone(book: Gradebook, folder: Path) -> None:
    for file in (folder / "feedback").iterdir():
        written = file.read_text(encoding="utf-8")
        kinds = list(markdown_kinds(written))
        assert not {"html_block", "html_inline", "link_open", "image", "hr"} & set(kinds), file.name
        assert kinds.count("heading_open") == 1 + 1 + 0, "the student's result and the module that is not passed"
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", written)


# ---------------------------------------------------------------------------------------------- XML and JSON


def test_junit_is_valid_and_has_our_cases_alone(text: str) -> None:
    document = etree.fromstring(FORMATS["junit"](report(text), {}).encode())
    schema = etree.XMLSchema(etree.parse(str(Path(__file__).parents[1] / "reports" / "junit-10.xsd")))
    schema.assertValid(document)
    assert [case.get("name") for case in document.iter("testcase")] == ["Check 0", "Check 1"] * 2
    assert len(list(document.iter("failure"))) == 2


@pytest.mark.parametrize("name", ["json", "gradescope", "classroom", "classroom50"])
def test_json_has_our_tests_alone(text: str, name: str) -> None:
    variables = ("CLASSROOM", "ASSIGNMENT", "COMMIT_URL", "RELEASE_URL", "REVIEW_URL", "GITHUB_ACTOR")
    environment = {**dict.fromkeys(variables, "x"), "SUBMISSION_TAG": "submit/1"}
    document = json.loads(FORMATS[name](report(text), environment).encode())
    if name == "json":
        assert [one["outcome"] for one in document["verdicts"]] == ["passed", "not passed"]
        assert document["summary"]["outcome"] == "not passed"
    else:
        assert len(document["tests"]) == 2 * MODULES
        assert sum(test["score"] for test in document["tests"]) == sum(
            test["score"] for test in json.loads(FORMATS[name](report("x"), environment))["tests"]
        )


def test_the_output_of_a_step_is_one_line(text: str) -> None:
    assert re.fullmatch(r"result=[A-Za-z0-9+/=]*\n", FORMATS["classroom-output"](report(text), {}))


# --------------------------------------------------------------------------------------------- the gradebook


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("report")


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory, folder: Path) -> Iterator[Gradebook]:
    """A cohort in which every text is a student's id, name, addresses, file names and messages at once."""
    root = tmp_path_factory.mktemp("book")
    course = small_course.make(root / "course")
    (module,) = course.modules
    students = tuple(
        Student(f"s{number}{text[:200]}", f"/forks/{number}", "", text[:200], text[:200] or "x", text[:200])
        for number, text in enumerate(TEXTS.values())
    )
    with Store(root / "verdicts.sqlite") as store:
        cohort = Cohort("autumn", root, tuple(_writable(student) for student in students), CohortSettings())
        ledger = Ledger(store, cohort.name)
        for student, text in zip(cohort.students, TEXTS.values()):
            told = text.encode("utf-8", "backslashreplace").decode()
            ledger.save_fork(Fork(student.id, student.repository, "", told, "f" * 40, "f" * 40, 1_800_000_000))
            unit = store.unit(Key(module.id, student.id, "suite", "environment", "timeout=60", 1))
            store.add(unit, verdict(module.id, text))
            ledger.hand_in([HandedIn(student.id, module.id, unit, 1_800_000_000, False, (told,))])
        made = Gradebook(cohort, course.modules, store)
        write_reports(made, check_quality(made), duplicates(made), folder)
        yield made


def _writable(student: Student) -> Student:
    """A roster is read as UTF-8: no half characters come from there."""
    fields = (student.id, student.repository, student.ref, student.lms_id, student.email, student.name)
    return Student(*(value.encode("utf-8", "backslashreplace").decode() for value in fields))


@pytest.mark.parametrize(("name", "more"), [("gradebook.csv", 1), ("canvas.csv", 2), ("moodle.csv", 1)])
def test_tables_have_a_row_a_student_and_no_formula(book: Gradebook, folder: Path, name: str, more: int) -> None:
    with (folder / name).open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, strict=True))
    assert len(rows) == len(book.rows) + more
    assert len({len(row) for row in rows}) == 1
    formulas = [cell for row in rows for cell in row if cell[:1] in tuple("=+-@\t\r")]
    assert formulas == []


def test_the_page_runs_no_script_but_its_own(book: Gradebook, folder: Path) -> None:
    page = lxml_html.parse(str(folder / "index.html"), parser=lxml_html.HTMLParser(encoding="utf-8")).getroot()
    data, script = page.xpath("//script")
    assert data.get("type") == "application/json"
    assert len(json.loads(data.text)["students"]) == len(book.rows)
    assert "alert(1)" not in script.text
    assert not page.xpath("//img | //iframe | //object | //*[@onerror]")


def test_the_gradebook_is_json(book: Gradebook, folder: Path) -> None:
    document = json.loads((folder / "gradebook.json").read_text(encoding="utf-8"))
    assert {student["result"] for student in document["students"]} == {"not passed"}


def test_every_student_has_a_file_of_their_own(book: Gradebook, folder: Path) -> None:
    files = [path.name for path in (folder / "feedback").iterdir()]
    assert len(files) == len(book.rows)
    assert all(re.fullmatch(r"[A-Za-z0-9_-]+\.md", name) for name in files)
