"""Hidden suite of m18: the student's hooks, run for real in projects that are untidy, forbidden or pushed."""

import random
import re
from dataclasses import dataclass
from typing import Any

import mirror
import pytest
import yaml

from mlops_grade.suite import Student, hint, read_yaml

CONFIG = ".pre-commit-config.yaml"
PRELUDE = """set -euo pipefail
root=$PWD
export HOME=$root/home PRE_COMMIT_HOME=$root/store PRE_COMMIT_COLOR=never GIT_CONFIG_NOSYSTEM=1
export GIT_AUTHOR_DATE="2031-03-05T09:00:00Z" GIT_COMMITTER_DATE="2031-03-05T09:00:00Z"
"""
# Repositories on the web are taken from the copies beside the project.
GIT_CONFIGURATION = """[user]
    name = Ada
    email = ada@example.org
[init]
    defaultBranch = work
[gc]
    auto = 0
[url "file://@ROOT@/mirror/"]
    insteadOf = https://github.com/
"""
# mirror.sh: makes a repository of each folder in mirror/, with the tags that its file TAGS names.
MIRROR = f"""{PRELUDE}
sed -i "s|@ROOT@|$root|" home/.gitconfig
for folder in mirror/*/*; do
    ln -s "$(basename "$folder")" "$folder.git"
    (
        cd "$folder"
        git init --quiet
        git add .pre-commit-hooks.yaml
        git commit --quiet --message hooks
        git branch --quiet main 2>/dev/null || true
        while read -r tag; do git tag "$tag"; done <TAGS
    )
done
"""
# stage.sh PROJECT: puts all files of a project under git.
STAGE = f"""{PRELUDE}
cp replayed.yaml "$1/{CONFIG}"
cd "$1"
[ -d .git ] || git init --quiet
git add --all
"""
# hooks.sh PROJECT [ARG...]: runs pre-commit in a project.
HOOKS = f"""{PRELUDE}
cd "$1"
exec python -m pre_commit run "${{@:2}}"
"""
# push.sh PROJECT FILE: commits all, changes FILE, commits again, and runs the hooks of a push of the second commit.
PUSH = f"""{PRELUDE}
cd "$1"
git commit --quiet --no-verify --message one
echo "more" >>"$2"
git commit --quiet --no-verify --all --message two
exec python -m pre_commit run --hook-stage pre-push --from-ref HEAD~1 --to-ref HEAD
"""
# A stand-in for the project's tests: it writes down each call, and fails when the file FAIL is there.
TESTS = 'echo "call$*" >>../calls.txt\n[ ! -e FAIL ]\n'


@dataclass(frozen=True)
class Replay:
    """What happened when the student's hooks were run."""

    tidied: tuple[Any, Any]  # two runs, one after the other, in an untidy project
    before: dict[str, str]  # its files before the runs
    after: dict[str, str]  # and after them
    calls_at_commit: int
    refused: dict[str, str]  # kind: file that has to be refused
    welcome: list[str]
    judged: Any  # the run over files of which some have to be refused


def ensure(condition: object, message: str) -> None:
    """Fail the check with a message alone, where what was compared would not help, or would give the answer away."""
    if not condition:
        raise AssertionError(message)


def read_config(student: Student) -> dict[str, Any]:
    try:
        config = read_yaml(student.read(CONFIG))
    except yaml.YAMLError as error:
        raise AssertionError(f"{CONFIG} is not valid YAML: {error}") from None
    assert isinstance(config, dict), f"{CONFIG} is not a mapping"
    return config


def repositories(student: Student) -> dict[str, str]:
    """Revision of each remote repository in the configuration, by its path on GitHub."""
    config = read_config(student)
    repos = config.get("repos")
    assert isinstance(repos, list) and repos, f"{CONFIG} names no repositories"
    found: dict[str, str] = {}
    for entry in repos:
        assert isinstance(entry, dict) and isinstance(entry.get("repo"), str), f"this is no repository: {entry!r}"
        if entry["repo"] in ("local", "meta"):
            continue
        path = re.sub(r"^https://github\.com/|(\.git)?/?$", "", entry["repo"])
        ensure(path in mirror.REPOSITORIES, f"the task has no place for the repository {entry['repo']}")
        found[path] = str(entry.get("rev", ""))
    for path in mirror.REPOSITORIES:
        ensure(path in found, f"no hooks of https://github.com/{path} are used")
    return found


def word() -> str:
    return "".join(random.choices("abcdefghijkmnopqrstuvwxyz", k=6))


