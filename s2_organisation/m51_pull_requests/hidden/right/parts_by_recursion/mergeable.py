"""May this pull request be merged? GitHub's rules, by hand."""

from fnmatch import fnmatchcase
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


PASSING = {"success", "neutral", "skipped"}


def readable(owner: str) -> bool:
    before, at, after = owner.partition("@")
    return bool(at and after) and ("/" not in owner or not before)


def owners(codeowners: str, path: str) -> set[str]:
    """Go through the lines from the end: the first that matches is the last of the file."""
    for line in reversed(codeowners.split("\n")):
        pattern, *named = line.split("#")[0].split() or [""]
        if not pattern or pattern[0] == "!" or "[" in pattern or not all(map(readable, named)):
            continue
        if owns(pattern, path):
            return set(named)
    return set()


def owns(pattern: str, path: str) -> bool:
    anchored = "/" in pattern[:-1]
    folder_only = pattern.endswith("/")
    parts = pattern.strip("/").split("/")
    names = path.split("/")
    if not anchored:
        parts = ["**", *parts]
    # How many of the path's names the pattern may use up: all of them, or fewer where a folder owns what is below.
    ends = [] if folder_only else [len(names)]
    if not (anchored and parts[-1] == "*"):
        ends += range(1, len(names))
    return any(fits(parts, names[:end]) for end in ends)


def fits(parts: list[str], names: list[str]) -> bool:
    if not parts:
        return not names
    first, *rest = parts
    if first == "**":
        if not rest:
            return bool(names)
        return any(fits(rest, names[skipped:]) for skipped in range(len(names) + 1))
    return bool(names) and fnmatchcase(names[0], first) and fits(rest, names[1:])


def blockers(pr: PullRequest, ruleset: Ruleset, codeowners: str) -> list[str]:
    """A table of words and conditions."""
    rules = {rule["type"]: rule.get("parameters") or {} for rule in ruleset["rules"]}
    if ruleset["enforcement"] != "active":
        rules = {}
    about_reviews = rules.get("pull_request")
    about_checks = rules.get("required_status_checks")
    conditions = {"draft": pr["draft"]}
    if about_reviews is not None:
        verdicts = last_verdicts(pr)
        yes = who_approves(pr, verdicts, about_reviews["dismiss_stale_reviews_on_push"])
        conditions["approvals"] = len(yes) < about_reviews["required_approving_review_count"]
        conditions["changes requested"] = any(state == "CHANGES_REQUESTED" for state, _ in verdicts.values())
        conditions["code owners"] = about_reviews["require_code_owner_review"] and not all(
            approved(owners(codeowners, path), yes, pr["teams"]) for path in pr["files"]
        )
        conditions["conversations"] = about_reviews["required_review_thread_resolution"] and False in pr["resolved"]
    if about_checks is not None:
        conditions["checks"] = not all(passes(pr, check["context"]) for check in about_checks["required_status_checks"])
        conditions["behind"] = about_checks["strict_required_status_checks_policy"] and pr["behind"] > 0
    return [word for word, holds in conditions.items() if holds]


def last_verdicts(pr: PullRequest) -> dict[str, tuple[str, str]]:
    verdicts: dict[str, tuple[str, str]] = {}
    for review in pr["reviews"]:
        if review["state"] == "COMMENTED" or review["user"] == pr["author"]:
            continue
        verdicts[review["user"]] = review["state"], review["commit"]
    return verdicts


def who_approves(pr: PullRequest, verdicts: dict[str, tuple[str, str]], fresh: bool) -> set[str]:
    wanted = [pr["head"]] if fresh else [commit for _, commit in verdicts.values()]
    return {user for user, (state, commit) in verdicts.items() if state == "APPROVED" and commit in wanted}


def approved(named: set[str], yes: set[str], teams: dict[str, list[str]]) -> bool:
    if not named:
        return True
    return any(f"@{user}" in named or any(user in teams.get(team, ()) for team in named) for user in yes)


def passes(pr: PullRequest, name: str) -> bool:
    for check in reversed(pr["checks"]):
        if (check["name"], check["commit"]) == (name, pr["head"]):
            return check["conclusion"] in PASSING
    return False


def squash_message(pr: PullRequest) -> str:
    """Paragraph by paragraph."""
    ending = f" (#{pr['number']})"
    first = pr["title"].strip() + ending
    if len(first) > 72:
        kept = pr["title"].strip()[: 72 - len(ending)]  # one character more than fits before the dots: maybe a space
        first = kept.rpartition(" ")[0].rstrip() + "…" + ending
    message = first
    description = uncommented(pr["body"])
    if description:
        message += "\n\n" + description
    if pr["closes"]:
        message += "\n"
    for number in pr["closes"]:
        message += f"\nCloses #{number}"
    people = others(pr)
    if people:
        message += "\n"
    for person in people:
        message += f"\nCo-authored-by: {person}"
    return message + "\n"


def uncommented(text: str) -> str:
    while (start := text.find("<!--")) >= 0:
        end = text.find("-->", start)
        text = text[:start] + text[end + 3 :] if end >= 0 else text[:start]
    return text.strip()


def others(pr: PullRequest) -> list[str]:
    seen = {commit["email"].casefold() for commit in pr["commits"] if commit["login"] == pr["author"]}
    found = []
    for commit in pr["commits"]:
        candidates = [f"{commit['name']} <{commit['email']}>"]
        for line in commit["message"].splitlines():
            key, _, value = line.partition(":")
            if key.strip().lower() == "co-authored-by":
                candidates.append(value.strip())
        for candidate in candidates:
            email = candidate[candidate.index("<") + 1 : candidate.index(">")].casefold()
            if email not in seen:
                seen.add(email)
                found.append(candidate)
    return found
