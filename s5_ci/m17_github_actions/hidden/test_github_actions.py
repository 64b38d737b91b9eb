"""Hidden suite of m17: workflows, read as GitHub reads them and run with stand-in commands."""

import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import workflow as workflows
from check_jsonschema.builtin_schemas import get_builtin_schema
from expression import ExpressionError
from jsonschema import Draft7Validator
from jsonschema.exceptions import best_match
from mlops_grade.suite import Student, hint

TESTS = ".github/workflows/tests.yaml"
CODECHECK = ".github/workflows/codecheck.yaml"
DEPENDABOT = ".github/dependabot.yaml"
LOCKS = ("requirements.txt", "requirements_dev.txt")
VERSION = re.compile(r"3\.(1[1-9]|[2-9]\d)(\.(x|\*|\d+))?(-dev|t)?")  # as the set-up actions take it
SECRET = re.compile(
    r"\$\{\{(?:(?!\}\}).)*?\bsecrets\b(?!\s*\.\s*GITHUB_TOKEN\b|\s*\[\s*'GITHUB_TOKEN'\s*\]).*?\}\}", re.IGNORECASE
)


def read(student: Student, path: str) -> dict[str, Any]:
    assert student.files(path), f"{path} was not handed in"
    return workflows.parse(student.read(path))


def project(student: Student) -> dict[str, bytes]:
    """The files that a checkout would give."""
    return {path: student.read(path) for path in student.files() if not path.startswith((".s", "run_step"))}


def jobs_of(student: Student, path: str) -> list[workflows.Job]:
    try:
        return workflows.jobs(read(student, path), project(student))
    except ExpressionError as error:
        raise AssertionError(f"{path}: {error}") from None


def stand_in(hidden: Path) -> bytes:
    return (hidden / "stand_in.sh").read_bytes()


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from strings(key)
            yield from strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)
    elif isinstance(value, str):
        yield value


@hint("The message says where in the file; GitHub's workflow syntax reference says what may stand there.")
@pytest.mark.parametrize(
    ("path", "schema"),
    [(TESTS, "github-workflows"), (CODECHECK, "github-workflows"), (DEPENDABOT, "dependabot")],
    ids=["tests", "codecheck", "dependabot"],
)
def test_schema(student: Student, path: str, schema: str) -> None:
    """The file is valid by the schema of its kind"""
    document = read(student, path)
    assert document.get("jobs") or document.get("updates"), f"TODO: {path} has no jobs or updates yet"
    error = best_match(Draft7Validator(get_builtin_schema(f"vendor.{schema}")).iter_errors(document))
    if error:
        where = "/".join(str(part) for part in error.absolute_path) or "the top"
        # A long message is mostly the whole of what stands there.
        what = error.message if len(error.message) < 200 else "what stands there is not allowed in this place"
        pytest.fail(f"{path}, at {where}: {what}")


@hint("`on` has one entry for each event, and filters in it leave out all that they do not name.")
@pytest.mark.parametrize("path", [TESTS, CODECHECK], ids=["tests", "codecheck"])
def test_triggers(student: Student, path: str) -> None:
    """The workflow runs on every push to main and every pull request into main"""
    workflow = read(student, path)
    for event in ("push", "pull_request"):
        for changed in ("src/digit_classifier/metrics.py", "tests/test_metrics.py", *LOCKS):
            assert workflows.triggered(workflow, event, "main", changed), (
                f"a {event} to main that changes {changed} does not start it"
            )


@hint("A matrix only lists values: runs-on and python-version must use them. And YAML reads 3.10 as the number 3.1.")
def test_matrix(student: Student) -> None:
    """The tests run on Linux, Windows and macOS, on each with at least two versions of Python"""
    cells: dict[str, set[str]] = {}
    for job in jobs_of(student, TESTS):
        version = workflows.python_version(job)
        if version is not None:
            cells.setdefault(job.matrix_system(), set()).add(version)
    assert {"Linux", "Windows", "macOS"} <= set(cells), f"jobs with Python run on {sorted(cells)} only"
    for system in ("Linux", "Windows", "macOS"):
        seen = cells[system]
        old = sorted(version for version in seen if not VERSION.fullmatch(version))
        assert not old, f"on {system}: Python {', '.join(old)} is not 3.11 or newer"
        assert len(seen) >= 2, f"on {system} only Python {', '.join(seen)} is tested"


