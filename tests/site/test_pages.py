"""The homepage's content: it follows the folders, shows nothing hidden, and says where a link is broken."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import icalendar
import pytest

import small_course
from mlops_grade.course.discovery import Course, load_course
from mlops_grade.errors import UsageError
from mlops_grade.site.build import build
from mlops_grade.site.calendar import calendar
from mlops_grade.site.commonmark import for_python_markdown
from mlops_grade.site.pages import glossary, pages
from mlops_grade.site.plan import Plan, load_plan, timeplan

SESSION = "# Session 1 · First steps\n\n[m01 Numbers](m01_numbers/README.md)\n"
TEXT = "# m01 · Numbers\n\nRead [what is given](given.txt) first.\n\n## Tasks\n\n1. Double.\n"


@pytest.fixture
def course(tmp_path: Path) -> Course:
    root = tmp_path / "course"
    small_course.make(root)
    small_course.write(root, {"s1_first/README.md": SESSION, "s1_first/m01_numbers/README.md": TEXT})
    return load_course(root)


def test_every_module_has_a_page_with_what_its_folder_tells(course: Course) -> None:
    text = pages(course, load_plan(course)).texts["s1_first/m01_numbers/README.md"]
    assert text.startswith("# m01 · Numbers\n")
    assert "Core module" in text
    assert "`numbers_module.py`, `program.py`, `data/*.csv`" in text
    assert "mlops-grade m01\n" in text
    assert "1. Double." in text


def test_a_given_file_that_a_text_links_to_comes_along(course: Course) -> None:
    assert set(pages(course, load_plan(course)).files) == {"s1_first/m01_numbers/given.txt"}


def test_a_link_into_what_is_hidden_brings_nothing(course: Course) -> None:
    readme = course.modules[0].path / "README.md"
    readme.write_text(TEXT + "\n[the suite](hidden/test_numbers.py) and [it](./hidden/../hidden/test_numbers.py)\n")
    site = pages(course, load_plan(course))
    assert [path for path in site.files if "hidden" in path] == []
    assert "the suite and it" in site.texts["s1_first/m01_numbers/README.md"]


def test_a_link_to_a_hidden_file_by_another_name_brings_nothing(course: Course) -> None:
    module = course.modules[0].path
    (module / "innocent.py").symlink_to(module / "hidden" / "test_numbers.py")
    (module / "README.md").write_text(TEXT + "\n[look](innocent.py)\n")
    assert "s1_first/m01_numbers/innocent.py" not in pages(course, load_plan(course)).files


def test_a_broken_link_is_told_with_page_and_line(course: Course, tmp_path: Path) -> None:
    (course.modules[0].path / "README.md").write_text(TEXT + "\n[gone](nothing.md)\n")
    with pytest.raises(UsageError, match=r"s1_first/m01_numbers/README\.md:\d+: page does not exist"):
        build(course, tmp_path / "site")


def test_a_folder_that_holds_something_else_is_left_alone(course: Course, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("three years of work")
    with pytest.raises(UsageError, match="name another folder"):
        build(course, tmp_path)
    assert (tmp_path / "thesis.txt").read_text() == "three years of work"


def test_a_site_is_built_and_replaced(course: Course, tmp_path: Path) -> None:
    out = tmp_path / "site"
    build(course, out)
    (out / "left-over.html").write_text("x")
    build(course, out)
    assert not (out / "left-over.html").exists()
    assert "Numbers" in (out / "s1_first" / "m01_numbers" / "index.html").read_text()


def test_working_days_skip_weekends_and_days_off(course: Course) -> None:
    plan = Plan(start=date(2027, 1, 7), days_off=frozenset({date(2027, 1, 11)}), days=("s1", "project", "exam"))
    days = timeplan(plan, course)
    assert [day.date for day in days] == [date(2027, 1, 7), date(2027, 1, 8), date(2027, 1, 12)]
    assert [day.topic for day in days] == ["First steps", "project", "exam"]


def test_the_calendar_is_read_by_others(course: Course) -> None:
    topic = "A long day; " + ", ".join(["work"] * 20)
    plan = Plan(title="MLOps; a course, with signs", start=date(2027, 1, 8), days=("s1", topic))
    read = icalendar.Calendar.from_ical(calendar(plan, timeplan(plan, course)))
    events = read.walk("VEVENT")
    assert [event.decoded("dtstart") for event in events] == [date(2027, 1, 8), date(2027, 1, 11)]
    assert str(events[1]["summary"]) == topic


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("start = 'soon'", "start: "),
        ("begin = 2027-01-04", "begin: "),
        ("time_zone = 'Europe/Kopenhagen'", "no time zone"),
        ("start = ", "cannot be read"),
    ],
)
def test_a_plan_that_cannot_be_used_names_file_and_key(course: Course, text: str, told: str) -> None:
    (course.root / "course.toml").write_text(text)
    with pytest.raises(UsageError, match=r"course\.toml") as error:
        load_plan(course)
    assert told in str(error.value)


def test_an_objective_that_nobody_wrote_down_is_told(tmp_path: Path) -> None:
    course = small_course.make(tmp_path, settings=small_course.SETTINGS + '\nobjectives = ["fly"]\n')
    (tmp_path / "course.toml").write_text('[objectives]\nwalk = "Walk"\n')
    with pytest.raises(UsageError, match=r"module\.toml.*'fly'.*walk"):
        load_plan(course)


def test_terms_come_from_the_glossary(course: Course) -> None:
    small_course.write(course.root, {"docs/glossary.md": "# Glossary\n\ndrift\n:   A change\n    of inputs.\n"})
    assert glossary(course) == {"drift": "A change of inputs."}


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("1. One\n   - a\n   - b\n2. Two\n", "1. One\n    - a\n    - b\n2. Two\n"),
        ("- One\n\n  More of one.\n", "- One\n\n    More of one.\n"),
        ("1. Run\n\n   ```sh\n     deep\n   ```\n", "1. Run\n\n    ```sh\n      deep\n    ```\n"),
        ("Text:\n- a\n- b\n", "Text:\n\n- a\n- b\n"),
        ("```\n- no list\n  at all\n```\n", "```\n- no list\n  at all\n```\n"),
        ("- a\n  - b\n    - c\n", "- a\n    - b\n        - c\n"),
        ("Just text,\n  wrapped.\n", "Just text,\n  wrapped.\n"),
    ],
)
def test_lists_keep_their_levels(written: str, wanted: str) -> None:
    assert for_python_markdown(written) == wanted
