"""Hidden suite of m24: the student's tests against right and broken apps, their load test against a counting server."""

import asyncio
import json
import math
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fastapi import FastAPI, Request, Response

from mlops_grade.suite import Student, assert_close, hint, probe

TESTS = "tests/integrationtests/test_apis.py"
LOCUSTFILE = "tests/performancetests/locustfile.py"
OBSERVER = """
import json

import gevent
from locust import events

made = 0


@events.init.add_listener
def stop_after_enough(environment, **_):
    @environment.events.request.add_listener
    def count(**_):
        global made
        made += 1
        if made == ENOUGH:
            gevent.spawn(environment.runner.quit)


@events.quitting.add_listener
def write_down(environment, **_):
    users = {kind.__name__: kind.__new__(kind) for kind in environment.user_classes}
    posts = [entry for (_, method), entry in environment.stats.entries.items() if method == "POST"]
    observed = {
        "think_times": {name: [user.wait_time() for _ in range(60)] for name, user in users.items()},
        "requests": sum(entry.num_requests for entry in posts),
        "failures": sum(entry.num_failures for entry in posts),
        "crashes": [crash["msg"] for crash in environment.runner.exceptions.values()],
    }
    with open("observed.json", "w") as file:
        json.dump(observed, file)
""".replace("ENOUGH", "250")
# A number of requests ends it, not a time: a busy machine makes fewer of them in three seconds.
RUN_LOCUST = (
    f"exec python -m locust -f {LOCUSTFILE},observer.py --headless --only-summary "
    '--users 20 --spawn-rate 100 --run-time 15s --stop-timeout 2 --host "$1"\n'
)


@probe
def run_tests(apps, stop_at_first):
    """Run the student's tests on each app, in a process and a folder of their own: what became of each test."""
    import json
    import os
    import shutil
    import signal
    import sys
    import tempfile
    import time
    from pathlib import Path

    import fastapi.testclient  # noqa: F401  imported here once, and not once for each app
    import pytest

    class Recorder:
        def __init__(self):
            self.outcomes = []

        def pytest_runtest_logreport(self, report):
            if report.when == "call" or report.outcome != "passed":
                self.outcomes.append((report.nodeid.split("::")[-1], report.outcome, report.longreprtext[-400:]))

        def pytest_collectreport(self, report):
            if report.failed:
                self.outcomes.append(("importing the tests", "failed", report.longreprtext[-400:]))

    def body(folder, source):
        shutil.copytree("tests", folder / "tests")
        (folder / "app").mkdir()
        (folder / "app" / "__init__.py").write_text("")
        (folder / "app" / "main.py").write_text(source)
        os.chdir(folder)
        os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
        sys.path.insert(0, str(folder))
        recorder = Recorder()
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        options = ["-p", "no:cacheprovider", "--tb=line", "-q", *(["-x"] if stop_at_first else [])]
        pytest.main([*options, "tests/integrationtests"], plugins=[recorder])
        (folder / "outcomes.json").write_text(json.dumps(recorder.outcomes))

    def stalled(process):
        """Seconds for which it was ready and had no core (Linux)."""
        try:
            return int(Path(f"/proc/{process}/schedstat").read_text().split()[1]) / 1e9
        except (OSError, ValueError, IndexError):
            return 0.0

    results = {}
    for name, source in apps.items():
        folder = Path(tempfile.mkdtemp())
        process = os.fork()
        if process == 0:
            try:
                body(folder, source)
            finally:
                os._exit(0)
        began = time.monotonic()
        while os.waitpid(process, os.WNOHANG)[0] == 0:
            if time.monotonic() - began - stalled(process) > 20:
                os.kill(process, signal.SIGKILL)
            time.sleep(0.005)
        written = folder / "outcomes.json"
        results[name] = json.loads(written.read_text()) if written.exists() else None
    return results


