"""May this pull request be merged? GitHub's rules, by hand."""

import re
from itertools import takewhile, accumulate
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


_TOKENS = [
    (r"^(?!/)(?=[^/]*/?$)", r"**/"),  # no slash, or one at the end: in every folder
    (r"^/", ""),
    (r"/$", "/**"),
]
_MEANING = {"**/": r"(?:[^/]+/)*", "/**/": r"/(?:[^/]+/)*", "/**": r"/.+", "**": r".+", "*": r"[^/]*", "?": r"[^/]"}


def _regex(pattern: str) -> str:
    whole = pattern
    for old, new in _TOKENS:
        whole = re.sub(old, new, whole)
    body = re.sub(
        r"/\*\*/|^\*\*/|/\*\*$|^\*\*$|\*|\?|[^*?/]+|/",
        lambda found: _MEANING.get(found[0], re.escape(found[0])),
        whole,
    )
    return body + ("" if re.search(r"/\*$", pattern) else r"(?:/.+)?")


def owners(codeowners: str, path: str) -> set[str]:
    return next(
        (
            set(named)
            for pattern, *named in filter(None, (line.split("#")[0].split() for line in codeowners.splitlines()[::-1]))
            if re.match(r"[^!\[][^\[]*$", pattern)
            and all(re.match(r"@?\w[\w.+-]*(?:$|[/@][\w.-]+$)", name) and "@" in name for name in named)
            and re.fullmatch(_regex(pattern), path)
        ),
        set(),
    )


def blockers(pr: PullRequest, ruleset: Ruleset, codeowners: str) -> list[str]:
    nothing: dict[str, Any] = {}
    rules = {each["type"]: each.get("parameters", nothing) for each in ruleset["rules"]}
    rules = rules if ruleset["enforcement"] == "active" else {}
    asked, policy = rules.get("pull_request", nothing), rules.get("required_status_checks", nothing)
    opinions = {r["user"]: r for r in pr["reviews"] if r["state"] != "COMMENTED" and r["user"] != pr["author"]}
    stale = (lambda r: r["commit"] != pr["head"]) if asked.get("dismiss_stale_reviews_on_push") else (lambda r: False)
    yes = {user for user, r in opinions.items() if r["state"] == "APPROVED" and not stale(r)}
    may_say_yes = [
        set().union(*(pr["teams"].get(name, [name[1:]]) for name in named))
        for named in (owners(codeowners, path) for path in pr["files"])
        if named
    ]
    runs = {run["name"]: run["conclusion"] for run in pr["checks"] if run["commit"] == pr["head"]}
    required = {check["context"] for check in policy.get("required_status_checks", [])}
    return [
        word
        for word, holds in {
            "draft": pr["draft"],
            "approvals": len(yes) < asked.get("required_approving_review_count", 0),
            "changes requested": asked and any(r["state"] == "CHANGES_REQUESTED" for r in opinions.values()),
            "code owners": asked.get("require_code_owner_review") and not all(people & yes for people in may_say_yes),
            "conversations": asked.get("required_review_thread_resolution") and not all(pr["resolved"]),
            "checks": any(runs.get(name) not in {"success", "neutral", "skipped"} for name in required),
            "behind": policy.get("strict_required_status_checks_policy") and pr["behind"] > 0,
        }.items()
        if holds
    ]


def squash_message(pr: PullRequest) -> str:
    tail = f" (#{pr['number']})"
    room = 72 - len(tail)
    title = pr["title"].strip()
    if len(title) > room:
        starts = accumulate(title.split(), lambda left, right: f"{left} {right}")
        title = [*takewhile(lambda start: len(start) < room, starts)][-1] + "…"
    mine = {c["email"].lower() for c in pr["commits"] if c["login"] == pr["author"]}
    lines = [f"Co-authored-by: {c['name']} <{c['email']}>" for c in pr["commits"]]
    lines += [line.strip() for c in pr["commits"] for line in c["message"].splitlines()]
    lines = [line for line in lines if re.match(r"co-authored-by:", line, re.I)]
    people = {re.search(r"<(.*)>", line)[1].lower(): re.sub(r"^[^:]*:\s*", "", line) for line in reversed(lines)}
    return "\n\n".join(
        part
        for part in (
            title + tail,
            re.sub(r"<!--(?:(?!-->).|\n)*-->", "", pr["body"]).strip(),
            "\n".join(f"Closes #{issue}" for issue in sorted(pr["closes"])),
            "\n".join(f"Co-authored-by: {people[email]}" for email in sorted({*people} - mine)),
        )
        if part
    )
