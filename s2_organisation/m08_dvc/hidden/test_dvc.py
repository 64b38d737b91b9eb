"""Hidden suite of m08: two versions of a data set, shared through a remote, and a pipeline that reruns what changed."""

import configparser
import hashlib
import io
import json
import re
import shlex
from dataclasses import dataclass

import numpy as np
import pytest
import yaml

from mlops_grade.suite import Student, assert_close, hint, probe

ENVIRONMENT = {
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@example.org",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.org",
    "GIT_CONFIG_COUNT": "1",
    "GIT_CONFIG_KEY_0": "init.defaultBranch",
    "GIT_CONFIG_VALUE_0": "main",
    "DVC_NO_ANALYTICS": "1",
}
BIG = 16_384  # bytes: every data file is bigger, and nothing else in the project is


@dataclass(frozen=True)
class Script:
    """What came of a script."""

    exit_code: int
    output: str


@dataclass(frozen=True)
class Project:
    """The student's two scripts, run in `team/project`, a clone of `team/origin.git`."""

    student: Student
    first: Script
    second: Script
    first_data: dict[str, bytes]
    second_data: dict[str, bytes]


def script(student: Student, commands: str) -> str:
    """Run commands of the suite with bash; return what they print."""
    name = "suite_commands.sh"
    student.write(name, f"set -eu\n{commands}\n")
    run = student.shell(name, env=ENVIRONMENT)
    assert run.exit_code == 0, f"the commands of the check ended with status {run.exit_code}: {run.last_words}"
    return run.stdout


def array_file(images: np.ndarray, labels: np.ndarray) -> bytes:
    """Return what np.savez writes: a file of raw data."""
    buffer = io.BytesIO()
    np.savez(buffer, images=images, labels=labels)
    return buffer.getvalue()


def digits_like(rng: np.random.Generator, count: int, size: int) -> bytes:
    """Return a file with so many images, of so many pixels a side, that look different for each label."""
    return drawn(rng, count, size)[0]


def drawn(rng: np.random.Generator, count: int, size: int) -> tuple[bytes, np.ndarray]:
    """Return such a file, and the labels in it."""
    labels = rng.integers(0, 10, size=count)
    patterns = np.random.default_rng(1).integers(0, 180, size=(10, size, size))
    images = (patterns[labels] + rng.integers(0, 70, size=(count, size, size))).astype(np.uint8)
    return array_file(images, labels), labels


@pytest.fixture(scope="module")
def project(shared_student: Student, shared_seed: int) -> Project:
    """A project with raw data in it, in which the two scripts were run one after the other."""
    student = shared_student
    rng = np.random.default_rng(shared_seed)
    first = {f"digits_{number:04}.npz": digits_like(rng, 30 + 3 * number, 24) for number in range(3)}
    # The delivery has new files, one of them in a folder, and a corrected one.
    delivery = {"digits_0001.npz": digits_like(rng, 31, 24), "late.npz": digits_like(rng, 33, 24)}
    delivery["nested/more.npz"] = digits_like(rng, 32, 24)
    scripts = ("first_version.sh", "second_version.sh")
    for name in scripts:
        student.write(f"team/project/{name}", student.read(name))
    student.write("team/project/README.md", "# Digits\n")
    commands = "git init -q --bare team/origin.git; cd team/project; git init -q; git add .; git commit -q -m 'Start'; "
    script(student, commands + "git remote add origin ../origin.git; git push -q -u origin main")
    for name, data in first.items():
        student.write(f"team/project/data/raw/{name}", data)
    for name, data in delivery.items():
        student.write(f"team/new delivery/{name}", data)

    results = []
    for name, arguments in zip(scripts, ([], ["../new delivery"]), strict=True):
        run = student.shell(name, *arguments, cwd="team/project", env=ENVIRONMENT, timeout=40)
        results.append(Script(run.exit_code, (run.stdout + run.stderr)[-800:]))
    return Project(student, *results, first, first | delivery)


@probe
def pull(folder):
    """Pull everything into a clone, as `dvc pull` does."""
    from dvc.repo import Repo

    Repo(folder).pull()


@probe
def start_pipeline():
    from dvc.repo import Repo

    Repo.init(".", no_scm=True)


@probe
def reproduce():
    """Run `dvc repro`; return the names of the stages that ran."""
    from dvc.repo import Repo

    return [stage.addressing for stage in Repo(".").reproduce()]


