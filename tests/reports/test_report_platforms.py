"""The formats of course platforms: GitHub Classroom, Classroom 50, Gradescope."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from mlops_grade.errors import UsageError
from mlops_grade.reports import FORMATS, classroom, classroom50, gradescope
from mlops_grade.verdict import Report
from report_samples import (
    ALL_PASSED,
    EMPTY,
    MIXED,
    NOT_RUN,
    OPTIONAL_ONLY,
    OURS,
    SAMPLES,
    UNTRUSTED,
    WEIGHTED,
    failed,
    module,
    passed,
    report,
)

Golden = Callable[[str, str], None]
GRADED = [name for name in SAMPLES if name != "empty"]
WEIGHTS = st.lists(
    st.tuples(st.booleans(), st.sampled_from([0.0, 0.25, 1 / 3, 0.5, 1.0, 1.5, 2.0, 5.0])), min_size=1, max_size=9
)


def weighted(checks: list[tuple[bool, float]]) -> Report:
    made = (
        (passed if right else failed)(f"test_{number}", f"Check {number}", points=points)
        for number, (right, points) in enumerate(checks)
    )
    return report(module("s1", "m01", "Shell", *made))


def loaded(text: str) -> dict[str, Any]:
    document = json.loads(text)
    assert isinstance(document, dict)
    return document


class TestClassroom:
    """The reporter's console shows passed / all x max_score, its notice the sum of the scores."""

    def agree(self, result: dict[str, Any]) -> None:
        tests = result["tests"]
        share = sum(test["status"] == "pass" for test in tests) / len(tests)
        assert sum(test["score"] for test in tests) == pytest.approx(share * result["max_score"])
        assert result["max_score"] > 0

    @pytest.mark.parametrize("name", ["mixed", "weighted", "grader_error", "untrusted"])
    def test_golden(self, name: str, golden: Golden) -> None:
        golden(f"classroom_{name}.json", classroom.render(SAMPLES[name]))

    @pytest.mark.parametrize("name", GRADED)
    def test_it_has_the_fields_that_the_reporter_reads(self, name: str) -> None:
        result = loaded(classroom.render(SAMPLES[name]))
        assert list(result) == ["version", "status", "max_score", "tests"]
        assert result["version"] == 3 and result["status"] in ("pass", "fail", "error")
        for test in result["tests"]:
            assert " ".join(test) == ("name status message test_code task_id filename line_no duration score output")
            assert test["status"] in ("pass", "fail", "error")

    @pytest.mark.parametrize("name", GRADED)
    def test_scores_and_counts_agree(self, name: str) -> None:
        self.agree(loaded(classroom.render(SAMPLES[name])))

    @given(WEIGHTS)
    def test_scores_and_counts_agree_for_any_weights(self, checks: list[tuple[bool, float]]) -> None:
        self.agree(loaded(classroom.render(weighted(checks))))

    def test_a_heavier_check_is_several_tests_of_the_same_weight(self) -> None:
        result = loaded(classroom.render(WEIGHTED))  # weights 0.5, 1.5, 1; one without points, one extra
        assert [test["name"].removeprefix("m04 ") for test in result["tests"]] == [
            "Images have the right shape",
            "The model is accurate (1 of 3)",
            "The model is accurate (2 of 3)",
            "The model is accurate (3 of 3)",
            "evaluate prints the accuracy (1 of 2)",
            "evaluate prints the accuracy (2 of 2)",
        ]
        assert result["max_score"] == 6 and {test["score"] for test in result["tests"]} == {0, 1}

    def test_equal_weights_stay_one_test_each(self) -> None:
        result = loaded(classroom.render(weighted([(True, 5.0), (False, 5.0)])))
        assert [(test["score"]) for test in result["tests"]] == [5, 0] and result["max_score"] == 10

    def test_full_points_are_the_same_as_passed(self) -> None:
        result = loaded(classroom.render(ALL_PASSED))
        assert result["status"] == "pass"
        assert sum(test["score"] for test in result["tests"]) == result["max_score"]

    def test_an_error_of_ours_is_an_error(self) -> None:
        result = loaded(classroom.render(OURS))
        assert result["status"] == "error"
        assert [test["status"] for test in result["tests"]] == ["pass", "error", "error"]

    def test_a_module_that_did_not_run_does_not_vanish(self) -> None:
        (test,) = loaded(classroom.render(report(NOT_RUN)))["tests"]
        assert test["status"] == "error" and "needs a GPU" in test["message"]

    def test_a_report_of_nothing_is_refused(self) -> None:
        with pytest.raises(UsageError, match="nothing was graded"):
            classroom.render(EMPTY)

    def test_weights_without_a_common_measure_are_refused(self) -> None:
        with pytest.raises(UsageError, match="small whole numbers"):
            classroom.render(weighted([(True, 9.97), (True, 7.01)]))

    def test_it_travels_in_base64_through_the_output_of_a_step(self) -> None:
        line = classroom.step_output(MIXED)
        assert line.count("\n") == 1 and line.startswith("result=")
        decoded = base64.b64decode(line.removeprefix("result=").rstrip("\n"), validate=True)
        assert loaded(decoded.decode()) == loaded(classroom.render(MIXED))

    def test_an_environment_variable_can_hold_it(self) -> None:
        checks = [failed(f"test_{number}", f"Check {number}", message="long " * 500) for number in range(12)]
        encoded = classroom.encode(report(*(module("s1", f"m{number}", "Large", *checks) for number in range(25))))
        assert len(encoded) < 128 << 10
        assert len(loaded(base64.b64decode(encoded).decode())["tests"]) == 300

    def test_the_reporters_log_takes_no_line_of_a_student_for_a_command(self) -> None:
        (test,) = loaded(classroom.render(UNTRUSTED))["tests"]
        assert "set-output" in test["message"]
        assert not any(line.strip().startswith("::") for line in f"Error: {test['message']}".splitlines())


