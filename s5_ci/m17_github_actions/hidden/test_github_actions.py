"""Hidden suite of m17: workflows, read as GitHub reads them and run with stand-in commands."""

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
VERSIONS = {"3.11", "3.12", "3.13", "3.14"}
SECRET = re.compile(r"secrets\s*(?:\.|\[\s*')\s*(?!GITHUB_TOKEN\b)\w+", re.IGNORECASE)
UNTRUSTED = re.compile(
    r"\$\{\{[^}]*github\.(?:head_ref|event\.[\w.*\[\]]*\b(?:title|body|message|ref|label|email|name|login|default_branch))\b"
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


def python_version(job: workflows.Job) -> Any:
    """The version of Python that the job asks for."""
    given = [*job.actions("actions/setup-python"), *job.actions("astral-sh/setup-uv")]
    versions = [inputs["python-version"] for inputs in given if "python-version" in inputs]
    return versions[0] if versions else None


@hint("A matrix only lists values: runs-on and python-version must use them. And YAML reads 3.10 as the number 3.1.")
def test_matrix(student: Student) -> None:
    """The tests run on Linux, Windows and macOS, on each with at least two versions of Python"""
    cells: dict[str, set[Any]] = {}
    for job in jobs_of(student, TESTS):
        version = python_version(job)
        if version is not None:
            cells.setdefault(job.matrix_system(), set()).add(version)
    assert {"Linux", "Windows", "macOS"} <= set(cells), f"jobs with Python run on {sorted(cells)} only"
    for system in ("Linux", "Windows", "macOS"):
        seen = cells[system]
        assert seen <= VERSIONS, f"on {system}: Python {seen - VERSIONS} is not a text like '3.12', 3.11 or newer"
        assert len(seen) >= 2, f"on {system} only Python {', '.join(seen)} is tested"


def jobs_of_tests(student: Student) -> list[workflows.Job]:
    """One job for each system (the steps of the others are the same)."""
    jobs = jobs_of(student, TESTS)
    one_each = {job.matrix_system(): job for job in jobs if job.steps}
    assert one_each, f"{TESTS}: no job has steps"
    return list(one_each.values())


@hint("Each job starts on an empty machine: it needs the files, then Python, then the packages, and then the tests.")
def test_tests_run(student: Student, hidden: Path) -> None:
    """When all is well each job checks out, installs both lock files, runs pytest and passes"""
    for job in jobs_of_tests(student):
        run = workflows.run(student, job, stand_in(hidden))
        assert run.passed, f"{job} fails though nothing is wrong: {run.output[-500:]}"
        assert run.called("pytest"), f"{job} does not run pytest"
        installed = student.read(".state/installed").decode()
        missing = [lock for lock in LOCKS if student.read(lock).decode().strip() not in installed]
        assert not missing, f"{job} does not install {missing}"
        assert python_version(job) is not None, f"{job} takes whatever Python the machine has"


@hint("Look for what hides a status: `|| true`, continue-on-error, a pipe, an `if`.")
@pytest.mark.parametrize("tool", ["pytest", "pip"], ids=["tests", "installation"])
def test_failing_tests_fail_the_job(student: Student, hidden: Path, tool: str) -> None:
    """When pytest (or the installation) fails, the job fails"""
    for job in jobs_of_tests(student):
        run = workflows.run(student, job, stand_in(hidden), fail=tool)
        assert run.called(tool), f"{job} does not run {tool}"
        assert not run.passed, f"{tool} fails and {job} passes all the same"


@hint("setup-python can keep pip's cache: it must know both files. With actions/cache, hashFiles makes the key.")
@pytest.mark.parametrize("path", [TESTS, CODECHECK], ids=["tests", "codecheck"])
def test_cache(student: Student, path: str) -> None:
    """Packages are cached under a key that changes with each lock file, and with nothing else but the system"""
    files = project(student)
    for job in jobs_of(student, path):
        keys = workflows.cache_keys(job)
        assert keys, f"{job} keeps no cache of packages"
        later = {**job.event, "run_id": 18, "sha": "decade", "run_number": 5, "run_attempt": 2}
        again = workflows.cache_keys(workflows.Job(job.id, job.definition, job.workflow, job.matrix, files, later))
        assert keys == again, f"{job}: the key changes with every run, so the cache is never found: {keys}"
        for lock in LOCKS:
            changed = {**files, lock: files[lock] + b"scipy==1.16.3\n"}
            other = workflows.cache_keys(workflows.Job(job.id, job.definition, job.workflow, job.matrix, changed))
            assert keys != other, f"{job}: the key stays the same when {lock} changes"
    systems: dict[str, set[str]] = {}
    for job in jobs_of(student, path):
        for key in workflows.cache_keys(job):
            systems.setdefault(key, set()).add(job.matrix_system())
    shared = [sorted(names) for names in systems.values() if len(names) > 1]
    assert not shared, f"{shared} share one key: packages of one system are no use to another"


@hint("Three programs, each called so that it only looks, and changes nothing.")
def test_code_check_runs(student: Student, hidden: Path) -> None:
    """When all is well the code check runs ruff check, ruff format and mypy, and passes"""
    calls = []
    for job in jobs_of(student, CODECHECK):
        run = workflows.run(student, job, stand_in(hidden))
        assert run.passed, f"{job} fails though nothing is wrong: {run.output[-500:]}"
        calls += run.calls
    for words in (("ruff", "check"), ("ruff", "format"), ("mypy",)):
        assert [call for call in calls if call[: len(words)] == words], f"{' '.join(words)} is never run"


@hint("Does the tool itself report by its status what it finds (ruff format has an option for that)? Is it swallowed?")
@pytest.mark.parametrize("tool", ["ruff check", "ruff format", "mypy"], ids=["lint", "format", "types"])
def test_findings_fail_the_code_check(student: Student, hidden: Path, tool: str) -> None:
    """What lint, format or types find fails the code check"""
    runs = [(job, workflows.run(student, job, stand_in(hidden), fail=tool)) for job in jobs_of(student, CODECHECK)]
    assert any(run.called(*tool.split()) for _, run in runs), f"{tool} is never run"
    assert not all(run.passed for _, run in runs), f"{tool} finds something wrong and the code check passes"


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
    scripts = [str(step.get("run", "")) for job in jobs_of(student, path) for step in job.steps]
    pasted = sorted({found[0] + " }}" for script in scripts for found in UNTRUSTED.finditer(script)})
    assert pasted == [], "a stranger's text is pasted into a script"


@hint("A branch moves: name a version (v5) or a commit.")
@pytest.mark.parametrize("path", [TESTS, CODECHECK], ids=["tests", "codecheck"])
def test_actions_are_pinned(student: Student, path: str) -> None:
    """Every action is used at a version or a commit"""
    used = [str(step["uses"]) for job in jobs_of(student, path) for step in job.steps if "uses" in step]
    assert used, "no action is used, not even one that checks out the code"
    loose = sorted({name for name in used if not re.fullmatch(r"[^@]+@(v?\d+(\.\d+)*|[0-9a-f]{40})", name)})
    assert loose == [], "these actions can change under you"


def updates(student: Student) -> dict[str, dict[str, Any]]:
    entries = read(student, DEPENDABOT).get("updates")
    assert isinstance(entries, list), "TODO: dependabot.yaml has no updates yet"
    return {str(entry.get("package-ecosystem")): entry for entry in entries if isinstance(entry, dict)}


@hint("Actions grow old as packages do: each ecosystem is an entry of its own.")
def test_dependabot_watches_both(student: Student) -> None:
    """Dependabot looks after the Python packages and the actions, every month at least"""
    found = updates(student)
    missing = {"github-actions"} - set(found) | ({"pip"} if not {"pip", "uv"} & set(found) else set())
    assert not missing, f"nothing watches {sorted(missing)}"
    for name, entry in found.items():
        interval = (entry.get("schedule") or {}).get("interval")
        assert interval in ("daily", "weekly", "monthly"), f"{name} is looked at {interval!r}"
        folders = [
            str(folder).strip("/") for folder in [entry.get("directory"), *(entry.get("directories") or [])] if folder
        ]
        assert "" in folders or "**" in folders or "*" in folders, f"{name}: the files lie in /, not in {folders}"


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
        entry = next((found[name] for name in ecosystems if name in found), {})
        groups = list((entry.get("groups") or {}).values())
        alone = [name for name in names if not any(_in_group(group, name) for group in groups)]
        assert alone == [], f"{ecosystems[0]}: each of these comes in a pull request of its own"


def _in_group(group: dict[str, Any], name: str) -> bool:
    if workflows.covers(group.get("exclude-patterns") or [], name):
        return False
    return workflows.covers(group.get("patterns") or ["*"], name)
