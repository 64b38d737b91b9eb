"""Posting feedback: once for each new verdict, to the right place alone, against a stand-in of GitHub on loopback."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from builders import RIGHT, WRONG, cohort_of, commit, git, make_fork, run_batch
from mlops_grade.batch.github import GitHub
from mlops_grade.batch.ledger import Fork, Ledger
from mlops_grade.batch.store import Store
from mlops_grade.cli import app
from mlops_grade.commands.post import MOST_CHARACTERS, shortened
from mlops_grade.course.discovery import Course
from mlops_grade.errors import UsageError

TOKEN = "a token of the tests"


@dataclass
class StandIn:
    """What GitHub was asked, and what it keeps."""

    address: str = ""
    comments: dict[str, list[str]] = field(default_factory=dict)
    statuses: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)


@pytest.fixture
def github(monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    kept = StandIn()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None: ...

        def answer(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
            data = json.dumps(body).encode()
            self.send_response(status)
            for name, value in {"Content-Length": str(len(data)), **(headers or {})}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        def do_GET(self) -> None:
            kept.tokens.add(self.headers["Authorization"])
            self.answer(200, [{"body": text} for text in kept.comments.get(self.path.partition("?")[0], [])])

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if kept.answers:
                status, headers = kept.answers.pop(0)
                self.answer(status, {"message": "\x1b[31mno"}, headers)
            elif "/statuses/" in self.path:
                kept.statuses.append((self.path, body))
                self.answer(201, {})
            else:
                kept.comments.setdefault(self.path, []).append(body["body"])
                self.answer(201, {})

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    kept.address = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("GITHUB_API_URL", kept.address)
    monkeypatch.setenv("GITHUB_SERVER_URL", "https://github.example")
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    monkeypatch.setattr("mlops_grade.batch.github.time.sleep", lambda _: None)
    yield kept
    server.shutdown()
    server.server_close()


@pytest.fixture
def graded(course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A graded folder of clones, whose forks lie on the stand-in; Bob's is somewhere else."""
    clones = tmp_path / "autumn"
    forks = [make_fork(clones / "ada", RIGHT), make_fork(clones / "bob", WRONG), make_fork(clones / "cyd", WRONG)]
    monkeypatch.setenv("MLOPS_GRADE_COURSE", str(course.root))
    regrade(course, clones, forks)
    return clones


def regrade(course: Course, clones: Path, forks: list[Path]) -> None:
    store = clones / ".mlops-grade/verdicts.sqlite"
    run_batch(course, cohort_of(*forks, name="autumn"), store)
    with Store(store) as opened:
        ledger = Ledger(opened, "autumn")
        for name, place in (("ada", "https://github.example/ada/work.git"), ("bob", "https://elsewhere.example/bob/work"),
                            ("cyd", "git@github.example:cyd/work.git")):  # fmt: skip
            fork = ledger.fork(name)
            assert fork is not None
            ledger.save_fork(Fork(name, place, "", "", fork.tip, fork.commit, fork.committed, fork.run))


def post(clones: Path, *words: str) -> tuple[int, str]:
    ran = CliRunner().invoke(app, ["post", str(clones), *words])
    if ran.exception and not isinstance(ran.exception, SystemExit):
        raise ran.exception
    return ran.exit_code, ran.output


def test_each_student_is_told_once(graded: Path, github: StandIn) -> None:
    assert post(graded) == (0, "2 posted, 0 known already, 1 not on GitHub or not collected\n")
    head = git(graded / "cyd", "rev-parse", "HEAD")
    assert "add(1, 2) gives -1" in github.comments[f"/repos/cyd/work/commits/{head}/comments"][0]
    assert post(graded)[1].startswith("0 posted, 2 known already")
    assert [len(texts) for texts in github.comments.values()] == [1, 1]
    assert github.tokens == {f"Bearer {TOKEN}"}


def test_a_new_verdict_is_told_again(course: Course, graded: Path, github: StandIn) -> None:
    post(graded)
    commit(graded / "cyd", RIGHT)
    regrade(course, graded, [graded / name for name in ("ada", "bob", "cyd")])
    assert post(graded)[1].startswith("1 posted, 1 known already")


def test_nothing_is_told_twice_where_the_store_was_lost(graded: Path, github: StandIn) -> None:
    post(graded)
    with Store(graded / ".mlops-grade/verdicts.sqlite") as store, store.transaction() as database:
        database.execute("DELETE FROM posted")
    assert post(graded)[1].startswith("0 posted, 2 known already")
    assert [len(texts) for texts in github.comments.values()] == [1, 1]


def test_a_status_says_what_the_course_comes_to(graded: Path, github: StandIn) -> None:
    assert post(graded, "--as", "status", "--what", "m01")[0] == 0
    assert {path.split("/")[2]: body["state"] for path, body in github.statuses} == {"ada": "success", "cyd": "failure"}
    assert {body["context"] for _, body in github.statuses} == {"mlops-grade/autumn"}


def test_what_github_refuses_is_said_and_tried_again_next_time(graded: Path, github: StandIn) -> None:
    github.answers = [(403, {})]
    code, said = post(graded)
    assert code == 3
    assert "GitHub says 403: no" in said and "\x1b" not in said
    assert post(graded) == (0, "1 posted, 1 known already, 1 not on GitHub or not collected\n")


def test_github_is_waited_for_when_it_asks_for_patience(graded: Path, github: StandIn) -> None:
    github.answers = [(429, {"Retry-After": "3"}), (502, {})]
    assert post(graded)[0] == 0


def test_no_redirect_is_followed(graded: Path, github: StandIn) -> None:
    github.answers = [(301, {"Location": f"{github.address}/elsewhere"})]
    assert "GitHub says 301" in post(graded)[1]


def test_without_a_token_nothing_is_posted(graded: Path, github: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITHUB_TOKEN")
    with pytest.raises(UsageError, match="GITHUB_TOKEN"):
        post(graded)
    assert not github.comments


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("https://github.com/ada/mlops.git", "ada/mlops"),
        ("https://github.com/ada/mlops", "ada/mlops"),
        ("https://x:y@github.com/ada/mlops/", "ada/mlops"),
        ("ssh://git@github.com/ada/mlops.git", "ada/mlops"),
        ("git@github.com:ada/mlops.git", "ada/mlops"),
        ("https://github.com.evil.example/ada/mlops", ""),
        ("https://evil.example/github.com/ada", ""),
        ("https://github.com/ada/mlops/../../bob", ""),
        ("https://github.com/ada/..", ""),
        ("https://github.com/ada", ""),
        ("https://github.com/a%2fb/c", ""),
        ("/home/clones/ada", ""),
        ("", ""),
    ],
)
def test_only_repositories_of_the_server_are_told(address: str, found: str) -> None:
    with GitHub(TOKEN) as client:
        assert client.repository(address) == found


def test_feedback_that_is_too_long_ends_between_two_modules() -> None:
    text = "# autumn: not passed\n" + "".join(f"\n## m{n}\n\n```text\n{'x' * 1000}\n```\n" for n in range(100))
    short = shortened(text)
    assert len(short) <= MOST_CHARACTERS + 100
    assert short.count("```") % 2 == 0
    assert "did not fit" in short