def jobs_that_differ(student: Student, path: str) -> list[workflows.Job]:
    """Of each job one cell for each system (the steps of the others are the same), a strict one where there is one."""
    one_each: dict[tuple[str, str], workflows.Job] = {}
    for job in jobs_of(student, path):
        key = (job.matrix_system(), job.id)
        if job.steps and (key not in one_each or not job.read(job.definition.get("continue-on-error", False))):
            one_each[key] = job
    assert one_each, f"{path}: no job has steps"
    return list(one_each.values())


def on_each_event(job: workflows.Job) -> list[workflows.Job]:
    """The job for a pull request, and for a push where its conditions look at the event."""
    conditions = [job.definition.get("if"), *(step.get("if") for step in job.steps)]
    looks = any(re.search(r"\b(github|env)\b", str(condition)) for condition in conditions if condition is not None)
    return [job, dataclasses.replace(job, event=workflows.PUSH)] if looks else [job]


def ran(student: Student, job: workflows.Job, hidden: Path, fail: str = "") -> workflows.JobRun:
    """The job's steps, run with stand-ins."""
    try:
        return workflows.run(student, job, stand_in(hidden), fail=fail)
    except ExpressionError as error:
        raise AssertionError(f"{job}: {error}") from None


@hint("Each job starts on an empty machine: it needs the files, then Python, then the packages, and then the tests.")
def test_tests_run(student: Student, hidden: Path) -> None:
    """When all is well each job checks out, installs both lock files, runs pytest and passes"""
    tested: dict[str, set[str]] = {}
    for job in jobs_that_differ(student, TESTS):
        for each in on_each_event(job):
            event = each.event["event_name"]
            run = ran(student, each, hidden)
            assert run.passed, f"{job} fails though nothing is wrong: {run.output[-500:]}"
            if not run.called("pytest"):
                continue
            tested.setdefault(job.matrix_system(), set()).add(event)
            installed = set(student.read(".state/installed").decode().split())
            missing = [lock for lock in LOCKS if not _versions(student.read(lock)) <= installed]
            assert not missing, f"{job} does not install {missing}"
            assert workflows.python_version(job) is not None, f"{job} takes whatever Python the machine has"
            if event == "pull_request" and len(on_each_event(job)) == 1:
                tested[job.matrix_system()].add("push")
    for system in ("Linux", "Windows", "macOS"):
        for event in ("push", "pull_request"):
            assert event in tested.get(system, ()), f"for a {event} no job on {system} runs pytest"


def _versions(lock: bytes) -> set[str]:
    return {line for line in lock.decode().split() if "==" in line}


@hint("Look for what hides a status: `|| true`, continue-on-error, a pipe, an `if`.")
@pytest.mark.parametrize("tool", ["pytest", "pip"], ids=["tests", "installation"])
def test_failing_tests_fail_the_job(student: Student, hidden: Path, tool: str) -> None:
    """When pytest (or the installation) fails, the job fails"""
    called = False
    for job in jobs_that_differ(student, TESTS):
        run = ran(student, job, hidden, fail=tool)
        called = called or bool(run.called(tool))
        assert not (run.called(tool) and run.passed), f"{tool} fails and {job} passes all the same"
    assert called, f"no job of {TESTS} runs {tool}"


@hint("setup-python can keep pip's cache: it must know both files. With actions/cache, hashFiles makes the key.")
@pytest.mark.parametrize("path", [TESTS, CODECHECK], ids=["tests", "codecheck"])
def test_cache(student: Student, path: str) -> None:
    """Packages are cached under a key that changes with each lock file, and with nothing else but the system"""
    files = project(student)
    downloading = [job for job in jobs_of(student, path) if job.downloads]
    assert downloading, f"{path}: no job installs anything"
    for job in downloading:
        keys = workflows.cache_keys(job)
        assert keys, f"{job} keeps no cache of packages"
        again = workflows.cache_keys(dataclasses.replace(job, event={**job.event, **workflows.ANOTHER_RUN}))
        assert keys == again, f"{job}: the key changes with every run or branch, so the cache is not found: {keys}"
        for lock in LOCKS:
            changed = {**files, lock: files[lock] + b"scipy==1.16.3\n"}
            other = workflows.cache_keys(dataclasses.replace(job, files=changed))
            assert keys != other, f"{job}: the key stays the same when {lock} changes"
    systems: dict[str, set[str]] = {}
    for job in downloading:
        for key in workflows.cache_keys(job):
            systems.setdefault(key, set()).add(job.matrix_system())
    shared = [sorted(names) for names in systems.values() if len(names) > 1]
    assert not shared, f"{shared} share one key: packages of one system are no use to another"


