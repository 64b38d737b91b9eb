"""May this pull request be merged? GitHub's rules, by hand."""

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


def name_matches(pattern: str, name: str) -> bool:
    """Two fingers, one on each text; after a star the second may go back."""
    p = n = 0
    star = back = -1
    while n < len(name):
        if p < len(pattern) and pattern[p] == "*":
            star, back = p, n
            p = p + 1
        elif p < len(pattern) and (pattern[p] == "?" or pattern[p] == name[n]):
            p = p + 1
            n = n + 1
        elif star >= 0:
            back = back + 1
            p, n = star + 1, back
        else:
            return False
    while p < len(pattern) and pattern[p] == "*":
        p = p + 1
    return p == len(pattern)


def path_matches(pattern: str, path: str) -> bool:
    folder = pattern[-1] == "/"
    text = pattern[:-1] if folder else pattern
    anchored = text.find("/") != -1
    if text[:1] == "/":
        text = text[1:]
    parts = text.split("/")
    if not anchored:
        parts.insert(0, "**")
    names = path.split("/")
    # table[i][j]: the first i parts match the first j names
    table = [[False] * (len(names) + 1) for _ in range(len(parts) + 1)]
    table[0][0] = True
    for i in range(1, len(parts) + 1):
        part = parts[i - 1]
        for j in range(0, len(names) + 1):
            if part == "**":
                table[i][j] = table[i - 1][j] or (j > 0 and table[i][j - 1])
            elif j > 0:
                table[i][j] = table[i - 1][j - 1] and name_matches(part, names[j - 1])
    last = table[len(parts)]
    if parts[-1] == "**":
        before = table[len(parts) - 1]
        return True in before[: len(names)]
    if not folder and last[len(names)]:
        return True
    if anchored and parts[-1] == "*":
        return folder and True in last[1 : len(names)]
    return True in last[1 : len(names)]


def is_owner(word: str) -> bool:
    if word.startswith("@"):
        return len(word) > 1 and word.count("@") == 1 and word.count("/") < 2
    return word.count("@") == 1 and not word.endswith("@") and "/" not in word


def owners(codeowners: str, path: str) -> set[str]:
    result: set[str] = set()
    for line in codeowners.splitlines():
        words = []
        for word in line.split():
            if "#" in word:
                if not word.startswith("#"):
                    words.append(word[: word.index("#")])
                break
            words.append(word)
        if len(words) == 0:
            continue
        pattern = words.pop(0)
        if pattern.startswith("!") or "[" in pattern:
            continue
        valid = True
        for word in words:
            if not is_owner(word):
                valid = False
        if valid and path_matches(pattern, path):
            result = set(words)
    return result


def rule(ruleset: Ruleset, name: str) -> Any:
    if ruleset["enforcement"] == "active":
        for one in ruleset["rules"]:
            if one["type"] == name:
                return one["parameters"]
    return None


def blockers(pr: PullRequest, ruleset: Ruleset, codeowners: str) -> list[str]:
    result = []
    if pr["draft"]:
        result.append("draft")
    asked = rule(ruleset, "pull_request")
    if asked is not None:
        decided: list[str] = []
        approving: list[str] = []
        changes = False
        # from the newest review to the oldest: the first opinion of each person that one meets is the last
        for review in reversed(pr["reviews"]):
            user, state = review["user"], review["state"]
            if user == pr["author"] or user in decided or state == "COMMENTED":
                continue
            decided.append(user)
            if state == "CHANGES_REQUESTED":
                changes = True
            if state == "APPROVED":
                if review["commit"] == pr["head"] or not asked["dismiss_stale_reviews_on_push"]:
                    approving.append(user)
        if len(approving) < asked["required_approving_review_count"]:
            result.append("approvals")
        if changes:
            result.append("changes requested")
        if asked["require_code_owner_review"]:
            for path in pr["files"]:
                names = owners(codeowners, path)
                if names and not any(speaks_for(user, names, pr["teams"]) for user in approving):
                    result.append("code owners")
                    break
        if asked["required_review_thread_resolution"] and pr["resolved"].count(False) > 0:
            result.append("conversations")
    policy = rule(ruleset, "required_status_checks")
    if policy is not None:
        for check in policy["required_status_checks"]:
            conclusion: str | None = "missing"
            for run in pr["checks"]:
                if run["name"] == check["context"] and run["commit"] == pr["head"]:
                    conclusion = run["conclusion"]
            if conclusion != "success" and conclusion != "neutral" and conclusion != "skipped":
                result.append("checks")
                break
        if policy["strict_required_status_checks_policy"]:
            if pr["behind"] != 0:
                result.append("behind")
    return result


def speaks_for(user: str, names: set[str], teams: dict[str, list[str]]) -> bool:
    if "@" + user in names:
        return True
    for team in teams:
        if team in names and user in teams[team]:
            return True
    return False


def squash_message(pr: PullRequest) -> str:
    number = " (#" + str(pr["number"]) + ")"
    title = pr["title"].strip()
    if len(title) + len(number) > 72:
        room = 72 - len(number) - len("…")
        cut = room
        while title[cut] != " ":
            cut = cut - 1
        title = title[:cut].rstrip() + "…"
    lines = [title + number]
    text = ""
    inside = False
    position = 0
    while position < len(pr["body"]):
        if not inside and pr["body"].startswith("<!--", position):
            inside = True
            position += 4
        elif inside and pr["body"].startswith("-->", position):
            inside = False
            position += 3
        else:
            if not inside:
                text += pr["body"][position]
            position += 1
    if text.strip():
        lines += ["", text.strip()]
    if pr["closes"]:
        lines.append("")
        for issue in pr["closes"]:
            lines.append("Closes #" + str(issue))
    own = [commit["email"].lower() for commit in pr["commits"] if commit["login"] == pr["author"]]
    listed: list[str] = []
    for commit in pr["commits"]:
        people = [(commit["name"], commit["email"])]
        for line in commit["message"].split("\n"):
            if line.lower().startswith("co-authored-by:"):
                name, email = line[len("co-authored-by:") :].split("<")
                people.append((name.strip(), email.strip().rstrip(">")))
        for name, email in people:
            if email.lower() not in own and email.lower() not in listed:
                if not listed:
                    lines.append("")
                listed.append(email.lower())
                lines.append("Co-authored-by: " + name + " <" + email + ">")
    return "\n".join(lines)