@probe
def lose_and_reproduce():
    """Delete what the first stage writes, and run `dvc repro`."""
    import shutil

    from dvc.repo import Repo

    shutil.rmtree("data/processed")
    Repo(".").reproduce()


@probe
def metrics():
    from dvc.repo import Repo

    shown = Repo(".").metrics.show()
    return {str(path): dict(found.get("data", {})) for path, found in shown[""]["data"].items()}


@probe
def arrays(path):
    import numpy

    with numpy.load(path) as file:
        return {name: file[name] for name in file.files}


def ran_well(project: Project, *names: str) -> None:
    """Fail where one of the scripts failed, with what it said."""
    for name in names:
        result = getattr(project, name)
        assert result.exit_code == 0, f"{name}_version.sh ended with status {result.exit_code}:\n{result.output}"


def cloned(project: Project, root: str, folder: str, tag: str) -> dict[str, bytes]:
    """Clone `origin.git`, check out a tag and pull; return the raw data that are there."""
    student = project.student
    target = shlex.quote(f"{root}/{folder}")
    script(student, f"rm -rf {target}; git clone -q {root}/origin.git {target}; cd {target}; git checkout -q {tag}")
    student.patience = 40
    student.run(pull, f"{root}/{folder}")
    prefix = f"{root}/{folder}/data/raw/"
    raw = {name.removeprefix(prefix): student.read(name) for name in student.files(prefix + "**")}
    return {name: data for name, data in raw.items() if not name.endswith((".dvc", ".gitignore"))}


def same_files(got: dict[str, bytes], expected: dict[str, bytes]) -> None:
    """Fail where files are missing, too many or different."""
    assert sorted(got) == sorted(expected), "the files in data/raw of the clone, after `dvc pull`"
    different = [name for name in expected if got[name] != expected[name]]
    assert not different, f"not the right content: {different}"


@hint("Read the first complaint in the output: which command failed? Mind arguments with a space in them.")
def test_both_scripts_succeed(project: Project) -> None:
    """first_version.sh and then second_version.sh FOLDER end with status 0"""
    ran_well(project, "first", "second")


@hint("Bash carries on after a command that failed, unless it is told otherwise: `set -e`, or `|| exit` behind each.")
def test_second_version_stops_where_a_step_fails(project: Project) -> None:
    """second_version.sh, given a folder that does not exist, ends with another status than 0 and tags nothing"""
    ran_well(project, "first", "second")
    student = project.student
    back = "git -C failing/project reset -q --hard v1.0; git -C failing/project tag -d v2.0"
    script(student, f"rm -rf failing; cp -R team failing; {back}; git -C failing/origin.git tag -d v2.0")
    run = student.shell("second_version.sh", "../no such delivery", cwd="failing/project", env=ENVIRONMENT, timeout=40)
    tags = script(student, "git -C failing/project tag; git -C failing/origin.git tag").split()
    assert run.exit_code != 0, "the folder to copy from does not exist, and second_version.sh ended with status 0"
    assert "v2.0" not in tags, "the folder to copy from does not exist, and a version v2.0 was tagged all the same"


@hint("`git log --oneline --decorate --all` in the project, and `git ls-remote origin`, show what stands where.")
def test_tags_are_pushed(project: Project) -> None:
    """The tags v1.0 and v2.0 are on origin, two commits of its branch main, one after the other"""
    ran_well(project, "first")
    names = script(project.student, "git -C team/origin.git tag").split()
    missing = {"v1.0", "v2.0"} - set(names)
    with hint("A tag stays on your machine until it is pushed: `git ls-remote origin` shows what others can see."):
        assert not missing, f"origin has no tag {' and no '.join(sorted(missing))}"
    commits = script(project.student, "git -C team/origin.git rev-list main").split()
    places = [script(project.student, f"git -C team/origin.git rev-list -1 {tag}").strip() for tag in ("v1.0", "v2.0")]
    with hint("Is the branch pushed as well as the tag, and is the tag on a commit of that branch?"):
        assert set(places) <= set(commits), "a tagged commit is not part of origin's branch main"
    with hint("A tag names the commit that is there when the tag is made: commit first."):
        assert places[0] != places[1], "v2.0 names the same commit as v1.0"
        assert commits.index(places[0]) > commits.index(places[1]), "v2.0 does not come after v1.0 in the history"