@hint("Three programs, each called so that it only looks, and changes nothing.")
def test_code_check_runs(student: Student, hidden: Path) -> None:
    """When all is well the code check runs ruff check, ruff format and mypy, rewrites nothing, and passes"""
    calls: dict[str, list[tuple[str, ...]]] = {"pull_request": [], "push": []}
    for job in jobs_of(student, CODECHECK):
        events = on_each_event(job)
        for each in events:
            run = ran(student, each, hidden)
            assert run.passed, f"{job} fails though nothing is wrong: {run.output[-500:]}"
            with hint(
                "CI tells what is wrong; what it mends on its own machine is thrown away, and the mark is green."
            ):
                assert run.rewritten == (), f"{job} changes the files that it should only look at"
            for event in calls if len(events) == 1 else (each.event["event_name"],):
                calls[event] += run.calls
    for event, made in calls.items():
        for words in (("ruff", "check"), ("ruff", "format"), ("mypy",)):
            found = [call for call in made if call[: len(words)] == words]
            assert found, f"{' '.join(words)} is never run for a {event}"


@hint("Does the tool itself report by its status what it finds (ruff format has an option for that)? Is it swallowed?")
@pytest.mark.parametrize("tool", ["ruff check", "ruff format", "mypy"], ids=["lint", "format", "types"])
def test_findings_fail_the_code_check(student: Student, hidden: Path, tool: str) -> None:
    """What lint, format or types find fails the code check"""
    runs = [ran(student, job, hidden, fail=tool) for job in jobs_of(student, CODECHECK)]
    assert any(run.called(*tool.split()) for run in runs), f"{tool} is never run"
    assert not all(run.passed for run in runs), f"{tool} finds something wrong and the code check passes"


@hint("Without `permissions` the token may have write access. Checking code needs to read it, no more.")
@pytest.mark.parametrize("path", [TESTS, CODECHECK], ids=["tests", "codecheck"])
def test_permissions(student: Student, path: str) -> None:
    """The token of each job may read the contents, and nothing else"""
    for job in jobs_of(student, path):
        given = job.definition.get("permissions", job.workflow.get("permissions"))
        assert given is not None, f"{job} says nothing of permissions"
        assert isinstance(given, dict), f"{job} has permissions {given!r}: name what it needs"
        more = {scope: access for scope, access in given.items() if access != "none" and scope != "contents"}
        assert not more and given.get("contents", "none") in ("read", "none"), f"{job} needs less than {given}"


@hint("Anyone can open a pull request: what it runs is theirs, and so are its title and the name of its branch.")
@pytest.mark.parametrize("path", [TESTS, CODECHECK], ids=["tests", "codecheck"])
def test_nothing_for_strangers(student: Student, path: str) -> None:
    """A pull request from a fork gets no secret, no token of the target, and no say in the scripts"""
    workflow = read(student, path)
    assert workflow.get("jobs"), "TODO: the workflow has no jobs yet"
    on = workflow.get("on")
    events = set(on) if isinstance(on, dict | list) else {on}
    assert not events & {"pull_request_target", "workflow_run"}, (
        "code of a fork would run with the rights of this repository"
    )
    used = [found[0] for text in strings(workflow) for found in SECRET.finditer(text)]
    assert used == [], "these secrets would be there for the taking"
    try:
        pasted = sorted({piece for job in jobs_of(student, path) for piece in workflows.pasted(job)})
    except ExpressionError as error:
        raise AssertionError(f"{path}: {error}") from None
    with hint('`${{ }}` is replaced before bash reads the script. Give it to the step with `env:`, and use "$NAME".'):
        assert pasted == [], "a stranger's text is pasted into a script"


@hint("A branch moves: name a version (v5) or a commit.")
@pytest.mark.parametrize("path", [TESTS, CODECHECK], ids=["tests", "codecheck"])
def test_actions_are_pinned(student: Student, path: str) -> None:
    """Every action is used at a version or a commit"""
    used = [str(step["uses"]) for job in jobs_of(student, path) for step in job.steps if "uses" in step]
    assert used, "no action is used, not even one that checks out the code"
    loose = sorted(
        {name for name in used if not re.fullmatch(r"[^@]+@(v?\d+(\.\d+)*([-.+]\w+)*|[0-9a-fA-F]{40})", name)}
    )
    assert loose == [], "these actions can change under you"


