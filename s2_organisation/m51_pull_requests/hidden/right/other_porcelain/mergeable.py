"""May this pull request be merged? GitHub's rules, by hand."""

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field
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


@dataclass
class Line:
    """A line of a CODEOWNERS file that GitHub understands."""

    pattern: str
    people: list[str] = field(default_factory=list)

    @classmethod
    def parse(cls, text: str) -> "Line | None":
        words: list[str] = []
        for word in text.split():
            if word[0] == "#":
                break
            words.append(word.split("#")[0])
            if "#" in word:
                break
        if not words or words[0][0] == "!" or "[" in words[0] or not all(map(is_owner, words[1:])):
            return None
        return cls(words[0], words[1:])

    def covers(self, path: str) -> bool:
        names = path.split("/")
        parts = self.pattern.strip("/").split("/")
        if parts == [""]:
            return False
        if "/" not in self.pattern[:-1]:
            parts = ["**", *parts]
        # the path itself, and each folder that it lies in
        lengths = range(1, len(names) + 1)
        if self.pattern.endswith("/"):
            lengths = range(1, len(names))
        elif self.pattern.endswith("/*"):
            lengths = range(len(names), len(names) + 1)
        return any(fits(parts, names[:length]) for length in lengths)


def is_owner(word: str) -> bool:
    before, at, behind = word.partition("@")
    if not at or "@" in behind or not behind:
        return False
    if before:  # an email address
        return "." in behind.strip(".") and "/" not in word
    pieces = behind.split("/")
    return len(pieces) <= 2 and all(piece.replace("-", "").replace("_", "").replace(".", "").isalnum() for piece in pieces)


def fits(parts: list[str], names: list[str]) -> bool:
    if not parts:
        return not names
    first, rest = parts[0], parts[1:]
    if first == "**":
        if not rest:
            return len(names) > 0
        return any(fits(rest, names[skip:]) for skip in range(len(names) + 1))
    return bool(names) and fnmatchcase(names[0], first) and fits(rest, names[1:])


def owners(codeowners: str, path: str) -> set[str]:
    """Return the owners of a path, as they are written in the text of a CODEOWNERS file; empty where it has none."""
    answer: set[str] = set()
    for line in map(Line.parse, codeowners.split("\n")):
        if line is not None and line.covers(path):
            answer = set(line.people)
    return answer


class Question:
    """A pull request, seen by a ruleset."""

    GOOD = frozenset({"success", "neutral", "skipped"})

    def __init__(self, pr: PullRequest, ruleset: Ruleset, codeowners: str) -> None:
        self.pr, self.codeowners = pr, codeowners
        self.rules = ruleset["rules"] if ruleset["enforcement"] == "active" else []
        self.opinion: dict[str, Review] = {}
        for review in pr["reviews"]:
            if review["user"] != pr["author"] and review["state"] != "COMMENTED":
                self.opinion[review["user"]] = review

    def approving(self, rule: dict[str, Any]) -> set[str]:
        return {
            user
            for user, review in self.opinion.items()
            if review["state"] == "APPROVED"
            and (review["commit"] == self.pr["head"] or not rule["dismiss_stale_reviews_on_push"])
        }

    def pull_request(self, rule: dict[str, Any]) -> Iterator[str]:
        yes = self.approving(rule)
        names = {f"@{user}" for user in yes} | {team for team, who in self.pr["teams"].items() if yes & set(who)}
        if rule["required_review_thread_resolution"] and False in self.pr["resolved"]:
            yield "conversations"
        if rule["require_code_owner_review"]:
            for path in self.pr["files"]:
                wanted = owners(self.codeowners, path)
                if wanted and wanted.isdisjoint(names):
                    yield "code owners"
        if any(review["state"] == "CHANGES_REQUESTED" for review in self.opinion.values()):
            yield "changes requested"
        if len(yes) < rule["required_approving_review_count"]:
            yield "approvals"

    def required_status_checks(self, rule: dict[str, Any]) -> Iterator[str]:
        if rule["strict_required_status_checks_policy"] and self.pr["behind"]:
            yield "behind"
        for wanted in rule["required_status_checks"]:
            for check in reversed(self.pr["checks"]):
                if check["name"] == wanted["context"] and check["commit"] == self.pr["head"]:
                    if check["conclusion"] not in self.GOOD:
                        yield "checks"
                    break
            else:
                yield "checks"

    def all(self) -> Iterator[str]:
        for rule in self.rules:
            method = getattr(self, rule["type"], None) if rule["type"] in ("pull_request", "required_status_checks") else None
            if method:
                yield from method(rule["parameters"])
        if self.pr["draft"]:
            yield "draft"


def blockers(pr: PullRequest, ruleset: Ruleset, codeowners: str) -> list[str]:
    """Return what keeps a pull request from being merged, in the words of task 3, each once; [] when nothing does."""
    return sorted(set(Question(pr, ruleset, codeowners).all()))


def without_comments(text: str) -> str:
    kept = ""
    while "<!--" in text:
        before, _, rest = text.partition("<!--")
        inside, closed, behind = rest.partition("-->")
        if not closed:
            break
        kept += before
        text = behind
    return (kept + text).strip()


def people_of(pr: PullRequest) -> Iterator[tuple[str, str, bool]]:
    """Name, address, and whether that is the author's account, of all who wrote something."""
    for commit in pr["commits"]:
        yield commit["name"], commit["email"], commit["login"] == pr["author"]
    for commit in pr["commits"]:
        for line in commit["message"].splitlines():
            key, colon, value = line.partition(":")
            if colon and key.lower() == "co-authored-by" and value.rstrip().endswith(">") and "<" in value:
                name, _, email = value.strip()[:-1].rpartition("<")
                yield name.strip(), email.strip(), False


def squash_message(pr: PullRequest) -> str:
    """Return the message of the one commit that the pull request becomes when it is merged by squashing."""
    number = f" (#{pr['number']})"
    title = pr["title"]
    if len(title) + len(number) > 72:
        words, title = title.split(), "…"
        while words and len(" ".join(words)) + 1 + len(number) > 72:
            words.pop()
        title = " ".join(words) + "…"
    everybody = list(people_of(pr))
    seen = {email.lower() for _, email, author in everybody if author}
    thanks = []
    for name, email, _ in everybody:
        if email.lower() not in seen:
            seen.add(email.lower())
            thanks.append(f"Co-authored-by: {name} <{email}>")
    message = title + number
    for part in (without_comments(pr["body"]), "\n".join(f"Closes #{n}" for n in pr["closes"]), "\n".join(thanks)):
        if part:
            message += "\n\n" + part
    return message