@hint("`git clone`, `git checkout v1.0`, `dvc pull` in an empty folder: what is missing?")
def test_first_version_comes_back(project: Project) -> None:
    """A colleague who clones, checks out v1.0 and pulls has the first data set"""
    ran_well(project, "first")
    same_files(cloned(project, "team", "colleague 1", "v1.0"), project.first_data)


@hint("What git keeps of the data is a small .dvc file. Which state of it did you tag?")
def test_second_version_comes_back(project: Project) -> None:
    """A colleague who clones, checks out v2.0 and pulls has the first data set with the delivery copied over it"""
    ran_well(project, "first", "second")
    same_files(cloned(project, "team", "colleague 2", "v2.0"), project.second_data)


@hint("Once committed, a file is in git for good, even if a later commit removes it.")
def test_git_holds_no_data(project: Project) -> None:
    """No data file is, or ever was, in git"""
    ran_well(project, "first")
    listed = script(
        project.student, "git -C team/project cat-file --batch-all-objects --batch-check='%(objectname) %(objectsize)'"
    )
    objects = dict(line.split() for line in listed.splitlines())
    every = list(project.first_data.items()) + list(project.second_data.items())
    for name, data in every:
        identity = hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()
        assert identity not in objects, f"the content of data/raw/{name} is in git"
    big = [size for size in objects.values() if int(size) > BIG]
    assert not big, f"git holds {len(big)} objects of more than {BIG} bytes"


@hint("`dvc push` after each version: without it, the data exist in your own cache only.")
def test_storage_holds_both_versions(project: Project) -> None:
    """The folder ../storage holds every file of both versions"""
    ran_well(project, "first", "second")
    stored = {hashlib.md5(project.student.read(name)).hexdigest() for name in project.student.files("team/storage/**")}
    for version, data in (("first", project.first_data), ("second", project.second_data)):
        missing = [name for name, content in data.items() if hashlib.md5(content).hexdigest() not in stored]
        assert not missing, f"of the {version} version, ../storage lacks {sorted(missing)}"


@hint("`dvc remote list` and `cat .dvc/config` show what git tells the others; `.dvc/config.local` stays with you.")
def test_remote_is_called_storage(project: Project) -> None:
    """The committed .dvc/config names the remote storage and makes it the default"""
    ran_well(project, "first")
    config = configparser.ConfigParser()
    config.read_string(script(project.student, "git -C team/origin.git show v1.0:.dvc/config"))
    assert config.get("core", "remote", fallback="no remote") == "storage", (
        "the default remote in the .dvc/config of v1.0"
    )
    sections = {section.replace("'", "").replace('"', "") for section in config.sections()}
    assert "remote storage" in sections, "the committed .dvc/config has no remote storage"


@hint("The path of the remote is the same on every machine only when it is relative to the project.")
def test_remote_works_on_another_machine(project: Project) -> None:
    """The data come back where the project and the storage lie in another folder than yours"""
    ran_well(project, "first")
    # On the other machine there is no folder team.
    script(project.student, "mkdir -p other/machine; cp -R team/origin.git team/storage other/machine; mv team hidden")
    try:
        same_files(cloned(project, "other/machine", "project", "v1.0"), project.first_data)
    finally:
        script(project.student, "mv hidden team")


@hint("`git status` after each script: it should have nothing to say.")
def test_nothing_is_left_uncommitted(project: Project) -> None:
    """After both scripts the project is clean, at v2.0, with the data still in place"""
    ran_well(project, "first", "second")
    assert script(project.student, "git -C team/project status --porcelain").splitlines() == [], (
        "`git status` still has something to report"
    )
    heads = script(project.student, "git -C team/project rev-parse HEAD 'v2.0^{commit}'").split()
    assert heads[0] == heads[1], "the project's HEAD is not the commit tagged v2.0"
    prefix = "team/project/data/raw/"
    left = {name.removeprefix(prefix) for name in project.student.files(prefix + "**")}
    missing = set(project.second_data) - left
    assert not missing, f"no longer in data/raw: {sorted(missing)}"


SETTINGS = {"prepare": {"test_every": 4}, "train": {"steps": 20, "lr": 0.1}}