def updates(student: Student) -> list[tuple[str, dict[str, Any]]]:
    """The entries of dependabot.yaml, each with its ecosystem: several may be for the same."""
    entries = read(student, DEPENDABOT).get("updates")
    assert isinstance(entries, list), "TODO: dependabot.yaml has no updates yet"
    return [(str(entry.get("package-ecosystem")), entry) for entry in entries if isinstance(entry, dict)]


def monthly(cronjob: str) -> bool:
    """Whether a cron expression, or words such as "every day at 5am", comes round in every month."""
    fields = cronjob.lower().split()
    if fields and fields[0] == "every":
        return not {"year", "years", "quarter", "quarters"} & set(fields) and not re.search(r"\d+ months", cronjob)
    if len(fields) < 5:
        return cronjob.lower() in ("@daily", "@hourly", "@midnight", "@weekly", "@monthly")
    days, months, weekdays = fields[-3:]  # a sixth field, of seconds, comes first
    in_each = months in ("*", "*/1", "1-12", "jan-dec") or set(months.split(",")) >= {
        str(month) for month in range(1, 13)
    }
    # A day of the month that February lacks comes round less often; with a day of the week as well, either will do.
    short = days != "*" and not re.search(r"(^|,)(\*|[1-9]\b|1\d|2[0-8]|l)", days)
    return in_each and not (short and weekdays == "*")


@hint("Actions grow old as packages do: each ecosystem is an entry of its own.")
def test_dependabot_watches_both(student: Student) -> None:
    """Dependabot looks after the Python packages and the actions, every month at least"""
    found = updates(student)
    groups = read(student, DEPENDABOT).get("multi-ecosystem-groups") or {}
    watched = {name for name, _ in found}
    missing = {"github-actions"} - watched | ({"pip"} if not {"pip", "uv"} & watched else set())
    assert not missing, f"nothing watches {sorted(missing)}"
    for name, entry in found:
        schedule = entry.get("schedule") or (groups.get(entry.get("multi-ecosystem-group")) or {}).get("schedule") or {}
        interval = schedule.get("interval")
        often = interval in ("daily", "weekly", "monthly") or (
            interval == "cron" and monthly(str(schedule.get("cronjob")))
        )
        when = schedule.get("cronjob") if interval == "cron" else interval
        assert often, f"{name} is looked at {when!r}, and that is not every month"
        limit = entry.get("open-pull-requests-limit", 5)
        assert limit > 0, f"{name}: with a limit of 0 pull requests no update is ever proposed"
        folders = [
            str(folder).strip("/") for folder in [entry.get("directory"), *(entry.get("directories") or [])] if folder
        ]
        assert {"", ".", "**", "**/*", "*"} & set(folders), f"{name}: the files lie in /, not in {folders}"


@hint("`groups` gathers updates: its patterns must name every dependency, `*` stands for anything.")
def test_dependabot_groups(student: Student) -> None:
    """Updates come grouped: every dependency of the lock files, and every action used, is in a group"""
    found = updates(student)
    packages = [
        line.split("==")[0] for lock in LOCKS for line in student.read(lock).decode().splitlines() if "==" in line
    ]
    used = [
        str(step["uses"]).split("@")[0]
        for p in (TESTS, CODECHECK)
        for job in jobs_of(student, p)
        for step in job.steps
        if "uses" in step
    ]
    for names, ecosystems in ((packages, ("pip", "uv")), (sorted(set(used)), ("github-actions",))):
        entries = [entry for name, entry in found if name in ecosystems]
        groups = [group for entry in entries for group in _groups(entry)]
        alone = [name for name in names if not any(_in_group(group, name) for group in groups)]
        assert alone == [], f"{ecosystems[0]}: each of these comes in a pull request of its own"


def _groups(entry: dict[str, Any]) -> list[dict[str, Any]]:
    """The groups of an entry, also the one that spans ecosystems; those for security updates alone are none here."""
    own = [group or {} for group in (entry.get("groups") or {}).values()]
    spanning = [{"patterns": entry.get("patterns") or []}] if "multi-ecosystem-group" in entry else []
    return [group for group in own if group.get("applies-to") != "security-updates"] + spanning


def _in_group(group: dict[str, Any], name: str) -> bool:
    if workflows.covers(group.get("exclude-patterns") or [], name):
        return False
    return workflows.covers(group.get("patterns") or ["*"], name)