CLASSROOM50_SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": [
        "schema",
        "classroom",
        "assignment",
        "assignment_type",
        "owner",
        "submission",
        "commit",
        "release",
        "review",
        "datetime",
        "score",
        "max-score",
        "tests",
    ],
    "properties": {
        "schema": {"const": "classroom50/result/v1"},
        **{key: {"type": "string", "minLength": 1} for key in ("classroom", "assignment", "owner")},
        "assignment_type": {"enum": ["individual", "group"]},
        "submission": {"type": "string", "pattern": "^submit/"},
        **{key: {"type": "string", "pattern": "^https://"} for key in ("commit", "release", "review")},
        **{key: {"pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"} for key in ("datetime", "graded_at")},
        **{key: {"type": "integer", "minimum": 0} for key in ("score", "max-score")},
        "tests": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["test-name", "passed", "score", "max-score"],
                "properties": {
                    "test-name": {"type": "string", "minLength": 1},
                    "passed": {"type": "boolean"},
                    "score": {"type": "integer", "minimum": 0},
                    "max-score": {"type": "integer", "minimum": 1},
                },
            },
        },
        "submitted_by": {
            "type": "object",
            "additionalProperties": False,
            "required": ["username", "id"],
            "properties": {"username": {"type": "string"}, "id": {"type": "integer"}},
        },
    },
}


