"""The report as JUnit XML, in the dialect of Jenkins' xunit plugin (junit-10.xsd) that most readers understand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from xml.etree import ElementTree

from mlops_grade.reports.text import one_line, plain
from mlops_grade.reports.wording import as_text, explain, remark
from mlops_grade.verdict import Check, ModuleVerdict, Outcome, Report

Element = ElementTree.Element
# What a check's outcome is called here. An extra check is not needed to pass, so it must not turn a build red.
KINDS = {Outcome.NOT_PASSED: "failure", Outcome.NOT_RUN: "skipped", Outcome.GRADER_ERROR: "error"}


def render(report: Report) -> str:
    """One test suite for each module, one test case for each check; a module without checks is one test case."""
    suites = [_suite(verdict) for verdict in report.verdicts]
    root = Element("testsuites", name="mlops-grade", time=_time(report.seconds))
    root.attrib |= _counts(suites, "failure", "error")
    root.extend(suites)
    ElementTree.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ElementTree.tostring(root, encoding="unicode")}\n'


def _suite(verdict: ModuleVerdict) -> Element:
    cases = list(_cases(verdict))
    name = f"{one_line(verdict.module)} {one_line(verdict.title)}"
    suite = Element("testsuite", name=name, time=_time(verdict.seconds), package=one_line(verdict.session))
    suite.attrib |= _counts(cases, "failure", "error", "skipped")
    properties = ElementTree.SubElement(suite, "properties")
    facts = {"outcome": verdict.outcome.value, "core": "true" if verdict.core else "false"}
    if verdict.provenance:
        facts |= {
            key: str(value) for key, value in verdict.provenance.model_dump().items() if not isinstance(value, dict)
        }
    for key, value in facts.items():
        ElementTree.SubElement(properties, "property", name=key, value=one_line(value))
    suite.extend(cases)
    return suite


def _cases(verdict: ModuleVerdict) -> Iterable[Element]:
    place = f"{one_line(verdict.session)}.{one_line(verdict.module)}"
    if not verdict.checks:
        case = Element("testcase", classname=place, name=one_line(verdict.title), time=_time(verdict.seconds))
        if verdict.outcome is not Outcome.PASSED:
            text = plain(remark(verdict))
            _child(case, KINDS[verdict.outcome], one_line(text) or verdict.outcome.value, text)
        yield case
        return
    titles = Counter(one_line(check.title) for check in verdict.checks)
    for check in verdict.checks:
        title = one_line(check.title)
        # Readers tell cases apart by class and name alone.
        name = title if titles[title] == 1 else f"{title} [{one_line(check.name)}]"
        case = Element("testcase", classname=place, name=name, time=_time(check.seconds))
        _add_outcome(case, check)
        yield case


def _add_outcome(case: Element, check: Check) -> None:
    if check.outcome is Outcome.PASSED:
        return
    text = as_text(explain(check))
    message = one_line(check.message) or check.outcome.value
    if not check.required and check.outcome is Outcome.NOT_PASSED:
        _child(case, "skipped", f"extra check, not needed to pass: {message}", text)
    else:
        _child(case, KINDS[check.outcome], message, text, check.reason)


def _child(case: Element, kind: str, message: str, text: str, reason: str = "") -> None:
    child = ElementTree.SubElement(case, kind, message=message)
    if reason:
        child.set("type", reason)
    child.text = text


def _counts(elements: Iterable[Element], *kinds: str) -> dict[str, str]:
    """How many test cases there are in all, and how many of each kind."""
    cases = [case for element in elements for case in element.iter("testcase")]
    plural = {"failure": "failures", "error": "errors", "skipped": "skipped"}
    counts = {plural[kind]: str(sum(case.find(kind) is not None for case in cases)) for kind in kinds}
    return {"tests": str(len(cases)), **counts}


def _time(value: float) -> str:
    return f"{value:.3f}"
