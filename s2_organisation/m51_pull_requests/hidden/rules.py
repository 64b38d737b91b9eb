"""GitHub's rules for owners and merges, as the judge has them; what they say is in the exercise's text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

REASONS = ("draft", "approvals", "changes requested", "code owners", "conversations", "checks", "behind")
_OWNER = re.compile(r"@[A-Za-z0-9-]+(/[A-Za-z0-9_.-]+)?|[A-Za-z0-9_.+-]+@[A-Za-z0-9_.-]+")
_BELOW = "**"


# ------------------------------------------------------------------------------------------------------------- owners


def lines_of(codeowners: str) -> Iterator[tuple[str, list[str]]]:
    """Pattern and owners of each line that holds something."""
    for line in codeowners.splitlines():
        words = line.split("#")[0].split()
        if words:
            yield words[0], words[1:]


def understood(pattern: str, owners: list[str]) -> bool:
    """Whether GitHub reads such a line, or skips it."""
    return not pattern.startswith("!") and "[" not in pattern and all(_OWNER.fullmatch(owner) for owner in owners)


def owners_of(codeowners: str, path: str) -> set[str]:
    """The owners of a path: those of the last line that matches it."""
    for pattern, owners in reversed(list(lines_of(codeowners))):
        if understood(pattern, owners) and matches(pattern, path):
            return set(owners)
    return set()


def matches(pattern: str, path: str) -> bool:
    """Whether a pattern owns a path."""
    parts, names = pattern.strip("/").split("/"), path.split("/")
    if not parts[-1]:
        return False
    anchored = "/" in pattern.rstrip("/")
    starts = [0] if anchored else range(len(names))
    return any(_owns(parts, names[start:], pattern) for start in starts)


def _owns(parts: list[str], names: list[str], pattern: str) -> bool:
    """Whether a pattern's parts match a path or, where that is meant, a folder above it."""
    whole = _match(parts, names)
    if pattern.endswith("/"):
        return any(_match(parts, names[:end]) for end in range(1, len(names)))
    if pattern.endswith("/*"):
        return whole
    return whole or any(_match(parts, names[:end]) for end in range(1, len(names)))


def _match(parts: list[str], names: list[str]) -> bool:
    """Match part by part: `reached` holds how many names may have been used up so far. No backtracking."""
    reached = {0}
    for place, part in enumerate(parts):
        if part == _BELOW:
            at_least = 1 if place == len(parts) - 1 else 0
            first = min(reached, default=len(names) + 1)
            reached = set(range(first + at_least, len(names) + 1))
        else:
            reached = {count + 1 for count in reached if count < len(names) and _name_matches(part, names[count])}
    return len(names) in reached


def _name_matches(part: str, name: str) -> bool:
    """Match one name, `*` and `?` as usual, in time that is the product of the two lengths."""
    reached = {0}
    for character in part:
        if character == "*":
            reached = set(range(min(reached, default=len(name) + 1), len(name) + 1))
        else:
            reached = {at + 1 for at in reached if at < len(name) and character in ("?", name[at])}
    return len(name) in reached


# ------------------------------------------------------------------------------------------------------------- merges


def blockers_of(pr: dict[str, Any], ruleset: dict[str, Any], codeowners: str) -> set[str]:
    """Every reason why a pull request may not be merged."""
    active = ruleset["enforcement"] == "active"
    rules = {rule["type"]: rule.get("parameters", {}) for rule in ruleset["rules"]} if active else {}
    found = {"draft"} if pr["draft"] else set()
    if "pull_request" in rules:
        found |= _about_reviews(pr, rules["pull_request"], codeowners)
    if "required_status_checks" in rules:
        found |= _about_checks(pr, rules["required_status_checks"])
    return found


def _about_reviews(pr: dict[str, Any], asked: dict[str, Any], codeowners: str) -> set[str]:
    opinions: dict[str, tuple[str, str]] = {}
    for review in pr["reviews"]:
        if review["state"] in ("APPROVED", "CHANGES_REQUESTED", "DISMISSED") and review["user"] != pr["author"]:
            opinions[review["user"]] = (review["state"], review["commit"])
    stale_count = not asked["dismiss_stale_reviews_on_push"]
    approving = {
        user
        for user, (state, commit) in opinions.items()
        if state == "APPROVED" and (stale_count or commit == pr["head"])
    }
    found = set()
    if len(approving) < asked["required_approving_review_count"]:
        found.add("approvals")
    if any(state == "CHANGES_REQUESTED" for state, _ in opinions.values()):
        found.add("changes requested")
    if asked["require_code_owner_review"] and any(
        not approving & _people(owners, pr["teams"])
        for owners in (owners_of(codeowners, path) for path in pr["files"])
        if owners
    ):
        found.add("code owners")
    if asked["required_review_thread_resolution"] and False in pr["resolved"]:
        found.add("conversations")
    return found


def _people(owners: set[str], teams: dict[str, list[str]]) -> set[str]:
    found = {owner[1:] for owner in owners if "/" not in owner}
    return found.union(*(teams.get(owner, []) for owner in owners))


def _about_checks(pr: dict[str, Any], asked: dict[str, Any]) -> set[str]:
    found = set()
    for required in asked["required_status_checks"]:
        runs = [run for run in pr["checks"] if run["name"] == required["context"] and run["commit"] == pr["head"]]
        if not runs or runs[-1]["conclusion"] not in ("success", "neutral", "skipped"):
            found.add("checks")
    if asked["strict_required_status_checks_policy"] and pr["behind"]:
        found.add("behind")
    return found
