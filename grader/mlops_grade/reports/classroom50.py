"""`result.json` of Classroom 50 (`classroom50/result/v1`): whole points; who handed in what, from the environment."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from mlops_grade.errors import UsageError
from mlops_grade.reports.scoring import rows, whole_points
from mlops_grade.verdict import Report

SCHEMA = "classroom50/result/v1"
FROM_ENVIRONMENT = {
    "classroom": "CLASSROOM",
    "assignment": "ASSIGNMENT",
    "submission": "SUBMISSION_TAG",
    "commit": "COMMIT_URL",
    "release": "RELEASE_URL",
    "review": "REVIEW_URL",
}
SUBMISSION_PREFIX = "submit/"
ASSIGNMENT_TYPES = ("individual", "group")


def render(report: Report, environment: Mapping[str, str]) -> str:
    """The result as JSON. Raises UsageError that names the variable that is missing or wrong.

    Beside the workflow's own variables: OWNER (whose submission it is; GITHUB_ACTOR where it is not set) and
    ASSIGNMENT_TYPE (`individual` where it is not set).
    """
    given = {key: _required(environment, variable) for key, variable in FROM_ENVIRONMENT.items()}
    if not given["submission"].startswith(SUBMISSION_PREFIX):
        raise UsageError(f"SUBMISSION_TAG is {given['submission']!r}: it must start with {SUBMISSION_PREFIX!r}")
    kind = environment.get("ASSIGNMENT_TYPE") or ASSIGNMENT_TYPES[0]
    if kind not in ASSIGNMENT_TYPES:
        raise UsageError(f"ASSIGNMENT_TYPE is {kind!r}: it must be {' or '.join(ASSIGNMENT_TYPES)}")
    started = _moment(report)
    counted = rows(report)
    points = whole_points(counted)
    document: dict[str, object] = {
        "schema": SCHEMA,
        "classroom": given["classroom"],
        "assignment": given["assignment"],
        "assignment_type": kind,
        "owner": environment.get("OWNER") or _required(environment, "GITHUB_ACTOR", "OWNER, or GITHUB_ACTOR"),
        "submission": given["submission"],
        "commit": given["commit"],
        "release": given["release"],
        "review": given["review"],
        "datetime": _written(started),
        "score": sum(most for row, most in zip(counted, points) if row.passed),
        "max-score": sum(points),
        "tests": [
            {"test-name": row.name, "passed": row.passed, "score": most if row.passed else 0, "max-score": most}
            for row, most in zip(counted, points)
        ],
        "graded_at": _written(started + timedelta(seconds=report.seconds)),
    }
    actor, actor_id = environment.get("GITHUB_ACTOR", ""), environment.get("GITHUB_ACTOR_ID", "")
    if actor and actor_id.isdecimal():
        document["submitted_by"] = {"username": actor, "id": int(actor_id)}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _required(environment: Mapping[str, str], variable: str, name: str = "") -> str:
    value = environment.get(variable, "")
    if not value:
        raise UsageError(f"--format classroom50 needs the environment variable {name or variable}, which is not set")
    return value


def _moment(report: Report) -> datetime:
    try:
        moment = datetime.fromisoformat(report.started)
    except ValueError:
        raise UsageError(f"the report does not say when it was started (found {report.started!r})") from None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _written(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
