"""The few calls of GitHub's REST API that find students' repositories and post feedback.

The token goes to one server and to no other, and into no message.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Literal, Self
from urllib.parse import quote, urlsplit

import httpx

from mlops_grade.reports.text import one_line

API, SERVER = "https://api.github.com", "https://github.com"
TRIES = 3
LONGEST_WAIT = 60.0
PAGES = 10
MOST_PAGES = 1000
LATEST = 4_102_444_800  # the year 2100: a later end of a limit is a mistake
_LOGIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?")  # users that a company manages have an underscore
_REPOSITORY = re.compile(r"/?([A-Za-z0-9][A-Za-z0-9_-]*)/([A-Za-z0-9_.-]+?)(?:\.git)?/?")
State = Literal["success", "failure", "pending", "error"]


class Refused(Exception):
    """GitHub did not take it, and why. `may_lack_right`: another token may do better."""

    def __init__(self, reason: str, may_lack_right: bool = False) -> None:
        super().__init__(reason)
        self.may_lack_right = may_lack_right


@dataclass(frozen=True)
class Repository:
    """A repository on the server, and where it is cloned from."""

    owner: str
    name: str
    address: str


class GitHub:
    """A client of one server's API. Use it as a context. Without a token it sees what everybody sees."""

    def __init__(self, token: str, api: str = API, server: str = SERVER) -> None:
        self._server = server.rstrip("/")
        self._host = urlsplit(server).netloc
        headers = {
            **({"Authorization": f"Bearer {token}"} if token else {}),
            "Accept": "application/vnd.github+json",
            "X-GitHub-Api-Version": "2022-11-28",
            "User-Agent": "mlops-grade",
        }
        # No redirect is followed: the token would go along.
        self._client = httpx.Client(base_url=api, headers=headers, timeout=30, follow_redirects=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def repository(self, address: str) -> str:
        """`OWNER/NAME` of an address on this server; empty for any other address."""
        short = re.fullmatch(r"[\w.-]+@([\w.-]+):(.+)", address)  # git@github.com:OWNER/NAME.git
        if short:
            host, path = short.groups()
        else:
            parts = urlsplit(address)
            host, path = parts.netloc.rpartition("@")[2], parts.path
        found = _REPOSITORY.fullmatch(path) if host == self._host else None
        return f"{found[1]}/{found[2]}" if found and found[2] not in (".", "..") else ""

    def forks(self, repository: str) -> Iterator[Repository]:
        """The forks of `OWNER/NAME`, private ones as far as the token may see them. Raises Refused."""
        yield from self._repositories(f"/repos/{repository}/forks")

    def repositories_of(self, organisation: str) -> Iterator[Repository]:
        """All repositories of an organisation that the token may see. Raises Refused."""
        yield from self._repositories(f"/orgs/{quote(organisation, safe='')}/repos?type=all")

    def writers(self, repository: Repository) -> list[str]:
        """Who may push to it: its owner and those who were given that right, or else the teams that were.

        Who else administers it is no student. Raises Refused.
        """
        place = f"/repos/{repository.owner}/{repository.name}"
        direct = [
            one
            for one in self._listed(f"{place}/collaborators?affiliation=direct")
            if _pushes(one) or str(one.get("login")).casefold() == repository.owner.casefold()
        ]
        return _logins(direct) or list(dict.fromkeys(self._team_members(repository.owner, f"{place}/teams")))

    def _team_members(self, organisation: str, teams: str) -> Iterator[str]:
        for team in self._listed(teams):
            if _pushes(team):
                slug = quote(str(team.get("slug")), safe="")
                yield from _logins(self._listed(f"/orgs/{organisation}/teams/{slug}/members"))

    def _repositories(self, path: str) -> Iterator[Repository]:
        for one in self._listed(path):
            found = _REPOSITORY.fullmatch(str(one.get("full_name")))
            if found:
                yield Repository(found[1], found[2], f"{self._server}/{found[1]}/{found[2]}.git")

    def _listed(self, path: str) -> Iterator[dict[str, Any]]:
        """What stands on all pages of a list."""
        for page in range(1, MOST_PAGES + 1):
            response = self._request("GET", f"{path}{'&' if '?' in path else '?'}per_page=100&page={page}")
            answer = _parsed(response)
            if not isinstance(answer, list):
                raise Refused("GitHub's answer is no list")
            yield from (one for one in answer if isinstance(one, dict))
            # A page may hold less than was asked for, and is the last one only if no other is named.
            if 'rel="next"' not in response.headers.get("link", "") and len(answer) < 100:
                return

    def has_comment(self, repository: str, commit: str, mark: str) -> bool:
        """Whether a comment on the commit holds the mark."""
        for page in range(1, PAGES + 1):
            answer = self._ask("GET", f"/repos/{repository}/commits/{commit}/comments?per_page=100&page={page}")
            if not isinstance(answer, list):
                return False
            if any(isinstance(one, dict) and mark in str(one.get("body", "")) for one in answer):
                return True
            if len(answer) < 100:
                return False
        return False

    def comment(self, repository: str, commit: str, text: str) -> None:
        """Comment on a commit, in Markdown. Raises Refused."""
        self._ask("POST", f"/repos/{repository}/commits/{commit}/comments", {"body": text})

    def status(self, repository: str, commit: str, state: State, context: str, description: str) -> None:
        """Set the commit's status of that context. Raises Refused."""
        body = {"state": state, "context": context, "description": description[:140]}
        self._ask("POST", f"/repos/{repository}/statuses/{commit}", body)

    def _ask(self, method: str, path: str, body: dict[str, str] | None = None) -> Any:
        return _parsed(self._request(method, path, body))

    def _request(self, method: str, path: str, body: dict[str, str] | None = None) -> httpx.Response:
        reason, may_lack_right = "", False
        for number in range(TRIES):
            wait: float | None = 2.0**number
            try:
                answer = self._client.request(method, path, json=body)
            except httpx.HTTPError as error:
                reason = f"GitHub cannot be reached: {error}"
            else:
                if answer.is_success:
                    return answer
                wait, reason = _wait(answer, number), f"GitHub says {answer.status_code}: {_message(answer)}"
                may_lack_right = answer.status_code in (401, 403, 404, 429)
            if number + 1 == TRIES or wait is None or wait > LONGEST_WAIT:
                break
            time.sleep(wait)
        raise Refused(one_line(reason)[:300], may_lack_right)


def _wait(answer: httpx.Response, number: int) -> float | None:
    """The seconds after which it may be asked again; None where that would be of no use."""
    after = answer.headers.get("retry-after", "")
    if after.isdigit():
        return float(after)
    if ends := _limit_ends(answer):
        return max(0.0, ends - time.time())
    return 2.0**number if answer.status_code >= 500 else None


def _limit_ends(answer: httpx.Response) -> int:
    """When more may be asked, in seconds since 1970, where all of the hour's requests are spent; else 0."""
    reset = answer.headers.get("x-ratelimit-reset", "")
    spent = answer.status_code in (403, 429) and answer.headers.get("x-ratelimit-remaining") == "0"
    return int(reset) if spent and reset.isdigit() else 0


def _pushes(one: dict[str, Any]) -> bool:
    return _may(one, "push") and not _may(one, "admin")


def _logins(people: Iterable[dict[str, Any]]) -> list[str]:
    return [str(one["login"]) for one in people if _LOGIN.fullmatch(str(one.get("login")))]


def _may(collaborator: dict[str, Any], right: str) -> bool:
    rights = collaborator.get("permissions")
    return isinstance(rights, dict) and rights.get(right) is True


def _parsed(answer: httpx.Response) -> Any:
    try:
        return answer.json()
    except ValueError:
        return None


def _message(answer: httpx.Response) -> str:
    told = _parsed(answer)
    message = str(told.get("message", "")) if isinstance(told, dict) else answer.reason_phrase
    if answer.is_redirect:
        return f"{message}: it was renamed or moved, name it as it is called now"
    if ends := _limit_ends(answer):
        until = datetime.fromtimestamp(min(ends, LATEST), UTC).astimezone()
        return f"{message} (until {until:%Y-%m-%d %H:%M %Z})"
    return message