class TestClassroom50:
    @pytest.mark.parametrize("name", ["mixed", "weighted"])
    def test_golden(self, name: str, workflow: dict[str, str], golden: Golden) -> None:
        golden(f"classroom50_{name}.json", classroom50.render(SAMPLES[name], workflow))

    @pytest.mark.parametrize("name", SAMPLES)
    def test_every_report_is_valid(self, name: str, workflow: dict[str, str]) -> None:
        result = loaded(classroom50.render(SAMPLES[name], workflow))
        Draft202012Validator(CLASSROOM50_SCHEMA).validate(result)
        assert result["score"] == sum(test["score"] for test in result["tests"])
        assert result["max-score"] == sum(test["max-score"] for test in result["tests"])
        assert all(test["score"] <= test["max-score"] for test in result["tests"])

    @pytest.mark.parametrize("variable", sorted(set(classroom50.FROM_ENVIRONMENT.values()) | {"GITHUB_ACTOR"}))
    @pytest.mark.parametrize("how", ["absent", "empty"])
    def test_a_missing_variable_is_named(self, variable: str, how: str, workflow: dict[str, str]) -> None:
        environment = {key: value for key, value in workflow.items() if key != variable}
        if how == "empty":
            environment[variable] = ""
        with pytest.raises(UsageError, match=variable):
            classroom50.render(MIXED, environment)

    @pytest.mark.parametrize(("variable", "value"), [("SUBMISSION_TAG", "v1.0"), ("ASSIGNMENT_TYPE", "pair")])
    def test_a_wrong_variable_is_named_with_what_was_found(
        self, variable: str, value: str, workflow: dict[str, str]
    ) -> None:
        with pytest.raises(UsageError, match=f"{variable} is '{value}'"):
            classroom50.render(MIXED, {**workflow, variable: value})

    def test_a_group_hands_in_as_its_owner(self, workflow: dict[str, str]) -> None:
        given_environment = {**workflow, "OWNER": "group-7", "ASSIGNMENT_TYPE": "group"}
        result = loaded(classroom50.render(MIXED, given_environment))
        assert (result["owner"], result["assignment_type"]) == ("group-7", "group")
        assert result["submitted_by"] == {"username": "anna", "id": 1234567}

    def test_who_handed_in_is_left_out_where_it_is_not_known(self, workflow: dict[str, str]) -> None:
        del workflow["GITHUB_ACTOR_ID"]
        assert "submitted_by" not in loaded(classroom50.render(MIXED, workflow))

    def test_fractions_become_whole_points_in_the_same_proportion(self, workflow: dict[str, str]) -> None:
        result = loaded(classroom50.render(WEIGHTED, workflow))
        assert [test["max-score"] for test in result["tests"]] == [1, 3, 2]
        assert result["score"] == 4

    def test_times_are_utc(self, workflow: dict[str, str]) -> None:
        here = datetime.fromisoformat("2026-11-02T10:30:00+01:00").isoformat()
        result = loaded(classroom50.render(MIXED.model_copy(update={"started": here, "seconds": 90.0}), workflow))
        assert (result["datetime"], result["graded_at"]) == ("2026-11-02T09:30:00Z", "2026-11-02T09:31:30Z")

    def test_a_report_without_a_time_is_refused(self, workflow: dict[str, str]) -> None:
        with pytest.raises(UsageError, match="when it was started"):
            classroom50.render(MIXED.model_copy(update={"started": ""}), workflow)


class TestGradescope:
    @pytest.mark.parametrize("name", ["mixed", "weighted", "grader_error"])
    def test_golden(self, name: str, golden: Golden) -> None:
        golden(f"gradescope_{name}.json", gradescope.render(SAMPLES[name]))

    @pytest.mark.parametrize("name", SAMPLES)
    def test_it_has_the_fields_that_gradescope_reads(self, name: str) -> None:
        result = loaded(gradescope.render(SAMPLES[name]))
        assert list(result) == ["score", "execution_time", "output", "visibility", "stdout_visibility", "tests"]
        for test in result["tests"]:
            assert test["status"] in ("passed", "failed")
            assert test["output_format"] == "text", "anything else would be parsed, and a student's text is in it"
            assert test["visibility"] == "visible"
            assert isinstance(test["tags"], list)

    @pytest.mark.parametrize("name", SAMPLES)
    def test_the_score_is_the_sum_of_the_tests(self, name: str) -> None:
        result = loaded(gradescope.render(SAMPLES[name]))
        assert result["score"] == pytest.approx(sum(test.get("score", 0) for test in result["tests"]))
        assert all(0 <= test["score"] <= test["max_score"] for test in result["tests"] if "score" in test)

    def test_extra_checks_and_optional_modules_are_shown_without_points(self) -> None:
        tests = loaded(gradescope.render(MIXED))["tests"]
        without = [test for test in tests if "score" not in test]
        assert without and all({"optional", "extra"} & set(test["tags"]) for test in without)

    def test_optional_modules_have_points_where_only_they_were_graded(self) -> None:
        tests = loaded(gradescope.render(OPTIONAL_ONLY))["tests"]
        assert [test.get("max_score") for test in tests] == [1.0, 1.0, 1.0]

    def test_numbers_follow_the_order_of_the_report(self) -> None:
        numbers = [test["number"] for test in loaded(gradescope.render(MIXED))["tests"]]
        assert numbers[:4] == ["1.1", "1.2", "2.1", "2.2"]
        assert len(set(numbers)) == len(numbers)


def test_every_format_has_its_name_and_is_a_pure_function(workflow: dict[str, str]) -> None:
    assert sorted(FORMATS) == [
        "annotations",
        "classroom",
        "classroom-output",
        "classroom50",
        "gradescope",
        "json",
        "junit",
        "step-summary",
        "text",
    ]
    for render in FORMATS.values():
        assert render(MIXED, workflow) == render(MIXED, workflow)