def start(student: Student, rng: np.random.Generator) -> list[np.ndarray]:
    """Start a DVC project with raw data and run its pipeline once; return the labels in the raw files."""
    files = [drawn(rng, int(count), 8) for count in rng.integers(40, 60, size=2)]
    for number, (data, _) in enumerate(files):
        student.write(f"data/raw/part_{number}.npz", data)
    student.write("params.yaml", yaml.safe_dump(SETTINGS))
    student.patience = 40
    student.run(start_pipeline)
    ran = student.run(reproduce)
    assert sorted(ran) == ["prepare", "train"], f"the first `dvc repro` ran {ran}, not the stages prepare and train"
    return [labels for _, labels in files]


@hint("Each stage: `cmd`, what it reads (`deps`, `params`), what it writes (`outs`, `metrics`).")
def test_pipeline_runs(student: Student, rng: np.random.Generator) -> None:
    """dvc repro runs prepare and then train, and their files are where they should be"""
    labels = np.concatenate(start(student, rng))
    test = student.run(arrays, "data/processed/test.npz")
    assert_close(test["labels"], labels[::4], "the labels in data/processed/test.npz")
    weights = student.run(arrays, "models/weights.npz")["weights"]
    predictions = (test["images"].reshape(len(test["images"]), -1) @ weights).argmax(1)
    measured = json.loads(student.read("metrics.json"))
    assert measured["accuracy"] == pytest.approx(float((predictions == labels[::4]).mean())), (
        "the accuracy in metrics.json, beside that of models/weights.npz on data/processed/test.npz"
    )


@hint("A stage runs again when something that it reads has changed, and DVC knows only what you tell it.")
def test_pipeline_reruns_nothing_without_need(student: Student, rng: np.random.Generator) -> None:
    """A second dvc repro runs no stage, and another test_every runs both"""
    start(student, rng)
    assert student.run(reproduce) == [], "the stages that a second `dvc repro` ran, though nothing had changed"
    student.write("params.yaml", yaml.safe_dump(SETTINGS | {"prepare": {"test_every": 3}}))
    assert sorted(student.run(reproduce)) == ["prepare", "train"], "the stages that ran after a change of test_every"


@pytest.mark.parametrize("change", [{"steps": 21}, {"lr": 0.2}], ids=["steps", "lr"])
@hint("`params` names single settings: a whole file as dependency runs a stage for changes that do not concern it.")
def test_training_parameter_reruns_training_only(student: Student, rng: np.random.Generator, change: dict) -> None:
    """A changed parameter of training runs train again, and prepare not"""
    start(student, rng)
    student.write("params.yaml", yaml.safe_dump(SETTINGS | {"train": SETTINGS["train"] | change}))
    assert student.run(reproduce) == ["train"], f"the stages that ran after a change of {', '.join(change)}"


@hint("The output of one stage is a dependency of the next; and a script is a dependency, too.")
def test_changes_rerun_what_depends_on_them(student: Student, rng: np.random.Generator) -> None:
    """New raw data run both stages again, a changed train.py only train, a changed prepare.py prepare"""
    start(student, rng)
    student.write("data/raw/part_2.npz", digits_like(rng, 33, 8))
    assert sorted(student.run(reproduce)) == ["prepare", "train"], "the stages that ran after a new file in data/raw"
    student.write("train.py", student.read("train.py") + b"\n# changed\n")
    assert student.run(reproduce) == ["train"], "the stages that ran after a change of train.py"
    student.write("prepare.py", student.read("prepare.py") + b"\n# changed\n")
    assert student.run(reproduce)[:1] == ["prepare"], "the first stage that ran after a change of prepare.py"


@hint("DVC can bring back only what a stage says that it writes: `outs`.")
def test_lost_output_comes_back(student: Student, rng: np.random.Generator) -> None:
    """dvc repro brings back data/processed when it is gone"""
    start(student, rng)
    before = [path for path in student.files() if path.startswith("data/processed/")]
    student.run(lose_and_reproduce)
    assert [path for path in student.files() if path.startswith("data/processed/")] == before, (
        "the files in data/processed, deleted before `dvc repro`"
    )


@hint("`dvc metrics show` lists what `metrics:` names, and nothing else.")
def test_accuracy_is_a_metric(student: Student, rng: np.random.Generator) -> None:
    """dvc metrics show knows metrics.json"""
    start(student, rng)
    shown = student.run(metrics)
    found = [values for path, values in shown.items() if re.fullmatch(r"(.*/)?metrics\.json", path)]
    assert found == [json.loads(student.read("metrics.json"))], "what `dvc metrics show` says of metrics.json"
