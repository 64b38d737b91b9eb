"""May this pull request be merged? GitHub's rules, by hand."""

import re
from dataclasses import dataclass
from functools import cached_property
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


@dataclass(frozen=True)
class Line:
    """One line of CODEOWNERS that GitHub understands."""

    pattern: str
    owners: frozenset[str]

    @classmethod
    def read(cls, text: str) -> "Line | None":
        words = re.sub(r"#.*", "", text).split()
        if not words or re.search(r"^!|\[", words[0]):
            return None
        if not all(re.fullmatch(r"@[^/@\s]+(/[^/@\s]+)?|[^@\s]+@[^@\s]+", word) for word in words[1:]):
            return None
        return cls(words[0], frozenset(words[1:]))

    @cached_property
    def regex(self) -> re.Pattern[str]:
        """Token by token, as the pattern is read from left to right."""
        pattern = self.pattern
        start = "" if "/" in pattern.rstrip("/") else "(?:.*/)?"
        tokens = re.findall(r"\*\*/|\*\*|\*|\?|[^*?]+", pattern.removeprefix("/"))
        meaning = {"**/": "(?:.*/)?", "**": ".+", "*": "[^/]*", "?": "[^/]"}
        body = "".join(meaning.get(token) or re.escape(token) for token in tokens)
        if pattern.endswith("/"):
            return re.compile(start + body + ".+")
        if pattern.endswith("/*"):
            return re.compile(start + body[:-1] + "+")
        return re.compile(start + body + "(?:/.+)?")


def owners(codeowners: str, path: str) -> set[str]:
    """Return the owners of a path."""
    lines = [line for line in map(Line.read, codeowners.splitlines()) if line is not None]
    matching = [line for line in lines if line.regex.fullmatch(path)]
    return set(matching[-1].owners) if matching else set()


class Opinion:
    """What one person thinks, after all of their reviews."""

    def __init__(self) -> None:
        self.state = ""
        self.commit = ""

    def hear(self, review: Review) -> None:
        if review["state"] in {"APPROVED", "CHANGES_REQUESTED", "DISMISSED"}:
            self.state, self.commit = review["state"], review["commit"]


class Gate:
    """The merge button of one pull request."""

    def __init__(self, pr: PullRequest, ruleset: Ruleset, codeowners: str) -> None:
        self.pr, self.codeowners = pr, codeowners
        self.rules: dict[str, Any] = {}
        if ruleset["enforcement"] == "active":
            for rule in ruleset["rules"]:
                self.rules[rule["type"]] = rule.get("parameters", {})
        self.opinions: dict[str, Opinion] = {}
        for review in pr["reviews"]:
            self.opinions.setdefault(review["user"], Opinion()).hear(review)
        self.opinions.pop(pr["author"], None)

    @property
    def reviews(self) -> dict[str, Any]:
        return self.rules.get("pull_request", {})

    @property
    def policy(self) -> dict[str, Any]:
        return self.rules.get("required_status_checks", {})

    @cached_property
    def approving(self) -> set[str]:
        everybody = {user for user, opinion in self.opinions.items() if opinion.state == "APPROVED"}
        if self.reviews.get("dismiss_stale_reviews_on_push"):
            return {user for user in everybody if self.opinions[user].commit == self.pr["head"]}
        return everybody

    def draft(self) -> bool:
        return self.pr["draft"]

    def approvals(self) -> bool:
        return len(self.approving) < self.reviews.get("required_approving_review_count", 0)

    def changes_requested(self) -> bool:
        return "pull_request" in self.rules and "CHANGES_REQUESTED" in {each.state for each in self.opinions.values()}

    def code_owners(self) -> bool:
        if not self.reviews.get("require_code_owner_review"):
            return False
        speaking_for = {f"@{user}" for user in self.approving}
        speaking_for |= {team for team, members in self.pr["teams"].items() if self.approving & set(members)}
        wanted = [owners(self.codeowners, path) for path in self.pr["files"]]
        return any(named and not named & speaking_for for named in wanted)

    def conversations(self) -> bool:
        return bool(self.reviews.get("required_review_thread_resolution")) and not all(self.pr["resolved"])

    def checks(self) -> bool:
        on_head = {run["name"]: run["conclusion"] for run in self.pr["checks"] if run["commit"] == self.pr["head"]}
        good = {name for name, conclusion in on_head.items() if conclusion in ("success", "neutral", "skipped")}
        return not {check["context"] for check in self.policy.get("required_status_checks", [])} <= good

    def behind(self) -> bool:
        return bool(self.policy.get("strict_required_status_checks_policy") and self.pr["behind"])


def blockers(pr: PullRequest, ruleset: Ruleset, codeowners: str) -> list[str]:
    """Return what keeps a pull request from being merged."""
    gate = Gate(pr, ruleset, codeowners)
    words = ["behind", "checks", "conversations", "code owners", "changes requested", "approvals", "draft"]
    return [word for word in words if getattr(gate, word.replace(" ", "_"))()]


@dataclass(frozen=True)
class Person:
    """Somebody who worked on it; the address, in lower case, says who it is."""

    name: str
    email: str

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Person) and self.email.lower() == other.email.lower()

    def __hash__(self) -> int:
        return hash(self.email.lower())


class Message:
    """The squashed commit's message."""

    def __init__(self, pr: PullRequest) -> None:
        self.pr = pr

    def __str__(self) -> str:
        return "\n\n".join(filter(None, [self.subject, self.description, self.issues, self.people]))

    @property
    def subject(self) -> str:
        number = f"(#{self.pr['number']})"
        words = self.pr["title"].split()
        whole = " ".join([*words, number])
        kept = len(words)
        while len(whole) > 72:
            kept -= 1
            whole = " ".join(words[:kept]) + f"… {number}"
        return whole

    @property
    def description(self) -> str:
        pieces = re.split(r"<!--[\s\S]*?-->", self.pr["body"])
        return "".join(pieces).strip()

    @property
    def issues(self) -> str:
        return "\n".join(f"Closes #{issue}" for issue in self.pr["closes"])

    @property
    def people(self) -> str:
        authors = [(commit["login"], Person(commit["name"], commit["email"])) for commit in self.pr["commits"]]
        own = {person for login, person in authors if login == self.pr["author"]}
        named = [
            Person(*match)
            for commit in self.pr["commits"]
            for match in re.findall(r"(?im)^co-authored-by: *([^<\n]*[^<\s]) *<([^>\n]+)>", commit["message"])
        ]
        everybody = dict.fromkeys([person for _, person in authors] + named)
        return "\n".join(f"Co-authored-by: {each.name} <{each.email}>" for each in everybody if each not in own)


def squash_message(pr: PullRequest) -> str:
    """Return the message of the one commit that remains."""
    return str(Message(pr))
