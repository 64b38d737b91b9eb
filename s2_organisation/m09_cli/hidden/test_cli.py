"""Hidden suite of m09: programs, entry points and tasks, run as a user runs them."""

import argparse
import configparser
import json
import re

import numpy as np
import pytest
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from mlops_grade.suite import Inspector, Student, hint, probe

SPECIES = np.array(["setosa", "versicolor", "virginica"])
KERNELS = ("linear", "poly", "rbf", "sigmoid")
GIT = {
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@example.org",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.org",
}


def noisy_irises(rng: np.random.Generator, rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Return measurements in units of their own each, and species that no two classifiers tell apart alike."""
    centred = rng.normal(size=(rows, 4))
    score = centred[:, 0] * centred[:, 1] + centred[:, 2] + rng.normal(scale=0.8, size=rows)
    species = SPECIES[np.digitize(score, [-0.6, 0.6])]
    return np.round(centred * [1, 300, 0.02, 8] + [5, 2000, 0.3, 40], 6), species


def csv(measurements: np.ndarray, species: np.ndarray) -> str:
    """Return a file like iris.csv."""
    lines = ["sepal_length,sepal_width,petal_length,petal_width,species"]
    lines += [
        ",".join(map(repr, map(float, row))) + f",{kind}" for row, kind in zip(measurements, species, strict=True)
    ]
    return "\n".join(lines) + "\n"


@probe
def predictions(path, measurements):
    """Load a model as any other program would, and ask it about raw measurements."""
    import joblib

    return [str(kind) for kind in joblib.load(path).predict(measurements)]


@probe
def build_wheel():
    """Build the project as pip would; return the wheel's bytes."""
    import importlib
    import logging
    import pathlib
    import tomllib

    logging.disable(logging.WARNING)
    project = tomllib.loads(pathlib.Path("pyproject.toml").read_text(encoding="utf-8"))
    name = project.get("build-system", {}).get("build-backend", "setuptools.build_meta:__legacy__")
    module, _, attribute = name.partition(":")
    backend = importlib.import_module(module)
    backend = getattr(backend, attribute) if attribute else backend
    pathlib.Path("wheel_of_the_project").mkdir()
    return pathlib.Path("wheel_of_the_project", backend.build_wheel("wheel_of_the_project")).read_bytes()


def run(student: Student, *arguments: str) -> str:
    """Run iris_classifier.py, which must succeed; return what it prints."""
    result = student.cli("iris_classifier.py", *arguments)
    assert result.exit_code == 0, f"status {result.exit_code} from {' '.join(arguments)}: {result.last_words}"
    return result.stdout


def agreement(student: Student, path: str, expected: object, rng: np.random.Generator) -> float:
    """Return how often a saved model and an estimator of ours say the same about new irises."""
    new, _ = noisy_irises(rng, 400)
    said = student.run(predictions, path, new)
    assert len(said) == len(new), "predict does not return one species for each iris"
    return float(np.mean(np.array(said) == expected.predict(new)))  # type: ignore[attr-defined]


def printed_accuracy(text: str) -> float:
    """Return the number after `Accuracy:`."""
    found = re.search(r"Accuracy: *(\d+(?:\.\d+)?)", text)
    assert found, f"no line 'Accuracy: x' among what was printed:\n{text[-400:]}"
    return float(found[1])


@hint("A parameter that has a default becomes an option; one that has none becomes an argument.")
def test_greetings(student: Student, rng: np.random.Generator) -> None:
    """greetings.py greets the given NAME, COUNT times; by default the world, once"""
    count = int(rng.integers(2, 6))
    result = student.cli("greetings.py", "--count", str(count), "--name", "Ada & Grace")
    assert result.exit_code == 0, f"it ended with status {result.exit_code}: {result.last_words}"
    assert result.stdout.splitlines() == ["Hello Ada & Grace!"] * count, (
        f"the lines that were printed with --count {count} --name 'Ada & Grace'"
    )
    assert student.cli("greetings.py").stdout.splitlines() == ["Hello World!"], (
        "the lines that were printed without options"
    )
    assert student.cli("greetings.py", "--count", "1").stdout.splitlines() == ["Hello World!"], (
        "the lines that were printed with --count 1 alone"
    )


@pytest.mark.parametrize("count", ["0", "-2", "three"])
@hint("Typer checks types by itself; the smallest value that an option takes can be declared as well.")
def test_greetings_refuses(student: Student, count: str) -> None:
    """greetings.py refuses a COUNT that is no number above 0"""
    refused(student, "greetings.py", f"--count={count}")


def refused(student: Student, *arguments: str) -> None:
    """The program says on stderr what is wrong and exits with a status other than 0, without a traceback."""
    result = student.cli(*arguments)
    assert result.exit_code != 0, f"status 0, as if nothing were wrong, from {' '.join(arguments)}"
    crashed = "Traceback" in result.stderr
    assert not crashed, "a traceback is no message for a user"
    assert result.stderr.strip(), "nothing on stderr says what is wrong"


@hint("Follow the value of --kernel from the command line to the estimator. And which kernel is meant without it?")
def test_kernel_reaches_the_estimator(student: Student, rng: np.random.Generator) -> None:
    """train svm --kernel trains that kernel, a linear one by default, on scaled measurements"""
    measurements, species = noisy_irises(rng, 131)
    student.write("noisy.csv", csv(measurements, species))
    for kernel in (str(rng.choice(KERNELS[1:])), "linear"):
        options = [] if kernel == "linear" else ["--kernel", kernel]
        run(student, "train", "svm", *options, "--data", "noisy.csv", "--output", f"{kernel}.model")
        expected = make_pipeline(StandardScaler(), SVC(kernel=kernel)).fit(measurements, species)
        share = agreement(student, f"{kernel}.model", expected, rng)
        agrees = share > 0.97
        assert agrees, f"an SVC with the kernel {kernel} agrees with the model on {share:.0%} of new irises only"


@hint("Follow the number of neighbours from the command line to the estimator. And without the option?")
def test_neighbours_reach_the_estimator(student: Student, rng: np.random.Generator) -> None:
    """train knn --n-neighbors (or -k) looks at so many neighbours, 5 by default, of scaled measurements"""
    measurements, species = noisy_irises(rng, 131)
    student.write("noisy.csv", csv(measurements, species))
    many = int(rng.integers(20, 30))
    for number, options in ((1, ["--n-neighbors", "1"]), (many, ["-k", str(many)]), (5, [])):
        run(student, "train", "knn", *options, "--data", "noisy.csv", "-o", f"{number}.model")
        expected = make_pipeline(StandardScaler(), KNeighborsClassifier(number)).fit(measurements, species)
        share = agreement(student, f"{number}.model", expected, rng)
        agrees = share > 0.97
        assert agrees, f"with n_neighbors={number} a model of ours agrees with yours on {share:.0%} of new irises only"
    run(student, "train", "knn", "-k", "131", "--data", "noisy.csv", "-o", "all.model")  # as many as there are rows


@hint("A model is what you need to predict: the scaler that was fitted while training is a part of it.")
def test_scaler_is_saved_with_the_model(student: Student, rng: np.random.Generator) -> None:
    """A saved model takes raw measurements: other units while training, same predictions in these units"""
    measurements, species = noisy_irises(rng, 77)
    units, zero = np.array([100.0, 0.01, 50.0, 1.0]), np.array([3.0, -20.0, 7.0, 0.0])
    student.write("one.csv", csv(measurements, species))
    student.write("other.csv", csv(measurements * units + zero, species))
    for name in ("one", "other"):
        run(student, "train", "knn", "--data", f"{name}.csv", "--output", f"{name}.model")
    new, _ = noisy_irises(rng, 150)
    said = student.run(predictions, "one.model", new)
    said_in_other_units = student.run(predictions, "other.model", new * units + zero)
    same = np.mean([one == other for one, other in zip(said, said_in_other_units, strict=True)])
    assert len(set(said)) > 1, "the model gives the same answer for every iris"
    unit_matters_not = same > 0.97
    assert unit_matters_not, f"for {1 - same:.0%} of new irises the answer depends on the unit of the measurements"


@hint("`evaluate` reads the model and the data that it is given; neither is fitted again.")
def test_evaluate_prints_the_accuracy(student: Student, rng: np.random.Generator) -> None:
    """evaluate MODEL --data FILE prints the accuracy on that file"""
    measurements, species = noisy_irises(rng, 120)
    student.write("seen.csv", csv(measurements[:70], species[:70]))
    student.write("unseen.csv", csv(measurements[70:] * 1.3, species[70:]))
    run(student, "train", "knn", "--n-neighbors", "1", "--data", "seen.csv", "--output", "nearest.model")
    expected = make_pipeline(StandardScaler(), KNeighborsClassifier(1)).fit(measurements[:70], species[:70])
    for name, rows, factor in (("seen", slice(None, 70), 1.0), ("unseen", slice(70, None), 1.3)):
        accuracy = printed_accuracy(run(student, "evaluate", "nearest.model", "--data", f"{name}.csv"))
        assert accuracy == pytest.approx(expected.score(measurements[rows] * factor, species[rows]), abs=0.006), (
            f"the accuracy that was printed for {name}.csv, with a model trained on seen.csv"
        )


@hint("The defaults are in the skeleton. The folder of the output may not exist yet.")
def test_defaults_and_new_folders(student: Student) -> None:
    """Without options, iris.csv is read and model.joblib is written; --output may name a new folder"""
    run(student, "train", "svm")
    assert "model.joblib" in student.files(), "train svm did not write model.joblib"
    accuracy = printed_accuracy(run(student, "evaluate", "model.joblib"))
    assert accuracy <= 1, f"the accuracy that was printed is {accuracy}, and a fraction is at most 1"
    low = accuracy < 0.9
    assert not low, f"an SVM gets about 97% of the irises right, this one {accuracy:.0%}"
    run(student, "train", "knn", "-o", "new folder/models/knn.joblib")
    assert "new folder/models/knn.joblib" in student.files("**"), "the model is not where --output says"
    assert "model.joblib" in student.files(), "model.joblib is gone after another model was written elsewhere"


@pytest.mark.parametrize(
    "arguments",
    [
        ["train", "svm", "--kernel", "cubic"],
        ["train", "knn", "--n-neighbors", "0"],
        ["train", "knn", "--n-neighbors", "151"],
        ["train", "svm", "--data", "nowhere.csv"],
        ["evaluate", "nowhere.joblib"],
    ],
    ids=["unknown kernel", "no neighbours", "more neighbours than rows", "no data file", "no model file"],
)
@hint("Check what you are given before you work with it. `raise typer.BadParameter(...)` is one way to say no.")
def test_mistakes_are_refused(student: Student, arguments: list[str]) -> None:
    """A user's mistake ends in a message and a status other than 0, and no model is written"""
    refused(student, "iris_classifier.py", *arguments)
    assert "model.joblib" not in student.files(), "a model was written all the same"


@probe
def unpacked(wheel):
    """The files of a wheel."""
    import io
    import zipfile

    archive = zipfile.ZipFile(io.BytesIO(wheel))
    return {name: archive.read(name) for name in archive.namelist()}


@hint("An entry point names something to call without arguments: the application, or a function that reads sys.argv.")
def test_entry_points(student: Student, inspector: Inspector, rng: np.random.Generator) -> None:
    """The installed commands greetings and iris-classifier take the same options as the files"""
    student.patience = 40
    wheel = inspector.run(unpacked, student.run(build_wheel))
    entries = [name for name in wheel if name.endswith("/entry_points.txt")]
    assert entries, "the project declares no commands"
    commands = configparser.ConfigParser(delimiters="=")
    commands.optionxform = str  # type: ignore[assignment, method-assign]
    commands.read_string(wheel[entries[0]].decode())
    for name in wheel:
        if ".dist-info/" not in name:
            student.write(f"installed/{name}", wheel[name])
    for command in ("greetings", "iris-classifier"):
        target = commands.get("console_scripts", command, fallback="")
        assert target, f"no command {command} is declared"
        module, _, attribute = target.partition(":")
        # What pip writes for an entry point.
        student.write(f"run_{command}.py", f"import sys\nimport {module}\nsys.exit({module}.{attribute.strip()}())\n")
    installed = {"PYTHONPATH": "installed"}
    count = int(rng.integers(2, 5))
    result = student.cli("run_greetings.py", "--count", str(count), "--name", "Bo", env=installed)
    assert result.stdout.splitlines() == ["Hello Bo!"] * count, (
        result.stderr[-600:] or f"the lines that the command greetings printed with --count {count} --name Bo"
    )
    result = student.cli("run_iris-classifier.py", "train", "knn", "--output", "by_command.joblib", env=installed)
    assert result.exit_code == 0, f"it ended with status {result.exit_code}: {result.last_words}"
    assert "by_command.joblib" in student.files(), "iris-classifier train knn wrote no model"
    assert student.cli("run_iris-classifier.py", "train", "svm", "--kernel", "cubic", env=installed).exit_code != 0, (
        "the installed command accepts a kernel that does not exist"
    )


@hint("What the shell sees is text: a quote or a $ in the message is a part of the message, not of the command.")
def test_git_task(student: Student) -> None:
    """invoke git --message stages all changes, commits them with exactly that message, and pushes"""
    message = 'Ada\'s "first" fix: $HOME & more; `ls`'
    student.write(
        "start.sh",
        "set -e; git init -q --bare -b main origin.git; git clone -q origin.git clone; cp tasks.py clone; cd clone\n"
        "echo old > old.txt; echo old > gone.txt; git add .; git commit -q -m start; git push -q -u origin main\n"
        "echo new > old.txt; mkdir sub; echo new > sub/new.txt; echo new > .hidden; rm gone.txt\n",
    )
    started = student.shell("start.sh", env=GIT)
    assert started.exit_code == 0, f"it ended with status {started.exit_code}: {started.last_words}"
    result = student.cli("-m", "invoke", "git", "--message", message, cwd="clone", env=GIT)
    assert result.exit_code == 0, f"invoke git ended with status {result.exit_code}: {result.last_words}"
    looks = ("log -1 --format=%B main", "ls-tree -r --name-only main", "show main:old.txt")
    student.write("look.sh", "\necho ==\n".join(f"git -C origin.git {look}" for look in looks))
    text, files, content = student.shell("look.sh", env=GIT).stdout.split("\n==\n")
    assert text.rstrip("\n") == message, "the message of the newest commit on the remote's main"
    with hint("New, changed and deleted files are changes, in any folder, also when a name begins with a dot."):
        assert files.splitlines() == [".hidden", "old.txt", "sub/new.txt", "tasks.py"], (
            "the files on the remote's main, one of which was deleted"
        )
        assert content == "new\n", "what old.txt on the remote's main holds"


STAND_IN = """
import json, sys
with open("calls.jsonl", "a") as calls:
    calls.write(json.dumps(sys.argv[1:]) + "\\n")
sys.exit(3 if FAILS_AT in sys.argv else 0)
"""


def understood(arguments: list[str]) -> dict[str, str]:
    """Read a command line of iris_classifier.py as the exercise describes it."""
    parser = argparse.ArgumentParser(exit_on_error=False, allow_abbrev=False)
    commands = parser.add_subparsers(dest="command", required=True)
    kinds = commands.add_parser("train").add_subparsers(dest="kind", required=True)
    evaluate = commands.add_parser("evaluate")
    evaluate.add_argument("model")
    for kind, option, default in (("svm", ["--kernel"], "linear"), ("knn", ["-k", "--n-neighbors"], "5")):
        train = kinds.add_parser(kind)
        train.add_argument(*option, dest="setting", default=default)
        train.add_argument("-o", "--output", default="model.joblib")
        train.add_argument("--data")
    evaluate.add_argument("--data")
    try:
        return {name: str(value).removeprefix("./") for name, value in vars(parser.parse_args(arguments)).items()}
    except (argparse.ArgumentError, SystemExit):
        raise AssertionError(f"iris_classifier.py was called with {arguments}, which it does not understand") from None


def calls(student: Student, *options: str, fails_at: str = "nothing") -> tuple[int, list[dict[str, str]]]:
    """Run the task experiment with a stand-in for iris_classifier.py; return the status and the calls."""
    student.write("iris_classifier.py", f"FAILS_AT = {fails_at!r}\n" + STAND_IN)
    student.write("calls.jsonl", "")
    status = student.cli("-m", "invoke", "experiment", *options).exit_code
    return status, [understood(json.loads(line)) for line in student.read("calls.jsonl").decode().splitlines()]


@hint("Each parameter of a task is an option of `invoke experiment`. Evaluate what you trained, after it was trained.")
def test_experiment_task(student: Student, rng: np.random.Generator) -> None:
    """invoke experiment trains both classifiers with its options, then evaluates the two models"""
    kernel, number = str(rng.choice(KERNELS[1:])), str(rng.integers(6, 60))
    for options, settings in ((["--kernel", kernel, "--n-neighbors", number], (kernel, number)), ([], ("linear", "5"))):
        status, made = calls(student, *options)
        assert status == 0, "invoke experiment ended with a status other than 0"
        trained = {call["kind"]: (call["setting"], call["output"]) for call in made if call["command"] == "train"}
        wanted = {"svm": (settings[0], "models/svm.joblib"), "knn": (settings[1], "models/knn.joblib")}
        command = " ".join(["invoke experiment", *options])
        assert trained == wanted, f"{command}: kernel or neighbours, and output, of each training"
        done = [call.get("model") or call["output"] for call in made]
        for path in ("models/svm.joblib", "models/knn.joblib"):
            assert done.count(path) == 2, f"{path} was not trained once and evaluated once"
        evaluated = [call["model"] for call in made if call["command"] == "evaluate"]
        assert sorted(evaluated) == ["models/knn.joblib", "models/svm.joblib"], f"{command}: the models it evaluated"
        assert all(
            next(i for i, call in enumerate(made) if call.get("output") == path)
            < next(i for i, call in enumerate(made) if call.get("model") == path)
            for path in evaluated
        ), "a model was evaluated before it was trained"


@hint("By default `context.run` gives up when a command fails. What would it need to carry on?")
def test_experiment_stops_at_a_failure(student: Student) -> None:
    """invoke experiment stops with a status other than 0 as soon as a command fails"""
    status, made = calls(student, fails_at="svm")
    assert status != 0, "training failed, and invoke experiment ended with status 0"
    assert "models/svm.joblib" not in [call.get("model") for call in made], "a model was evaluated that failed to train"
    assert made, "invoke experiment never called iris_classifier.py"
    assert made[-1].get("kind") == "svm", "the task carried on after a command had failed"