def untidy(name: str) -> tuple[dict[str, str], dict[str, str]]:
    """Files that have to be mended, and what has to come out; files that have to stay as they are are in both."""
    crooked = f"import os\nimport sys\ndef {name}( x ):\n  return  x\n\n\n\n\nprint( sys.argv,{name}('1') )"
    straight = f'import sys\n\n\ndef {name}(x):\n    return x\n\n\nprint(sys.argv, {name}("1"))\n'
    before = {
        f"src/{name}.py": crooked,
        f"tests/fixtures_{name}.py": crooked,
        # What the linter takes out leaves blank lines at the top, which are the formatter's to take away.
        f"src/first_{name}.py": f"import os\n\n\ndef {name}():\n    return 1\n",
        f"notes/{name}.txt": f"one {name} \ntwo\t\nthree",
        f"config/{name}.yaml": f"seed: 1   \nname: {name}\n\n\n",
        f"tests/fixtures/{name}.txt": f"white space at the end is what this test is about: {name}   \n\n\n",
        f"tests/fixtures/deep/{name}.py": crooked,
        f"src/data/{name}.py": f'"""Loads {name}."""\n',
        "README.md": f"# {name}\n",
    }
    after = before | {
        f"src/{name}.py": straight,
        f"tests/fixtures_{name}.py": straight,
        f"src/first_{name}.py": f"def {name}():\n    return 1\n",
        f"notes/{name}.txt": f"one {name}\ntwo\nthree\n",
        f"config/{name}.yaml": f"seed: 1\nname: {name}\n",
    }
    return before, after


def forbidden(name: str) -> tuple[dict[str, str], dict[str, str | bytes]]:
    """Which file has to be refused for what, and the contents of all files."""
    refused = {
        "a new file of more than 200 kB": f"models/{name}.bin",
        "a private key": f"config/{name}_key.txt",
        "YAML that does not parse": f"config/{name}.yaml",
        "a problem that the linter cannot fix": f"src/{name}.py",
        "a file in data/": f"data/{name}.csv",
        "a file deep in data/": f"data/raw/{name}/leaf.txt",
    }
    kind = random.choice(["RSA", "OPENSSH", "EC"])
    contents: dict[str, str | bytes] = {
        refused["a new file of more than 200 kB"]: b"\0" * (random.randint(206, 480) * 1024),
        # Put together here, so that nobody takes this file for a leak.
        refused["a private key"]: f"-----BEGIN {kind} PRIVATE " + "KEY-----\nthis is not a real one\n",
        refused["YAML that does not parse"]: "seed: 1\nlayers: [1, 2\nname: x\n",
        refused["a problem that the linter cannot fix"]: f"print(undefined_{name})\n",
        refused["a file in data/"]: "day,height\n1,2\n",
        refused["a file deep in data/"]: "leaf\n",
        f"models/small_{name}.bin": b"\0" * (random.randint(120, 195) * 1024),
        f"config/{name}_public.txt": "-----BEGIN PUBLIC " + "KEY-----\nthis one may be seen\n",
        f"config/{name}_fine.yaml": "layers: [1, 2]\n",
        f"src/{name}_fine.py": "print(1)\n",
        f"src/data/{name}_loader.py": f'"""Loads {name}."""\n',
        f"src/data/{name}_names.csv": "name\nbasil\n",
        f"data/{name}.csv.dvc": "outs:\n- path: x.csv\n",
        f"data/raw/{name}.dvc": "outs:\n- path: x\n",
        "data/.gitignore": "/more.csv\n",
        f"database/{name}.txt": "this is not the folder data\n",
    }
    return refused, contents


def failed_hooks(run: Any) -> dict[str, str]:
    """The hooks that failed, and what each of them said."""
    said = re.sub(r"^- (hook id|exit code|files were modified).*\n", "", run.stdout + run.stderr, flags=re.MULTILINE)
    parts = re.split(r"^(.+?)\.{3,}(?:\(.+\))?(Passed|Failed|Skipped)$", said, flags=re.MULTILINE)
    results = zip(parts[1::3], parts[2::3], parts[3::3])
    return {hook: details for hook, result, details in results if result == "Failed"}


def tell(run: Any, path: str = "") -> str:
    """What the hooks that failed said first (those that name a path), or pre-commit's last words."""
    said = run.stdout + run.stderr
    failed = {hook: details for hook, details in failed_hooks(run).items() if path in details}
    if failed:
        first = {hook: [line for line in details.splitlines() if line.strip()] for hook, details in failed.items()}
        return ", ".join(f"{hook} failed ({'; '.join(lines[:2])[:160]})" for hook, lines in first.items())
    ran = re.search(r"\.{3}.*(Passed|Failed|Skipped)$", said, flags=re.MULTILINE)
    return "no hook failed" if ran else f"pre-commit said: {said.strip()[-300:]}"


