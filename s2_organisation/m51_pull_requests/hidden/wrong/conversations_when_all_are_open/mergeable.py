"""May this pull request be merged? GitHub's rules, by hand."""

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


SUBJECT_LENGTH = 72
OWNER = re.compile(r"@[\w-]+(?:/[\w.-]+)?|[^@\s]+@[^@\s]+")
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
CO_AUTHOR = re.compile(r"^co-authored-by:\s*(.+?)\s*<(.+?)>\s*$", re.IGNORECASE | re.MULTILINE)


def owners(codeowners: str, path: str) -> set[str]:
    """Return the owners of a path, as they are written in the text of a CODEOWNERS file; empty where it has none."""
    found: set[str] = set()
    for line in codeowners.splitlines():
        words = line.partition("#")[0].split()
        if not words or words[0].startswith("!") or "[" in words[0]:
            continue
        if all(OWNER.fullmatch(word) for word in words[1:]) and expression(words[0]).fullmatch(path):
            found = set(words[1:])
    return found


def expression(pattern: str) -> re.Pattern[str]:
    """Return the regular expression of all paths that a pattern owns."""
    parts = pattern.strip("/").split("/")
    if "/" not in pattern.rstrip("/"):
        parts.insert(0, "**")
    *folders, last = parts
    before = "".join("(?:[^/]+/)*" if folder == "**" else translated(folder) + "/" for folder in folders)
    if last == "**":
        return re.compile(before + ".+")
    if pattern.endswith("/"):
        return re.compile(before + translated(last) + "/.+")
    below = "" if pattern.endswith("/*") else "(?:/.+)?"
    return re.compile(before + translated(last) + below)


def translated(part: str) -> str:
    """Return the regular expression of one part of a pattern, which has no slash."""
    return "".join({"*": "[^/]*", "?": "[^/]"}.get(character, re.escape(character)) for character in part)


def parameters(ruleset: Ruleset, kind: str) -> dict[str, Any] | None:
    """Return the parameters of a rule; None where the ruleset does not ask for it."""
    if ruleset["enforcement"] != "active":
        return None
    found = [rule.get("parameters", {}) for rule in ruleset["rules"] if rule["type"] == kind]
    return found[0] if found else None


def blockers(pr: PullRequest, ruleset: Ruleset, codeowners: str) -> list[str]:
    """Return what keeps a pull request from being merged, in the words of task 3, each once; [] when nothing does."""
    found = ["draft"] if pr["draft"] else []
    if (asked := parameters(ruleset, "pull_request")) is not None:
        found += missing_reviews(pr, asked, codeowners)
    if (asked := parameters(ruleset, "required_status_checks")) is not None:
        found += missing_checks(pr, asked)
    return found


def missing_reviews(pr: PullRequest, asked: dict[str, Any], codeowners: str) -> list[str]:
    """Return the words for what reviewers have not said yet."""
    opinions = {
        review["user"]: review
        for review in pr["reviews"]
        if review["state"] != "COMMENTED" and review["user"] != pr["author"]
    }
    approving = {
        user
        for user, review in opinions.items()
        if review["state"] == "APPROVED"
        and (review["commit"] == pr["head"] or not asked["dismiss_stale_reviews_on_push"])
    }
    found = []
    if len(approving) < asked["required_approving_review_count"]:
        found.append("approvals")
    if any(review["state"] == "CHANGES_REQUESTED" for review in opinions.values()):
        found.append("changes requested")
    if asked["require_code_owner_review"]:
        wanted = [accounts(owners(codeowners, path), pr["teams"]) for path in pr["files"] if owners(codeowners, path)]
        if any(approving.isdisjoint(people) for people in wanted):
            found.append("code owners")
    if asked["required_review_thread_resolution"] and pr["resolved"] and not any(pr["resolved"]):
        found.append("conversations")
    return found


def accounts(named: set[str], teams: dict[str, list[str]]) -> set[str]:
    """Return the accounts that are named, or members of a team that is."""
    return {member for name in named for member in teams.get(name, [name.removeprefix("@")])}


def missing_checks(pr: PullRequest, asked: dict[str, Any]) -> list[str]:
    """Return the words for what the checks have not shown yet."""
    last = {check["name"]: check["conclusion"] for check in pr["checks"] if check["commit"] == pr["head"]}
    required = [check["context"] for check in asked["required_status_checks"]]
    found = []
    if any(last.get(name) not in ("success", "neutral", "skipped") for name in required):
        found.append("checks")
    if asked["strict_required_status_checks_policy"] and pr["behind"] > 0:
        found.append("behind")
    return found


def squash_message(pr: PullRequest) -> str:
    """Return the message of the one commit that the pull request becomes when it is merged by squashing."""
    parts = [
        subject(pr["title"].strip(), f" (#{pr['number']})"),
        COMMENT.sub("", pr["body"]).strip(),
        "\n".join(f"Closes #{number}" for number in pr["closes"]),
        "\n".join(f"Co-authored-by: {name} <{email}>" for name, email in co_authors(pr)),
    ]
    return "\n\n".join(part for part in parts if part)


def subject(title: str, number: str) -> str:
    """Return title and number, the title cut where both are too long together."""
    if len(title + number) <= SUBJECT_LENGTH:
        return title + number
    words = title.split()
    while len(" ".join(words) + "…" + number) > SUBJECT_LENGTH:
        words.pop()
    return " ".join(words) + "…" + number


def co_authors(pr: PullRequest) -> list[tuple[str, str]]:
    """Return name and address of everybody who worked on it, except for the pull request's author."""
    people = {commit["email"].lower(): (commit["name"], commit["email"]) for commit in pr["commits"]}
    for commit in pr["commits"]:
        for name, email in CO_AUTHOR.findall(commit["message"]):
            people.setdefault(email.lower(), (name, email))
    own = {commit["email"].lower() for commit in pr["commits"] if commit["login"] == pr["author"]}
    return [person for email, person in people.items() if email not in own]
