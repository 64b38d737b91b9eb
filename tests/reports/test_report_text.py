"""Untrusted text becomes fit to be shown, and long values short enough to be read."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_grade.reports.text import inert, last_lines, one_line, plain, seconds, shorten, shorten_pair
from report_samples import HOSTILE_TEXT

ANY_TEXT = st.text(st.characters() | st.sampled_from("\x1b\x9b[]0;m\r\n\t\x07\\"), max_size=60)


@pytest.mark.parametrize(
    ("given_text", "shown"),
    [
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b]8;;https://example.org\x07link\x1b]8;;\x1b\\", "link"),
        ("\x1b]0;a title that never ends\nnext line", "\nnext line"),
        ("\x9b31mred", "red"),
        ("a\x1b[2Jb\x1b[Hc\x1bcd", "abcd"),
        ("10%\r50%\r100%", "100%"),
        ("done\r\nnext\r", "done\nnext"),
        ("a\tb", "a    b"),
        ("nul\x00 bell\x07 back\x08", "nul bell back"),
        ("\u202eright to left\u2069, zero\u200bwidth, \ufeffmark", "right to left, zerowidth, mark"),
        ("one\u2028two\x85three\x0cfour", "one\ntwo\nthree\nfour"),
        ("\ud83d\ufffe", ""),
        ("grüße, 数字, 😀", "grüße, 数字, 😀"),
    ],
)
def test_plain_leaves_what_a_reader_would_see(given_text: str, shown: str) -> None:
    assert plain(given_text) == shown


@given(ANY_TEXT)
def test_plain_text_is_printable_valid_in_xml_and_stays_as_it_is(text: str) -> None:
    shown = plain(text)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", shown)
    element = ElementTree.Element("text")
    element.text = shown
    assert (ElementTree.fromstring(ElementTree.tostring(element, encoding="unicode")).text or "") == shown
    assert plain(shown) == shown


@given(ANY_TEXT | st.sampled_from([HOSTILE_TEXT, " ::error::x", "\t::x::", "a\n  ::add-mask::b", "##[x", "###[["]))
def test_no_line_of_an_inert_text_is_a_workflow_command(text: str) -> None:
    shown = inert(plain(text))
    assert not any(line.strip().startswith("::") for line in shown.split("\n"))
    assert "##[" not in shown


def test_one_line_is_one_line() -> None:
    assert one_line("  a\n b\t\x1b[0mc\r\n") == "a b c"


def test_short_texts_are_left_alone() -> None:
    assert shorten("0.1234, 0.5678", characters=20) == "0.1234, 0.5678"


def test_the_middle_is_left_out_between_words_and_counted() -> None:
    numbers = ", ".join(str(number) for number in range(1000, 2000))
    shown = shorten(numbers, characters=90)
    start, left_out, end = shown.split(" … ")[0], shown.split("…")[1].strip(), shown.split(" … ")[-1]
    assert len(shown) < 130
    assert all(len(number) == 4 for number in re.findall(r"\d+", start + " " + end)), "a number was cut in two"
    assert start.startswith("1000, 1001") and end.endswith("1998, 1999")
    assert int(left_out.split()[0].replace(",", "")) > 5000


def test_many_lines_lose_those_in_the_middle() -> None:
    shown = shorten("\n".join(f"line {number}" for number in range(40)), lines=6)
    assert shown.split("\n") == ["line 0", "line 1", "line 2", "line 3", "… 34 lines left out …", "line 38", "line 39"]


def test_two_long_values_keep_the_place_where_they_part() -> None:
    expected, got = ([*range(5000)] for _ in range(2))
    got[3210] = -7
    first, second = shorten_pair(str(expected), str(got))
    assert "3209, 3210," in first and "3209, -7," in second
    assert first.startswith("… ") and "equal characters" in first
    assert max(len(first), len(second)) < 500


def test_two_values_without_a_difference_or_one_empty_do_not_trip() -> None:
    long = "x" * 5000
    assert all(shorten_pair(long, long))
    assert shorten_pair("", long)[0] == ""


def test_the_last_lines_of_an_output_are_shown_and_the_others_counted() -> None:
    assert last_lines("\n\na\nb\nc\n\n", lines=2) == "… 1 lines before …\nb\nc"
    assert last_lines("\n \n") == ""


def test_of_long_lines_fewer_are_shown_but_always_the_last() -> None:
    assert last_lines("a\n" + "b" * 50 + "\nc", characters=20) == "… 2 lines before …\nc"
    assert last_lines("b" * 50, characters=20) == "b" * 50


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.04, "0.0 s"), (9.94, "9.9 s"), (9.96, "10 s"), (99.4, "99 s"), (99.6, "1 min 40 s"), (3600, "60 min 00 s")],
)
def test_durations_read_well(value: float, shown: str) -> None:
    assert seconds(value) == shown
