"""JUnit XML that readers accept.

`junit-10.xsd` is the schema of Jenkins' xunit plugin (MIT licence, in the file), taken unchanged from pytest's source
distribution 9.1.0 (testing/example_scripts), where pytest's own tests use it for the same purpose.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from lxml import etree  # type: ignore[import-untyped]

from mlops_grade.reports import junit
from mlops_grade.verdict import Report
from report_samples import ALL_PASSED, MIXED, OURS, SAMPLES, UNTRUSTED, failed, module, passed, report

Golden = Callable[[str, str], None]


@pytest.fixture(scope="module")
def schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(Path(__file__).with_name("junit-10.xsd")))


def parsed(shown: Report) -> etree._Element:
    return etree.fromstring(junit.render(shown).encode())


@pytest.mark.parametrize("name", SAMPLES)
def test_every_report_is_valid(name: str, schema: etree.XMLSchema) -> None:
    schema.assertValid(parsed(SAMPLES[name]))


@pytest.mark.parametrize("name", ["mixed", "grader_error", "untrusted"])
def test_golden(name: str, golden: Golden) -> None:
    golden(f"junit_{name}.xml", junit.render(SAMPLES[name]))


@pytest.mark.parametrize("name", SAMPLES)
def test_the_counts_are_true(name: str) -> None:
    root = parsed(SAMPLES[name])
    for element in [root, *root.iter("testsuite")]:
        assert int(element.get("tests")) == len(element.findall(".//testcase"))
        assert int(element.get("failures")) == len(element.findall(".//failure"))
        assert int(element.get("errors")) == len(element.findall(".//error"))
        assert int(element.get("skipped", "0")) in (0, len(element.findall(".//skipped")))


def test_outcomes_have_their_own_words() -> None:
    assert not [*parsed(ALL_PASSED).iter("failure", "error", "skipped")]
    assert len([*parsed(OURS).iter("error")]) == 2
    skipped = [element.get("message") for element in parsed(MIXED).iter("skipped")]
    assert any("extra check, not needed to pass" in message for message in skipped)
    assert any("needs a GPU" in message for message in skipped)


def test_control_characters_are_gone_and_the_rest_is_there() -> None:
    failure = parsed(UNTRUSTED).find(".//failure")
    assert "red [bold]markup[/bold]" in failure.text
    assert "<script>alert(1)</script>" in failure.text
    assert not set(map(chr, [*range(9), *range(11, 32)])) & set(failure.text)


def test_cases_of_the_same_title_are_told_apart() -> None:
    twins = module("s1", "m01", "Shell", passed("test_a[1]", "It runs"), failed("test_a[2]", "It runs"))
    names = [case.get("name") for case in parsed(report(twins)).iter("testcase")]
    assert names == ["It runs [test_a[1]]", "It runs [test_a[2]]"]
