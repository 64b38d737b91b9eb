"""May this pull request be merged? GitHub's rules, by hand."""

import functools
import re
from typing import Any, TypedDict


class Review(TypedDict):
    """What somebody said about the pull request."""

    user: str
    state: str  # "APPROVED", "CHANGES_REQUESTED", "COMMENTED" or "DISMISSED"
    commit: str  # what the pull request's head was at that time


class Check(TypedDict):
    """One run of a check."""

    name: str
    commit: str
    conclusion: str | None  # "success", "failure", "skipped", "neutral", "cancelled", ...; None while it runs


class Commit(TypedDict):
    """A commit of the pull request."""

    login: str  # the author's account
    name: str
    email: str
    message: str


class PullRequest(TypedDict):
    """What GitHub knows about a pull request. Lists have the oldest entry first."""

    number: int
    title: str
    body: str  # the description
    author: str  # the account that opened it
    draft: bool
    head: str  # the newest commit of its branch
    behind: int  # commits of the base branch that its branch lacks
    closes: list[int]  # the issues that it closes
    files: list[str]  # the paths that it changes
    commits: list[Commit]
    reviews: list[Review]
    checks: list[Check]
    resolved: list[bool]  # one entry a conversation
    teams: dict[str, list[str]]  # the accounts in each team, such as {"@acme/ml": ["ada", "grace"]}


#: A ruleset as GitHub's REST API has it. `rules` is a list of {"type": ..., "parameters": {...}}, of these types:
#:
#: deletion, non_fast_forward, required_linear_history   no parameters: no deleting, no forced push, no merge commits
#: pull_request            required_approving_review_count (int), dismiss_stale_reviews_on_push (bool),
#:                         require_code_owner_review (bool), require_last_push_approval (bool),
#:                         required_review_thread_resolution (bool), allowed_merge_methods (list of "merge", "squash",
#:                         "rebase"; optional)
#: required_status_checks  required_status_checks ([{"context": name of the check}, ...]),
#:                         strict_required_status_checks_policy (bool)
Ruleset = dict[str, Any]


OWNER = re.compile(r"@[\w.-]+(/[\w.-]+)?|[^@\s]+@[^@\s]+\.[^@\s]+")
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
CO_AUTHOR = re.compile(r"^co-authored-by:[ \t]*(.*?)[ \t]*<([^<>\n]+)>[ \t\r]*$", re.IGNORECASE | re.MULTILINE)
LONGEST = 72


@functools.cache
def compiled(pattern: str) -> re.Pattern[str]:
    """The regular expression for all paths that belong to a pattern, to be matched as a whole."""
    folder_only = pattern.endswith("/")
    anchored = "/" in pattern.rstrip("/")
    parts = [part for part in pattern.split("/") if part]
    if not parts:
        return re.compile(r"(?!)")  # a slash alone matches nothing
    regex = "" if anchored else "(?:.+/)?"
    for place, part in enumerate(parts):
        last = place == len(parts) - 1
        if part == "**":
            regex += ".+" if last else "(?:.+/)?"
            continue
        for char in part:
            regex += {"*": "[^/]*", "?": "[^/]"}.get(char, re.escape(char))
        regex += "" if last else "/"
    if folder_only:
        regex += "/.+"
    elif not pattern.endswith("/*"):
        regex += "(?:/.+)?"
    return re.compile(regex, re.DOTALL)


def rules_of(codeowners: str) -> list[tuple[str, list[str]]]:
    """The lines that GitHub understands: pattern and owners."""
    found = []
    for line in codeowners.splitlines():
        words = line.partition("#")[0].split()
        if not words or words[0].startswith("!") or "[" in words[0]:
            continue
        if all(OWNER.fullmatch(word) for word in words[1:]):
            found.append((words[0], words[1:]))
    return found


def owners(codeowners: str, path: str) -> set[str]:
    """Return the owners of a path, as they are written in the text of a CODEOWNERS file; empty where it has none."""
    for pattern, people in reversed(rules_of(codeowners)):
        if compiled(pattern).fullmatch(path):
            return set(people)
    return set()


def opinions(pr: PullRequest, stale_are_dismissed: bool) -> dict[str, str]:
    """What everybody but the author thinks in the end."""
    last = {review["user"]: review for review in pr["reviews"] if review["state"] != "COMMENTED"}
    last.pop(pr["author"], None)
    return {
        user: review["state"]
        for user, review in last.items()
        if not (stale_are_dismissed and review["state"] == "APPROVED" and review["commit"] != pr["head"])
    }


def owned_by(pr: PullRequest, people: set[str], approving: set[str]) -> bool:
    accounts = {member for name in people for member in pr["teams"].get(name, [name.removeprefix("@")])}
    return bool(accounts & approving)


def blockers(pr: PullRequest, ruleset: Ruleset, codeowners: str) -> list[str]:
    """Return what keeps a pull request from being merged, in the words of task 3, each once; [] when nothing does."""
    missing = {"draft": pr["draft"]}
    active = ruleset.get("enforcement") == "active"
    rules = {rule["type"]: rule.get("parameters", {}) for rule in ruleset.get("rules", []) if active}

    if (rule := rules.get("pull_request")) is not None:
        thoughts = opinions(pr, rule.get("dismiss_stale_reviews_on_push", False))
        approving = {user for user, state in thoughts.items() if state == "APPROVED"}
        missing["approvals"] = len(approving) < rule.get("required_approving_review_count", 0)
        missing["changes requested"] = "CHANGES_REQUESTED" in thoughts.values()
        asked = [owners(codeowners, path) for path in pr["files"]] if rule.get("require_code_owner_review") else []
        missing["code owners"] = any(people and not owned_by(pr, people, approving) for people in asked)
        missing["conversations"] = bool(rule.get("required_review_thread_resolution")) and not all(pr["resolved"])

    if (rule := rules.get("required_status_checks")) is not None:
        ended = {check["name"]: check["conclusion"] for check in pr["checks"] if check["commit"] == pr["head"]}
        wanted = [check["context"] for check in rule.get("required_status_checks", [])]
        missing["checks"] = any(ended.get(name) not in ("success", "neutral", "skipped") for name in wanted)
        missing["behind"] = bool(rule.get("strict_required_status_checks_policy")) and pr["behind"] > 0
    return [word for word, true in missing.items() if true]


def subject(title: str, number: int) -> str:
    tail = f" (#{number})"
    if len(title + tail) <= LONGEST:
        return title + tail
    ends = [match.end() for match in re.finditer(r"\S+", title)]
    fitting = [end for end in ends if end + 1 + len(tail) <= LONGEST]
    return title[: max(fitting, default=0)] + "…" + tail


def squash_message(pr: PullRequest) -> str:
    """Return the message of the one commit that the pull request becomes when it is merged by squashing."""
    people: dict[str, str] = {}
    his = {commit["email"].casefold() for commit in pr["commits"] if commit["login"] == pr["author"]}
    for commit in pr["commits"]:
        named = [(commit["name"], commit["email"])] + CO_AUTHOR.findall(commit["message"])
        for name, email in named:
            if email.casefold() not in his:
                people.setdefault(email.casefold(), f"Co-authored-by: {name} <{email}>")
    parts = [
        subject(pr["title"].strip(), pr["number"]),
        COMMENT.sub("", pr["body"]).strip(),
        "\n".join(f"Closes #{issue}" for issue in pr["closes"]),
        "\n".join(people.values()),
    ]
    return "\n\n".join(part for part in parts if part)
