"""The students' repository: what is in it, what is not, that it is the same each time, and that it works."""

from __future__ import annotations

import io
import subprocess
import zipfile
from pathlib import Path

import pytest
import yaml
from rich.console import Console

import small_course
from mlops_grade.batch.cohort import load_cohort
from mlops_grade.course.discovery import Course, load_course
from mlops_grade.course.submission import from_checkout
from mlops_grade.errors import GraderError, UsageError
from mlops_grade.judge.grader import Grader, RunOptions
from mlops_grade.release.command import release, write_gradescope
from mlops_grade.release.contents import template
from mlops_grade.release.instructors import write_instructors
from mlops_grade.release.scaffold import new_module
from mlops_grade.verdict import Outcome

SECRET = "a_line_that_stands_in_the_hidden_suite_alone = 1"


def git(folder: Path, *words: str) -> str:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", "-C", str(folder), *identity, *words], capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def course(tmp_path: Path) -> Course:
    root = tmp_path / "course"
    course = small_course.make(root, suite=f"{small_course.SUITE}\n{SECRET}\n")
    small_course.write(root, {"pyproject.toml": "[project]\n", "grader/x.py": "x = 1\n", "notes/secret.txt": "no\n"})
    git(root, "init", "-q")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "all")
    return course


def released(course: Course, out: Path, **options: object) -> dict[str, bytes]:
    release(course, out, Console(file=io.StringIO()), run_checks=False, **options)  # type: ignore[arg-type]
    return {str(path.relative_to(out)): path.read_bytes() for path in out.rglob("*") if path.is_file()}


def test_students_get_all_but_what_is_hidden(course: Course, tmp_path: Path) -> None:
    files = released(course, tmp_path / "out")
    assert "s1_first/m01_numbers/numbers_module.py" in files
    assert "s1_first/m01_numbers/suite.sealed" in files
    ours = {"README.md", "AGENTS.md", ".github/workflows/grade.yml", ".devcontainer/devcontainer.json"}
    assert ours | {"grader/x.py"} <= set(files)
    assert not [path for path in files if "hidden" in path or path.startswith("notes")]
    assert not [path for path, data in files.items() if SECRET.encode() in data]


def test_a_release_keeps_its_line_ends_on_every_system(course: Course, tmp_path: Path) -> None:
    out = tmp_path / "out"
    before = released(course, out)
    git(out, "init", "-q")
    git(out, "add", "-A")
    git(out, "commit", "-qm", "the release")
    git(tmp_path, "-c", "core.autocrlf=true", "clone", "-q", str(out), "windows")
    changed = [path for path, data in before.items() if (tmp_path / "windows" / path).read_bytes() != data]
    assert changed == []


def test_data_and_weights_that_students_make_stay_out_of_git(course: Course, tmp_path: Path) -> None:
    files = released(course, tmp_path / "out")
    for path in ("outputs/run.log", "model.pth", "mlruns/0/meta.yaml"):
        small_course.write(tmp_path / "out", {f"s1_first/m01_numbers/{path}": "x"})
    git = ["git", "-C", str(tmp_path / "out")]
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "add", "--all"], check=True)
    listed = subprocess.run([*git, "ls-files"], check=True, capture_output=True, text=True).stdout.splitlines()
    assert set(listed) == set(files), "what was released is tracked, and no more"


def test_the_same_commit_gives_the_same_bytes(course: Course, tmp_path: Path) -> None:
    assert released(course, tmp_path / "one") == released(course, tmp_path / "two")


def test_an_earlier_release_is_replaced_and_its_repository_kept(course: Course, tmp_path: Path) -> None:
    out = tmp_path / "out"
    released(course, out)
    git(out, "init", "-q")
    (out / "left-over.txt").write_text("x")
    files = released(course, out)
    assert (out / ".git").is_dir()
    assert "left-over.txt" not in files


def test_uncommitted_changes_are_refused_unless_said(course: Course, tmp_path: Path) -> None:
    (course.root / "s1_first" / "m01_numbers" / "README.md").write_text("changed\n")
    with pytest.raises(UsageError, match="not committed"):
        released(course, tmp_path / "out")
    released(course, tmp_path / "out", allow_changes=True)


@pytest.mark.parametrize("place", [".", "..", "full"])
def test_a_folder_that_holds_something_else_is_refused(course: Course, tmp_path: Path, place: str) -> None:
    full = tmp_path / "full"
    full.mkdir()
    (full / "thesis.txt").write_text("precious")
    with pytest.raises(UsageError):
        released(course, {"full": full, ".": course.root, "..": course.root.parent}[place])
    assert (full / "thesis.txt").read_text() == "precious"


def test_a_hidden_line_in_the_history_stops_the_release(course: Course, tmp_path: Path) -> None:
    hidden = (course.modules[0].hidden / "test_numbers.py").read_text()
    out = tmp_path / "out"
    released(course, out, allow_changes=True)
    git(out, "init", "-q")
    (out / "leak.txt").write_text(hidden)
    git(out, "add", "-A")
    git(out, "commit", "-qm", "leak")
    git(out, "rm", "-q", "leak.txt")
    git(out, "commit", "-qm", "as if nothing had happened")
    with pytest.raises(GraderError, match="history"):
        released(course, out, allow_changes=True)