@pytest.fixture(scope="module")
def replay(shared_student: Student, shared_seed: int) -> Replay:
    """Run the hooks in an untidy project, twice, and in one with files that have to be refused."""
    student, name = shared_student, word()
    prepare(student)
    before, _ = untidy(name)
    for path, text in before.items():
        student.write(f"untidy/{path}", text)
    student.write("untidy/run_tests.sh", TESTS)
    runs = []
    for _ in range(2):
        student.shell("stage.sh", "untidy")
        runs.append(student.shell("hooks.sh", "untidy", "--all-files", timeout=60))
    after = {path: student.read(f"untidy/{path}").decode(errors="replace") for path in before}
    calls = calls_of_tests(student)
    refused, contents = forbidden(word())
    for path, content in contents.items():
        student.write(f"refused/{path}", content)
    student.write("refused/run_tests.sh", TESTS)
    student.shell("stage.sh", "refused")
    judged = student.shell("hooks.sh", "refused", "--all-files", timeout=60)
    welcome = [path for path in contents if path not in refused.values()]
    return Replay((runs[0], runs[1]), before, after, len(calls), refused, welcome, judged)


def prepare(student: Student) -> None:
    """Put the copies of the repositories and the scripts into the workspace."""
    config = student.read(CONFIG).decode()
    for path, revision in repositories(student).items():
        student.write(f"mirror/{path}/.pre-commit-hooks.yaml", mirror.manifest(path))
        tag = revision if re.fullmatch(r"[\w.-]+", revision) and revision not in ("main", "HEAD") else "v0"
        if re.fullmatch(r"[0-9a-f]{40}", revision):
            # The copy cannot have a commit of that hash: the configuration is replayed with a tag in its place.
            tag = f"v0.{revision}"
            config = config.replace(revision, tag)
        student.write(f"mirror/{path}/TAGS", f"{tag}\n")
    student.write("replayed.yaml", config)
    student.write("home/.gitconfig", GIT_CONFIGURATION)
    for file, script in {"mirror.sh": MIRROR, "stage.sh": STAGE, "hooks.sh": HOOKS, "push.sh": PUSH}.items():
        student.write(file, script)
    made = student.shell("mirror.sh")
    if made.exit_code != 0:
        raise RuntimeError(f"the copies of the repositories could not be made: {made.stderr}")


def calls_of_tests(student: Student) -> list[str]:
    """The calls of run_tests.sh so far: for each, its arguments."""
    if "calls.txt" not in student.files():
        return []
    return [line.removeprefix("call") for line in student.read("calls.txt").decode().splitlines()]


# ------------------------------------------------------------------------------------------------------ configuration


@hint("Run `pre-commit validate-config`: it says where the file differs from what pre-commit understands.")
def test_configuration_is_valid(student: Student) -> None:
    """.pre-commit-config.yaml is valid, and uses the two repositories and hooks of its own"""
    repositories(student)
    checked = student.cli("-m", "pre_commit", "validate-config", CONFIG)
    assert checked.exit_code == 0, (checked.stdout + checked.stderr)[-700:]
    local = [entry for entry in read_config(student)["repos"] if entry["repo"] == "local"]
    assert local, "there are no hooks of the project's own: repo: local"


@hint("A name that can point at another commit tomorrow is no pin. Look at the releases of the repository.")
def test_repositories_are_pinned(student: Student) -> None:
    """Each repository is pinned to the tag of a release, or to a full hash"""
    for path, revision in repositories(student).items():
        pinned = re.fullmatch(r"v?\d+(\.\d+)+([.-]?\w+)*|[0-9a-f]{40}", revision)
        assert pinned, f"{path} is at {revision!r}, which is neither the tag of a release nor a full hash"


# ------------------------------------------------------------------------------------------------------------ mending


@hint(
    "Look at what the second run still complains of. Do all hooks get their turn in the first, and does each one mend?"
)
def test_first_run_mends_and_second_passes(replay: Replay) -> None:
    """In an untidy project the first run exits with 1, and the second one with 0"""
    first, second = replay.tidied
    assert first.exit_code == 1, f"the first run exits with {first.exit_code}. {tell(first)}"
    assert second.exit_code == 0, f"the second run exits with {second.exit_code}. {tell(second)}"


@hint("Is there a hook for what is left, with the arguments that let it change files, and does it look at this file?")
def test_everything_is_mended(replay: Replay) -> None:
    """Afterwards white space, ends of files, imports and formatting are in order"""
    name = next(path for path in replay.before if path.startswith("src/")).removeprefix("src/").removesuffix(".py")
    _, wanted = untidy(name)
    for path, text in wanted.items():
        if not path.startswith("tests/fixtures/"):
            assert {path: replay.after[path]} == {path: text}, f"the text of {path} after both runs of the hooks"