@pytest.fixture(scope="module")
def hidden_apps(hidden: Path) -> dict[str, dict[str, str]]:
    return tomllib.loads((hidden / "apps" / "broken.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def right_apps(hidden: Path) -> dict[str, str]:
    given = (hidden.parent / "app" / "main.py").read_text(encoding="utf-8")
    other = (hidden / "apps" / "asynchronous.py").read_text(encoding="utf-8")
    assert "itertools.count(1)" in given
    return {
        "the given app": given,
        "the given app, with ids that start at 70": given.replace("itertools.count(1)", "itertools.count(70)"),
        "an app with other scores, more fields and predictions from before": other,
    }


@pytest.fixture(scope="module")
def on_right_apps(shared_student: Student, right_apps: dict[str, str]) -> dict[str, Any]:
    """What became of each test on each right app."""
    shared_student.read(TESTS)
    shared_student.patience = 90
    return shared_student.run(run_tests, right_apps, False)


@pytest.fixture(scope="module")
def on_broken_apps(
    shared_student: Student, right_apps: dict[str, str], hidden_apps: dict[str, dict[str, str]]
) -> dict[str, Any]:
    """What became of the tests, up to the first that failed, on each broken app."""
    given = right_apps["the given app"]
    sources = {}
    for name, broken in hidden_apps.items():
        assert broken["old"] in given, f"{name} does not apply to the given app"
        sources[name] = given.replace(broken["old"], broken["new"])
    shared_student.patience = 90
    return shared_student.run(run_tests, sources, True)


def check_passed(outcomes: Any, app: str) -> None:
    """All tests passed, and there are some."""
    assert outcomes is not None, f"on {app} the tests did not come to an end"
    assert outcomes, f"on {app} no test was found"
    for name, outcome, text in outcomes:
        is_fine = outcome == "passed"
        assert is_fine, f"on {app}, which keeps the contract, {name} {outcome}: {text}"


@hint("Run `python -m pytest tests/integrationtests` on the app as you got it.")
def test_given_app_passes(on_right_apps: dict[str, Any]) -> None:
    """Your tests pass on the given app"""
    check_passed(on_right_apps["the given app"], "the given app")


@hint("Test the contract, not this app: ids may start anywhere, scores may be others, answers may have more fields.")
def test_other_right_apps_pass(on_right_apps: dict[str, Any], right_apps: dict[str, str]) -> None:
    """Your tests pass on every app that keeps the contract"""
    for app in list(right_apps)[1:]:
        check_passed(on_right_apps[app], app)


@hint("Read the contract line by line: which test would fail if this line were not kept?")
@pytest.mark.parametrize("group", ["root", "labels", "refusals", "stored", "list", "delete"])
def test_broken_apps_are_found(
    on_right_apps: dict[str, Any],
    on_broken_apps: dict[str, Any],
    hidden_apps: dict[str, dict[str, str]],
    group: str,
) -> None:
    """Your tests find the apps that break the contract"""
    check_passed(on_right_apps["the given app"], "the given app")
    missed = [
        broken["wrong"]
        for name, broken in hidden_apps.items()
        if broken["group"] == group and not any(outcome == "failed" for _, outcome, _ in on_broken_apps.get(name) or [])
    ]
    assert not missed, f"all your tests pass on an app that {missed[0]}" + (
        f" (and on {len(missed) - 1} more about the same)" if len(missed) > 1 else ""
    )


class Target:
    """The app under load: it counts, and answers `/predict` by what `answers` has in turn."""

    def __init__(self, *answers: str) -> None:
        self.answers = answers or ('{"id": 1, "label": "positive", "score": 0.7, "words": 3}',)
        self.reviews: list[Any] = []
        self.roots = 0
        self.others: list[str] = []
        self.app = FastAPI()
        self.app.add_api_route("/{path:path}", self.answer, methods=["GET", "POST", "PUT", "DELETE", "HEAD"])

    async def answer(self, path: str, request: Request) -> Response:
        await asyncio.sleep(0)
        if (request.method, path) == ("GET", ""):
            self.roots += 1
            return Response('{"message": "OK"}', media_type="application/json")
        if (request.method, path) == ("POST", "predict"):
            body = await request.body()
            answer = self.answers[len(self.reviews) % len(self.answers)]
            self.reviews.append(review_in(body))
            return Response(answer, media_type="application/json")
        self.others.append(f"{request.method} /{path}")
        return Response("{}", status_code=404, media_type="application/json")


def review_in(body: bytes) -> Any:
    try:
        return json.loads(body)["review"]
    except (ValueError, KeyError, TypeError):
        return None


def load_test(student: Student, target: Target) -> tuple[Any, dict[str, Any]]:
    """Run locust on the target. How it ended, and what it counted."""
    student.write("observer.py", OBSERVER)
    student.write("run_locust.sh", RUN_LOCUST)
    with student.host(target.app) as url:
        run = student.shell("run_locust.sh", url, timeout=60)
    assert "observed.json" in student.files("*"), f"locust did not run to its end: {run.last_words}"
    observed = json.loads(student.read("observed.json"))
    assert not observed["crashes"], f"MyUser crashed: {observed['crashes'][0]}"
    return run, observed


@hint("`@task(3)` is done three times as often as `@task(1)`; a path without host is joined to --host.")
def test_load_is_as_described(student: Student) -> None:
    """MyUser posts reviews and asks for /, three to one, at --host, and thinks in between"""
    target = Target()
    run, observed = load_test(student, target)
    assert not target.others, f"MyUser asked for {target.others[0]}, which the task does not mention"
    total = len(target.reviews) + target.roots
    assert total >= 10, f"only {total} requests reached the host on the command line: {run.last_words}"
    share = len(target.reviews) / total
    # Tasks are drawn by weight: four standard deviations either way.
    margin = 4 * math.sqrt(0.75 * 0.25 / total)
    is_three_quarters = abs(share - 0.75) < margin
    assert is_three_quarters, f"{share:.0%} of {total} requests were for /predict, expected about 75 %"
    strange = [review for review in target.reviews if not isinstance(review, str) or not review.strip()]
    with hint('The body of a request is the JSON {"review": text}: `self.client.post(path, json=…)` writes it.'):
        assert not strange, f"MyUser sent the review {strange[0]!r}"
    different = len(set(target.reviews))
    with hint("`random.choice` draws from a list, each time anew."):
        assert different >= 5, f"MyUser sent {different} different reviews, expected 5 or more: a cache would do"
    with hint("Which of your conditions calls a right answer a failure?"):
        assert run.exit_code == 0, f"locust counted failures on a server that did nothing wrong: {run.last_words}"

    drawn = observed["think_times"]
    assert list(drawn) == ["MyUser"], f"the user classes are {list(drawn)}, expected MyUser"
    times = drawn["MyUser"]
    with hint("`wait_time` of a user is a function of the user that gives seconds; `between` makes one."):
        assert all(isinstance(time, int | float) and 0.05 <= time <= 0.15 for time in times), (
            f"think times go from {min(times)} to {max(times)} s, expected 0.05 to 0.15"
        )
        assert max(times) - min(times) > 0.03, f"think times go from {min(times)} to {max(times)} s: all users in step"


@hint("`catch_response=True` lets you call `response.failure(…)`; `.json()` raises when the body is no JSON.")
def test_wrong_answers_are_failures(student: Student) -> None:
    """Answers of /predict without a label count as failures, though their status is 200; right ones do not"""
    right = '{"label": "negative", "score": 0.1}'
    wrong = ('{"detail": "no model"}', "<html>busy</html>", '{"label": "maybe"}', "[]", '{"label": null}')
    target = Target(*(answer for bad in wrong for answer in (bad, right)))
    run, observed = load_test(student, target)
    requests, failures = observed["requests"], observed["failures"]
    assert requests >= 10, f"only {requests} requests were made: {run.last_words}"
    served = len(target.reviews)
    # A request on its way when the run ends may be counted on one side only.
    every_second = abs(failures - served / 2) <= 3 + abs(served - requests)
    assert every_second, (
        f"{failures} of {requests} answers of /predict counted as failures; every second one had no valid label"
    )


def log(rows: list[tuple[float, float, int]], rng: np.random.Generator) -> str:
    """The rows as a CSV log, in any order, the columns too."""
    columns = ["status", "timestamp", "response_time_ms", "path"]
    lines = [",".join(columns)]
    for row in rng.permutation(len(rows)):
        timestamp, time, status = rows[row]
        lines.append(f"{status},{timestamp:.3f},{time:.1f},/predict")
    return "\n".join(lines) + "\n"


def summary(student: Student, text: str) -> dict[str, Any]:
    student.write("logs/requests.csv", text)
    result = student.load("load_report").summarise(Path("logs/requests.csv"))
    assert isinstance(result, dict), f"summarise returned {result!r}, expected a dictionary"
    names = {"requests", "failure_rate", "p50", "p99", "throughput"}
    assert set(result) == names, f"the figures are {sorted(map(str, result))}, expected {sorted(names)}"
    return result


@hint("Sort as numbers, not as text. Nearest rank: the k-th smallest, k = ceil(n · percent / 100), counted from 1.")
def test_percentiles_are_exact(student: Student, rng: np.random.Generator) -> None:
    """summarise computes percentiles by nearest rank, for any number of requests"""
    for count in (1, 2, 7, 100, 101, 350):
        times = np.round(rng.gamma(2.0, 40.0, size=count) + 1, 1)
        rows = [(1_700_000_000 + 0.1 * row, float(time), 200) for row, time in enumerate(times)]
        got = summary(student, log(rows, rng))
        ordered = sorted(float(time) for time in times)
        for percent in (50, 99):
            rank = -(-count * percent // 100)
            assert_close(got[f"p{percent}"], ordered[rank - 1], f"p{percent} of {count} response times")


@hint("A refused request is quick and no work was done for it: it counts as a failure, and in nothing else.")
def test_failures_and_throughput(student: Student, rng: np.random.Generator) -> None:
    """summarise keeps failures apart, and measures from the first request to the last answer"""
    count = 97
    begin = 1_700_000_000.0 + float(rng.integers(1000))
    times = np.round(rng.uniform(20, 80, count), 1)
    statuses = rng.choice([200, 201, 302, 400, 404, 503], size=count, p=[0.5, 0.1, 0.1, 0.1, 0.1, 0.1])
    statuses[:6] = [200, 302, 399, 400, 422, 500]
    times[statuses >= 400] = 0.1
    starts = begin + np.round(np.sort(rng.uniform(0, 30, count)), 3)
    times[40], statuses[40] = 60_000.0, 200
    rows = [(float(start), float(time), int(status)) for start, time, status in zip(starts, times, statuses)]
    got = summary(student, log(rows, rng))
    good = sorted(time for _, time, status in rows if status < 400)
    last = max(round(start, 3) + time / 1000 for start, time, _ in rows)
    assert got["requests"] == count, f"the log has {count} requests, and summarise counts {got['requests']!r}"
    assert_close(got["failure_rate"], 1 - len(good) / count, "failure_rate")
    assert_close(got["p50"], good[-(-len(good) // 2) - 1], "p50 of the successful requests")
    assert_close(got["throughput"], len(good) / (last - round(min(starts), 3)), "throughput")


@hint("No percentile of nothing: say so with a ValueError, and divide by nothing before.")
def test_empty_logs_are_errors(student: Student, rng: np.random.Generator) -> None:
    """summarise raises ValueError for a log without a successful request"""
    for rows in ([], [(1_700_000_000.0, 3.0, 503), (1_700_000_001.0, 4.0, 503)]):
        student.write("logs/empty.csv", log(rows, rng))
        with pytest.raises(ValueError):
            student.load("load_report").summarise(Path("logs/empty.csv"))