def test_a_release_grades_as_the_course_does(course: Course, tmp_path: Path) -> None:
    released(course, tmp_path / "out")
    small_course.hand_in(tmp_path / "fork", course.modules[0], {})
    verdicts = []
    for root in (course.root, tmp_path / "out"):
        module = load_course(root).modules[0]
        with Grader([module], RunOptions()) as grader:
            verdicts.append(grader.grade(module, from_checkout(tmp_path / "fork", module)))
    one, other = verdicts
    assert one.outcome is other.outcome is Outcome.PASSED
    assert one.provenance == other.provenance


def test_a_suite_sealed_with_the_courses_key_is_graded_where_the_key_is(
    course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLOPS_GRADE_KEY", "a secret of this course")
    released(course, tmp_path / "out", use_key=True)
    module = load_course(tmp_path / "out").modules[0]
    small_course.hand_in(tmp_path / "fork", module, {})
    work = from_checkout(tmp_path / "fork", module)
    with Grader([module], RunOptions()) as grader:
        assert grader.grade(module, work).outcome is Outcome.PASSED
        monkeypatch.delenv("MLOPS_GRADE_KEY")
        verdict = grader.grade(module, work)
    assert verdict.outcome is Outcome.NOT_RUN
    assert "graded by the course's team" in verdict.reason


def test_the_students_workflow_is_a_workflow_without_secrets(course: Course, tmp_path: Path) -> None:
    published = "example-org/exercises@" + "a" * 40
    workflow = released(course, tmp_path / "out", grader=published)[".github/workflows/grade.yml"].decode()
    assert f"uses: example-org/exercises/grader@{'a' * 40}" in workflow
    assert "secrets." not in workflow
    problems = faults(yaml.safe_load(workflow), "vendor.github-workflows")
    assert problems == []


def test_without_a_published_grader_the_students_own_is_used_and_that_is_told(course: Course, tmp_path: Path) -> None:
    out = io.StringIO()
    release(course, tmp_path / "out", Console(file=out, width=300), run_checks=False)
    assert "no proof for you" in out.getvalue()
    assert "uses: ./grader" in (tmp_path / "out/.github/workflows/grade.yml").read_text()


@pytest.mark.parametrize("grader", ["example-org/exercises", "x@y", "a/b@c d", "./grader", "a/b@c\n- run: x"])
def test_a_grader_that_is_not_published_is_refused(course: Course, tmp_path: Path, grader: str) -> None:
    with pytest.raises(UsageError, match="OWNER/REPOSITORY@COMMIT"):
        released(course, tmp_path / "out", grader=grader)


def test_the_action_takes_no_secret_and_its_seed_from_the_commit() -> None:
    text = (Path(__file__).parents[2] / "grader/action.yml").read_text()
    action = yaml.safe_load(text)
    assert faults(action, "vendor.github-actions") == []
    assert set(action["inputs"]) == {"what", "changed-only", "token"}
    (grade,) = (step for step in action["runs"]["steps"] if step.get("name") == "Grade")
    assert "GITHUB_SHA" in grade["run"] and "--seed" in grade["run"]
    assert '--submission "$GITHUB_WORKSPACE"' in grade["run"]


def test_the_instructors_repository_grades_the_cohort_with_the_release(course: Course, tmp_path: Path) -> None:
    released(course, tmp_path / "out")
    mine = tmp_path / "mine"
    console = Console(file=io.StringIO())
    write_instructors(tmp_path / "out", mine, console)
    workflow = yaml.safe_load((mine / ".github/workflows/cohort.yml").read_text())
    assert faults(workflow, "vendor.github-workflows") == []
    assert (mine / "course/s1_first/m01_numbers/suite.sealed").is_file()
    (mine / "roster.csv").write_text("student,repository\nada,https://example.org/ada.git\n")
    write_instructors(tmp_path / "out", mine, console)
    assert "ada" in (mine / "roster.csv").read_text(), "what the instructors filled in stays"
    assert [student.id for student in load_cohort(mine).students] == ["ada"]
    assert load_course(mine / "course").modules[0].id == "m01"


def test_secrets_reach_the_steps_that_need_them_and_no_other() -> None:
    workflow = yaml.safe_load(template("instructors/cohort.yml"))
    steps = workflow["jobs"]["grade"]["steps"]
    holders = {step["name"]: [key for key, value in step["env"].items() if "secrets." in value]
               for step in steps if "secrets." in str(step)}  # fmt: skip
    assert holders == {"Collect and grade": ["GH_TOKEN", "MLOPS_GRADE_KEY"], "Post the feedback": ["GITHUB_TOKEN"]}
    assert "--require-isolation namespaces" in str(steps)


def test_a_folder_with_something_else_is_no_instructors_repository(course: Course, tmp_path: Path) -> None:
    released(course, tmp_path / "out")
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis/thesis.txt").write_text("precious")
    for place in (tmp_path / "thesis", tmp_path / "out" / "inside"):
        with pytest.raises(UsageError):
            write_instructors(tmp_path / "out", place, Console(file=io.StringIO()))


def faults(document: dict[object, object], schema: str) -> list[str]:
    """What a schema that ships with check-jsonschema finds in a document."""
    document = {"on" if key is True else key: value for key, value in document.items()}  # YAML 1.1 has it for "yes"
    from check_jsonschema.builtin_schemas import get_builtin_schema
    from jsonschema import Draft7Validator  # type: ignore[import-untyped]

    return [error.message for error in Draft7Validator(get_builtin_schema(schema)).iter_errors(document)]


def test_edits_to_the_courses_own_files_change_nothing_and_are_told(course: Course, tmp_path: Path) -> None:
    module = course.modules[0]
    folder = small_course.hand_in(tmp_path / "fork", module, {"numbers_module.py": "double = total = None\n"})
    small_course.write(
        folder, {"module.toml": 'title = "x"\ncore = false\nsubmit = ["nothing.py"]\n', "given.txt": "mine\n"}
    )
    with Grader([module], RunOptions()) as grader:
        verdict = grader.grade(module, from_checkout(tmp_path / "fork", module))
    assert verdict.outcome is Outcome.NOT_PASSED
    assert verdict.core
    assert [note.partition(" ")[0] for note in verdict.notes] == ["module.toml", "given.txt"]


def test_gradescopes_archive_has_both_scripts_and_is_the_same_each_time(course: Course, tmp_path: Path) -> None:
    released(course, tmp_path / "out")
    for name in ("one.zip", "two.zip"):
        write_gradescope(tmp_path / "out", tmp_path / name, Console(file=io.StringIO()))
    with zipfile.ZipFile(tmp_path / "one.zip") as archive:
        assert {"setup.sh", "run_autograder", "course/README.md"} <= set(archive.namelist())
        assert archive.getinfo("run_autograder").external_attr >> 16 == 0o755
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


PYTHON = """#!/bin/sh
echo "$(basename $0) $*" >> "$LOG"
case "$1" in
-c) exit {too_old} ;;
-m) mkdir -p "$3/bin" && for name in pip uv; do ln -sf "$STAND_INS/tool" "$3/bin/$name"; done ;;
esac
"""
TOOL = """#!/bin/sh
echo "$(basename $0) $*" >> "$LOG"
for last in "$@"; do :; done
if [ "$1" = venv ]; then mkdir -p "$last/bin" && ln -sf "$STAND_INS/tool" "$last/bin/pip"; fi
"""


@pytest.mark.parametrize("newest", ["3.10", "3.12"])
def test_gradescopes_image_gets_a_python_that_fits(tmp_path: Path, newest: str) -> None:
    """Its images have 3.10 at most; somebody's own image may have more."""
    stand_ins, log = tmp_path / "bin", tmp_path / "log"
    stand_ins.mkdir()
    programs = {"apt-get": "#!/bin/sh\n", "tool": TOOL}
    for name in ("python3", "python3.11", "python3.12", "python3.13"):  # whatever this machine has is hidden by these
        programs[name] = PYTHON.replace("{too_old}", str(int(name != f"python{newest}")))
    for name, text in programs.items():
        (stand_ins / name).write_text(text)
        (stand_ins / name).chmod(0o755)
    script = tmp_path / "setup.sh"
    script.write_bytes(template("gradescope/setup.sh"))
    environment = {
        "PATH": f"{stand_ins}:/usr/bin:/bin", "LOG": str(log), "STAND_INS": str(stand_ins),
        "MLOPS_GRADE_PREFIX": str(tmp_path / "opt"), "MLOPS_GRADE_SOURCE": str(tmp_path),
    }  # fmt: skip
    subprocess.run(["bash", str(script)], env=environment, check=True)
    ran = log.read_text().splitlines()
    installs = "pip install --quiet --constraint constraints.txt --editable .[all]"
    if newest == "3.10":
        assert ran[-3:] == [
            "pip install --quiet --constraint constraints.txt uv",
            f"uv venv --quiet --seed --python 3.11 {tmp_path}/opt/mlops-grade",
            installs,
        ]
    else:
        assert ran[-2:] == [f"python3.12 -m venv {tmp_path}/opt/mlops-grade", installs]


def test_a_new_module_fails_and_its_solution_passes(course: Course) -> None:
    folder = new_module(course, "s1", "Feature stores")
    assert folder.name == "m02_feature_stores"
    fresh = load_course(course.root)
    module = fresh.module("m02")
    with Grader([module], RunOptions()) as grader:
        assert grader.grade(module, from_checkout(course.root, module)).outcome is Outcome.NOT_PASSED
        from mlops_grade.prove.lines import prove

        assert [line.claim for line in prove(grader, [module], 1) if not line.holds] == []


@pytest.mark.parametrize(("session", "title"), [("s7", "X"), ("s1", "???"), ("s1", "Numbers")])
def test_a_new_module_that_cannot_be_is_refused(course: Course, session: str, title: str) -> None:
    with pytest.raises(UsageError):
        new_module(course, session, title)
