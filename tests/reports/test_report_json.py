"""The report as JSON: nothing lost, the schema true and up to date."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, ValidationError  # type: ignore[import-untyped]

import mlops_grade
from mlops_grade.reports import json_report
from mlops_grade.verdict import Report
from report_samples import MIXED, OURS, SAMPLES, UNTRUSTED, failed, module, report

SCHEMA_FILE = Path(mlops_grade.__file__).with_name("verdict.schema.json")
REMEDY = f"""write it anew:
python -c "from mlops_grade.reports import json_report; print(json_report.schema(), end='')" > {SCHEMA_FILE.name}"""


def document(shown: Report) -> dict[str, Any]:
    loaded = json.loads(json_report.render(shown))
    assert isinstance(loaded, dict)
    return loaded


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    schema = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def test_the_committed_schema_is_up_to_date() -> None:
    assert SCHEMA_FILE.read_text(encoding="utf-8") == json_report.schema(), REMEDY


@pytest.mark.parametrize("name", SAMPLES)
def test_every_report_is_valid(name: str, validator: Draft202012Validator) -> None:
    validator.validate(document(SAMPLES[name]))


def test_the_schema_refuses_what_is_no_report(validator: Draft202012Validator) -> None:
    changes: list[dict[str, Any]] = [{"version": 2}, {"summary": None}, {"verdicts": [{}]}, {"unknown": 1}]
    for change in changes:
        with pytest.raises(ValidationError):
            validator.validate({**document(MIXED), **change})


@pytest.mark.parametrize("name", SAMPLES)
def test_what_was_written_is_read_back_the_same(name: str) -> None:
    assert json_report.parse(json_report.render(SAMPLES[name])) == SAMPLES[name]


def test_the_summary_spares_readers_the_rules() -> None:
    assert document(MIXED)["summary"] == {
        "outcome": "not passed",
        "exit_code": 1,
        "core_passed": 0,
        "core_total": 4,
        "optional_passed": 1,
        "optional_total": 2,
    }
    assert document(OURS)["summary"]["exit_code"] == 3


def test_text_that_is_no_unicode_can_be_written() -> None:
    odd = report(module("s1", "m01", "Shell", failed("a", "Names", message="caf\udce9", got="\x00\ud83d")))
    assert "caf\\udce9" in json.loads(json_report.render(odd).encode())["verdicts"][0]["checks"][0]["message"]


def test_student_text_is_kept_as_it_was() -> None:
    assert document(UNTRUSTED)["verdicts"][0]["checks"][0]["got"].startswith("\x1b[31mred")


def test_golden(golden: Callable[[str, str], None]) -> None:
    golden("mixed.json", json_report.render(MIXED))
