"""Pull requests and rulesets for the suite: one that may be merged, and others drawn at random."""

from __future__ import annotations

import random
import string
from typing import Any

PEOPLE = ["ada", "grace", "alan", "edsger", "barbara", "donald"]
CODEOWNERS = "* @barbara\n/src/ @acme/ml\n/docs/\n/deploy/ @donald @acme/ops\n"


def word() -> str:
    return "".join(random.choices(string.ascii_lowercase, k=7))


def commit_hash() -> str:
    return "".join(random.choices("0123456789abcdef", k=40))


def ruleset(
    *, reviews: dict[str, Any] | None = None, checks: dict[str, Any] | None = None, **changes: Any
) -> dict[str, Any]:
    """A ruleset that asks for everything, with some settings changed."""
    asked = {
        "required_approving_review_count": 1,
        "dismiss_stale_reviews_on_push": True,
        "require_code_owner_review": True,
        "require_last_push_approval": False,
        "required_review_thread_resolution": True,
    }
    policy = {
        "strict_required_status_checks_policy": True,
        "required_status_checks": [{"context": "tests"}, {"context": "lint"}],
    }
    made = {
        "name": "main",
        "target": "branch",
        "enforcement": "active",
        "conditions": {"ref_name": {"include": ["~DEFAULT_BRANCH"], "exclude": []}},
        "rules": [
            {"type": "deletion"},
            {"type": "required_status_checks", "parameters": policy | (checks or {})},
            {"type": "pull_request", "parameters": asked | (reviews or {})},
        ],
    }
    return made | changes


def review(user: str, state: str, commit: str) -> dict[str, Any]:
    return {"user": user, "state": state, "commit": commit}


def run(name: str, commit: str, conclusion: str | None) -> dict[str, Any]:
    return {"name": name, "commit": commit, "conclusion": conclusion}


def pull_request(**changes: Any) -> dict[str, Any]:
    """A pull request of ada's that `ruleset()` and CODEOWNERS let through, with some entries changed."""
    head = changes.get("head", commit_hash())
    made = {
        "number": random.randint(2, 900),
        "title": f"Read the {word()} once",
        "body": f"It took {word()} minutes.",
        "author": "ada",
        "draft": False,
        "head": head,
        "behind": 0,
        "closes": [],
        "files": [f"src/{word()}.py", f"docs/{word()}.md"],
        "commits": [{"login": "ada", "name": "Ada", "email": "ada@example.org", "message": "Read once"}],
        "reviews": [review("grace", "APPROVED", head)],
        "checks": [run("tests", head, "success"), run("lint", head, "success")],
        "resolved": [True, True],
        "teams": {"@acme/ml": ["ada", "grace", "alan"], "@acme/ops": ["edsger", "alan"]},
    }
    return made | changes


def random_ruleset() -> dict[str, Any]:
    return ruleset(
        reviews={
            "required_approving_review_count": random.choice([1, 1, 2, 3]),
            "dismiss_stale_reviews_on_push": random.random() < 0.6,
            "require_code_owner_review": random.random() < 0.8,
            "required_review_thread_resolution": random.random() < 0.6,
        },
        checks={
            "strict_required_status_checks_policy": random.random() < 0.6,
            "required_status_checks": [{"context": name} for name in random.sample(["tests", "lint", "docs"], k=2)],
        },
    )


def random_pull_request() -> dict[str, Any]:
    """A pull request in any state; each reason to hold it back is about as often there as not."""
    commits = [commit_hash() for _ in range(3)]
    later = commits[1:] + commits[2:] * 3
    states = ["APPROVED"] * 5 + ["CHANGES_REQUESTED", "COMMENTED", "COMMENTED", "DISMISSED"]
    conclusions = ["success"] * 6 + ["neutral", "skipped", "failure", "cancelled", None]
    runs = [run(name, random.choice(later), random.choice(conclusions)) for name in ["tests", "lint", "docs"] * 2]
    random.shuffle(runs)
    reviews = [
        review(random.choice(PEOPLE), random.choice(states), commit)
        for commit in sorted((random.choice(later) for _ in range(random.randint(0, 7))), key=commits.index)
    ]
    folders = random.sample(["src", "docs", "deploy", "tests"], k=random.randint(1, 3))
    return pull_request(
        author=random.choice(PEOPLE),
        draft=random.random() < 0.2,
        head=commits[-1],
        behind=random.choice([0, 0, 1, 12]),
        files=[f"{folder}/{word()}.py" for folder in folders],
        reviews=reviews,
        checks=runs,
        resolved=[random.random() < 0.8 for _ in range(random.randint(0, 3))],
    )
