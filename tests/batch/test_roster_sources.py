"""Making rosters: from GitHub (a stand-in on loopback), from what platforms export, from folders; a row each, once."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from typer.testing import CliRunner

from builders import make_fork
from mlops_grade.batch.roster import read_roster
from mlops_grade.cli import app
from mlops_grade.errors import UsageError

TOKEN = "ghp_a-token-of-the-tests"


@dataclass
class StandIn:
    """What GitHub has under each path, a page at a time; and with which tokens it was asked."""

    lists: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    tokens: list[str | None] = field(default_factory=list)
    limited: bool = False
    size: int = 100
    spent: list[str] = field(default_factory=list)


@pytest.fixture
def github(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[StandIn]:
    kept = StandIn()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None: ...

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            asked = parse_qs(parts.query)
            kept.tokens.append(self.headers.get("Authorization"))
            found = kept.lists.get(parts.path)
            size, page = min(kept.size, int(asked["per_page"][0])), int(asked["page"][0])
            status, body = 200, (found or [])[size * (page - 1) : size * page]
            headers = {"Link": '<https://elsewhere.example/2>; rel="next"'} if size * page < len(found or []) else {}
            if kept.spent:
                status, body = 403, {"message": "API rate limit exceeded"}
                headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": kept.spent.pop()}
            elif kept.limited:
                status, body = 403, {"message": f"API rate limit exceeded for {self.headers.get('Authorization')}"[:38]}
            elif found is None:
                status, body = 404, {"message": "Not Found"}
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("GITHUB_API_URL", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("GITHUB_SERVER_URL", "https://github.example")
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    monkeypatch.chdir(tmp_path)
    yield kept
    server.shutdown()
    server.server_close()


def repository(name: str) -> dict[str, Any]:
    return {"full_name": name, "clone_url": "https://elsewhere.example/x.git"}


def collaborator(login: str, *rights: str) -> dict[str, Any]:
    return {"login": login, "permissions": dict.fromkeys(("pull", *rights), True)}


def run(*words: str) -> str:
    """The output of `mlops-grade roster`, which went well."""
    result = CliRunner().invoke(app, ["roster", *words])
    assert result.exit_code == 0, (result.output, result.exception)
    return result.output


def refused(*words: str) -> str:
    with pytest.raises(UsageError) as refusal:
        CliRunner().invoke(app, ["roster", *words], catch_exceptions=False)
    return str(refusal.value)


def pairs(file: Path) -> list[tuple[str, str]]:
    return [(one.id, one.repository) for one in read_roster(file, needs_repository=False).students]


def test_forks_are_found_on_all_pages(github: StandIn, tmp_path: Path) -> None:
    github.lists["/repos/school/course/forks"] = [repository(f"s{number:03}/course") for number in range(250)]
    told = run("roster.csv", "--forks", "school/course")
    assert "250 students, 250 repositories" in told
    assert "mlops-grade batch roster.csv" in told
    assert pairs(tmp_path / "roster.csv")[249] == ("s249", "https://github.example/s249/course.git")
    assert set(github.tokens) == {f"Bearer {TOKEN}"}
    assert TOKEN not in told


def test_pages_go_on_where_the_server_gives_fewer_than_asked_for(github: StandIn, tmp_path: Path) -> None:
    github.size = 30
    github.lists["/repos/school/course/forks"] = [repository(f"s{number:03}/course") for number in range(70)]
    assert "70 students" in run("roster.csv", "--forks", "school/course")
    assert len(github.tokens) == 3


def test_the_address_of_the_repository_will_do(github: StandIn, tmp_path: Path) -> None:
    github.lists["/repos/school/course/forks"] = [repository("ada/course")]
    run("roster.csv", "--forks", "https://github.example/school/course")
    assert "is no repository on GitHub" in refused("other.csv", "--forks", "https://gitlab.example/school/course")


def test_an_organisations_repositories_are_picked_by_their_names(github: StandIn, tmp_path: Path) -> None:
    names = ("mlops-bob", "mlops-Ada", "website", "mlops-")
    github.lists["/orgs/my-org/repos"] = [repository(f"my-org/{name}") for name in names]
    run("roster.csv", "--organisation", "my-org", "--pattern", "mlops-{student}")
    assert pairs(tmp_path / "roster.csv") == [
        ("Ada", "https://github.example/my-org/mlops-Ada.git"), ("bob", "https://github.example/my-org/mlops-bob.git"),
    ]  # fmt: skip
    told = refused("other.csv", "--organisation", "my-org", "--pattern", "exam-{student}")
    assert "no repository of my-org is called like 'exam-{student}'. Found: mlops-bob, mlops-Ada" in told


def test_a_team_is_a_row_each_on_one_repository(github: StandIn, tmp_path: Path) -> None:
    github.lists["/orgs/my-org/repos"] = [repository("my-org/mlops-group7"), repository("my-org/mlops-group8")]
    github.lists["/repos/my-org/mlops-group7/collaborators"] = [
        collaborator("ada", "push"), collaborator("teacher", "push", "admin"), collaborator("bob", "push"),
        collaborator("visitor"),
    ]  # fmt: skip
    told = run("roster.csv", "--organisation", "my-org", "--pattern", "mlops-{student}", "--teams")
    group7, group8 = (f"https://github.example/my-org/mlops-group{number}.git" for number in (7, 8))
    assert pairs(tmp_path / "roster.csv") == [("ada", group7), ("bob", group7), ("group8", group8)]
    assert "my-org/mlops-group8: who may push to it is not known: GitHub says 404: Not Found" in told


def test_a_team_of_the_organisation_is_asked_for_its_members(github: StandIn, tmp_path: Path) -> None:
    github.lists["/orgs/my-org/repos"] = [repository("my-org/mlops-group7")]
    github.lists["/repos/my-org/mlops-group7/collaborators"] = [collaborator("teacher", "push", "admin")]
    github.lists["/repos/my-org/mlops-group7/teams"] = [
        {"slug": "group7", "permissions": {"push": True}}, {"slug": "guests", "permissions": {"pull": True}},
        {"slug": "staff", "permissions": {"push": True, "admin": True}},
    ]  # fmt: skip
    github.lists["/orgs/my-org/teams/group7/members"] = [{"login": "ada"}, {"login": "bob"}]
    run("roster.csv", "--organisation", "my-org", "--pattern", "mlops-{student}", "--teams")
    assert [student for student, _ in pairs(tmp_path / "roster.csv")] == ["ada", "bob"]


def test_the_owner_of_a_fork_is_one_of_its_team(github: StandIn, tmp_path: Path) -> None:
    github.lists["/repos/school/course/forks"] = [repository("ada/course")]
    github.lists["/repos/ada/course/collaborators"] = [
        collaborator("Ada", "push", "admin"),
        collaborator("bob", "push"),
    ]
    run("roster.csv", "--forks", "school/course", "--teams")
    assert [student for student, _ in pairs(tmp_path / "roster.csv")] == ["Ada", "bob"]


def test_a_team_that_nobody_is_named_for_is_told(github: StandIn, tmp_path: Path) -> None:
    github.lists["/orgs/my-org/repos"] = [repository("my-org/group7")]
    github.lists["/repos/my-org/group7/collaborators"] = [collaborator("teacher", "push", "admin")]
    github.lists["/repos/my-org/group7/teams"] = []
    told = run("roster.csv", "--organisation", "my-org", "--teams")
    assert [student for student, _ in pairs(tmp_path / "roster.csv")] == ["group7"]
    assert "my-org/group7: who may push to it is not known" in told


def test_who_may_push_everywhere_is_no_student(github: StandIn, tmp_path: Path) -> None:
    github.lists["/orgs/my-org/repos"] = [repository(f"my-org/{name}") for name in "abc"]
    for name, student in (("a", "ada"), ("b", "bob"), ("c", "cyd")):
        people = [collaborator("helper", "push"), collaborator(student, "push")]
        github.lists[f"/repos/my-org/{name}/collaborators"] = people
    told = run("roster.csv", "--organisation", "my-org", "--teams")
    assert [student for student, _ in pairs(tmp_path / "roster.csv")] == ["ada", "bob", "cyd"]
    assert "left out, as they may push to all 3 repositories: helper" in told


def test_somebody_in_two_teams_is_told(github: StandIn, tmp_path: Path) -> None:
    github.lists["/orgs/my-org/repos"] = [repository("my-org/a"), repository("my-org/b")]
    for name in ("a", "b"):
        github.lists[f"/repos/my-org/{name}/collaborators"] = [collaborator("ada", "push")]
    assert "ada is there more than once" in run("roster.csv", "--organisation", "my-org", "--teams")


def test_a_refusal_says_what_gives_the_right_and_never_the_token(github: StandIn) -> None:
    github.limited = True
    told = refused("roster.csv", "--forks", "school/course")
    assert "the forks of school/course cannot be listed: GitHub says 403: API rate limit exceeded" in told
    assert "GITHUB_TOKEN" in told
    assert TOKEN not in told


def test_a_server_that_is_not_there_is_no_matter_of_rights(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("mlops_grade.batch.github.time.sleep", lambda _: None)
    monkeypatch.setenv("GITHUB_API_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    told = refused(str(tmp_path / "roster.csv"), "--forks", "school/course")
    assert "GitHub cannot be reached" in told
    assert "GITHUB_TOKEN" not in told


def test_the_end_of_a_limit_is_told_and_a_limit_that_has_ended_is_none(github: StandIn, tmp_path: Path) -> None:
    github.lists["/repos/school/course/forks"] = [repository("ada/course")]
    github.spent = ["99999999999"]
    assert "API rate limit exceeded (until 2" in refused("roster.csv", "--forks", "school/course")
    github.spent = ["1000000000"]
    run("roster.csv", "--forks", "school/course")
    assert len(github.tokens) == 3


def test_without_a_token_it_is_asked_as_anybody(github: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITHUB_TOKEN")
    monkeypatch.setattr("mlops_grade.commands.roster.shutil.which", lambda _: None)
    github.lists["/repos/school/course/forks"] = [repository("ada/course")]
    told = run("roster.csv", "--forks", "school/course")
    assert github.tokens == [None]
    assert "asked without a token: private repositories are not among these" in told


def test_the_token_that_gh_keeps_is_used(github: StandIn, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("GITHUB_TOKEN")
    program = tmp_path / "bin" / "gh"
    program.parent.mkdir()
    program.write_text('#!/bin/sh\n[ "$*" = "auth token --hostname github.example" ] && echo gho_kept\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent), prepend=":")
    github.lists["/repos/school/course/forks"] = [repository("ada/course")]
    run("roster.csv", "--forks", "school/course")
    assert github.tokens == ["Bearer gho_kept"]


def test_people_of_an_export_get_the_repositories_that_were_found(github: StandIn, tmp_path: Path) -> None:
    github.lists["/orgs/my-org/repos"] = [repository("my-org/mlops-ada-l"), repository("my-org/mlops-eve")]
    people = 'identifier,github_username,github_id,name\ns1,Ada-L,77,"Lund, Ada"\ns2,bob,78,Bob\n'
    (tmp_path / "classroom.csv").write_text(people)
    told = run("roster.csv", "--organisation", "my-org", "--pattern", "mlops-{student}", "--people", "classroom.csv")
    ada, bob, eve = read_roster(tmp_path / "roster.csv", needs_repository=False).students
    assert (ada.id, ada.lms_id, ada.name) == ("ada-l", "s1", "Lund, Ada")
    assert ada.repository == "https://github.example/my-org/mlops-ada-l.git"
    assert (bob.id, bob.repository, eve.id, eve.name) == ("bob", "", "eve", "")
    assert "in classroom.csv, without a repository: bob" in told
    assert "not in classroom.csv: eve" in told


def test_what_is_said_of_the_list_of_people_is_told(tmp_path: Path) -> None:
    make_fork(tmp_path / "clones" / "ada")
    (tmp_path / "list.csv").write_text("username,role\nada,student\neve,ta\n")
    told = run(
        str(tmp_path / "roster.csv"), "--folder", str(tmp_path / "clones"), "--people", str(tmp_path / "list.csv")
    )
    assert "left out, as their role is not a student's: eve" in told


def test_a_repository_named_like_the_schools_address_is_found(tmp_path: Path) -> None:
    make_fork(tmp_path / "clones" / "s1")
    (tmp_path / "canvas.csv").write_text("Student,ID,SIS User ID,SIS Login ID,Section\nAda,31,77,S1@school.example,A\n")
    file = tmp_path / "roster.csv"
    told = run(str(file), "--folder", str(tmp_path / "clones"), "--people", str(tmp_path / "canvas.csv"))
    (ada,) = read_roster(file).students
    assert (ada.id, ada.canvas_id, ada.name) == ("s1", "31", "Ada")
    assert "without a repository" not in told


def test_an_export_is_a_roster_with_the_place_of_the_work(tmp_path: Path) -> None:
    (tmp_path / "moodle.csv").write_text("First name,Last name,ID number,Email address\nAda,Lund,s1,ada@example.org\n")
    file = tmp_path / "roster.csv"
    run(str(file), "--export", str(tmp_path / "moodle.csv"), "--repository", "https://git.example/mlops-{student}")
    (ada,) = read_roster(file).students
    assert (ada.id, ada.repository, ada.name) == ("s1", "https://git.example/mlops-s1", "Ada Lund")


def test_a_folder_of_clones_is_named_from_the_roster(tmp_path: Path) -> None:
    make_fork(tmp_path / "clones" / "mlops-ada")
    file = tmp_path / "roster.csv"
    run(str(file), "--folder", str(tmp_path / "clones"), "--pattern", "mlops-{student}")
    assert "ada,clones/mlops-ada," in file.read_text()
    assert pairs(file) == [("ada", str(tmp_path / "clones/mlops-ada"))]


def test_a_roster_that_is_there_stays_unless_asked(github: StandIn, tmp_path: Path) -> None:
    (tmp_path / "roster.csv").write_text("by hand")
    github.lists["/repos/school/course/forks"] = [repository("ada/course")]
    assert "is there already" in refused("roster.csv", "--forks", "school/course")
    assert (tmp_path / "roster.csv").read_text() == "by hand"
    run("roster.csv", "--forks", "school/course", "--force")
    assert pairs(tmp_path / "roster.csv") == [("ada", "https://github.example/ada/course.git")]


@pytest.mark.parametrize("words", [(), ("--forks", "a/b", "--organisation", "c")])
def test_one_source_is_expected(tmp_path: Path, words: tuple[str, ...]) -> None:
    assert "expected one of --forks" in refused(str(tmp_path / "roster.csv"), *words)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--export", "x.csv", "--teams"), "--teams belongs to --forks or --organisation: it says nothing of --export"),
        (("--forks", "a/b", "--pattern", "{student}"), "--pattern belongs to --organisation or --folder"),
        (("--export", "x.csv", "--repository", "https://a.example/b"), "expected {student} in it"),
    ],
)
def test_an_option_that_says_nothing_is_refused(tmp_path: Path, words: tuple[str, ...], told: str) -> None:
    assert told in refused(str(tmp_path / "roster.csv"), *words)


def test_the_place_of_the_work_in_cohort_toml_holds_for_an_export(tmp_path: Path) -> None:
    (tmp_path / "cohort.toml").write_text('repository = "https://git.example/mlops-{student}"\n')
    (tmp_path / "list.csv").write_text("username,first_name\nada,Ada\n")
    run(str(tmp_path / "roster.csv"), "--export", str(tmp_path / "list.csv"))
    assert pairs(tmp_path / "roster.csv") == [("ada", "https://git.example/mlops-ada")]


def test_what_cannot_be_graded_as_it_lies_is_told(tmp_path: Path) -> None:
    (tmp_path / "uploads").mkdir()
    (tmp_path / "uploads" / "ada.zip").write_bytes(b"")
    told = run(str(tmp_path / "roster.csv"), "--folder", str(tmp_path / "uploads"))
    assert "ada: is an archive: unpack it" in told


def test_what_is_no_repositorys_name_is_left_out(github: StandIn, tmp_path: Path) -> None:
    github.lists["/repos/school/course/forks"] = [repository("../../x"), {"full_name": None}, repository("ada/course")]
    run("roster.csv", "--forks", "school/course")
    assert pairs(tmp_path / "roster.csv") == [("ada", "https://github.example/ada/course.git")]