@hint("`exclude` is a regular expression that is searched for in the path: not a glob, and not a list.")
def test_fixtures_are_left_alone(replay: Replay) -> None:
    """Nothing in tests/fixtures/ is changed, while files beside that folder are"""
    for path, text in replay.before.items():
        if path.startswith("tests/fixtures/"):
            assert {path: replay.after[path]} == {path: text}, f"the text of {path} after both runs of the hooks"
        elif path.startswith("tests/"):
            ensure(replay.after[path] != text, f"{path} is not in tests/fixtures/, and no hook has looked at it")


# ----------------------------------------------------------------------------------------------------------- refusing


def names_in(text: str, path: str) -> bool:
    return re.search(rf"(?<![\w./-]){re.escape(path)}(?![\w./-]*\w)", text) is not None


def check_refused(replay: Replay, *kinds: str) -> None:
    assert replay.judged.exit_code == 1, f"the run exits with {replay.judged.exit_code}. {tell(replay.judged)}"
    said = "\n".join(failed_hooks(replay.judged).values())
    for kind in kinds:
        path = replay.refused[kind]
        assert names_in(said, path), f"{path}, {kind}, is not refused"


@hint("The hook has a limit of its own when you give it none.")
def test_big_files_are_refused(replay: Replay) -> None:
    """A new file of more than 200 kB is refused"""
    check_refused(replay, "a new file of more than 200 kB")


@hint("There is a hook that knows how private keys of several kinds begin.")
def test_private_keys_are_refused(replay: Replay) -> None:
    """A private key is refused"""
    check_refused(replay, "a private key")


@hint("One hook parses YAML; Ruff says on its own what it cannot fix.")
def test_files_that_need_a_person_are_refused(replay: Replay) -> None:
    """YAML that does not parse, and what the linter cannot fix, are refused"""
    check_refused(replay, "YAML that does not parse", "a problem that the linter cannot fix")


@hint("Which key says which files a hook is for? Anchor the pattern where the path begins.")
def test_data_is_refused(replay: Replay) -> None:
    """Files in data/ are refused"""
    check_refused(replay, "a file in data/", "a file deep in data/")


@hint("Read the complaint: which hook is it, and which of its patterns or limits is too wide?")
def test_fine_files_are_welcome(replay: Replay) -> None:
    """Small files, public keys, .dvc files and code in src/data/ are not refused"""
    assert replay.judged.exit_code == 1, f"the run exits with {replay.judged.exit_code}. {tell(replay.judged)}"
    said = "\n".join(failed_hooks(replay.judged).values())
    for path in replay.welcome:
        assert not names_in(said, path), f"{path} is refused. {tell(replay.judged, path)}"


# ------------------------------------------------------------------------------------------------------------ pushing


@hint("A hook belongs to one or more stages; look up `stages`, `always_run` and `pass_filenames`.")
def test_tests_run_before_a_push(student: Student, seed: int) -> None:
    """run_tests.sh runs once before a push, without arguments, whatever was changed, and can stop it"""
    prepare(student)
    changed = random.choice(["README.md", "docs/plan.txt"])
    for fails in (False, True):
        project = f"push_{fails}"
        contents = {
            "README.md": "# x\n",
            "docs/plan.txt": "plan\n",
            "src/model.py": "print(1)\n",
            "run_tests.sh": TESTS,
        }
        for path, text in contents.items():
            student.write(f"{project}/{path}", text)
        if fails:
            student.write(f"{project}/FAIL", "yes\n")
        student.shell("stage.sh", project)
        before = len(calls_of_tests(student))
        pushed = student.shell("push.sh", project, changed, timeout=60)
        calls = calls_of_tests(student)[before:]
        assert len(calls) == 1, f"{changed} is pushed, and run_tests.sh runs {len(calls)} times. {tell(pushed)}"
        assert calls == [""], f"run_tests.sh is given arguments: {calls[0]}"
        wanted = "fail: the push has to be stopped" if fails else "pass: the push has to go through"
        assert (pushed.exit_code != 0) == fails, f"the tests {wanted}. {tell(pushed)}"


@hint("Without `stages` a hook belongs to all of them.")
def test_tests_do_not_run_before_a_commit(replay: Replay) -> None:
    """run_tests.sh does not run before a commit"""
    _, second = replay.tidied
    assert second.exit_code == 0, f"the hooks could not be run to their end. {tell(second)}"
    calls = replay.calls_at_commit
    assert calls == 0, f"in two runs of the hooks for a commit run_tests.sh was called {calls} times"
