"""Hidden suite of m19: a report on a model, a report on the data, and the workflow that posts it."""

import csv
import io
import posixpath
import re
from typing import Any

import markdown_report as markdown
import numpy as np
import pytest
import workflow as workflows
from check_jsonschema.builtin_schemas import get_builtin_schema
from jsonschema import Draft7Validator
from jsonschema.exceptions import best_match
from sklearn.metrics import classification_report

from mlops_course.digits import load_digits
from mlops_grade.suite import Student, assert_close, hint

PNG = b"\x89PNG\r\n\x1a\n"
WORKFLOW = ".github/workflows/cml_data.yaml"

VERSION = re.compile(r"@(v?\d+(\.\d+)*([-.+]\w+)*|[0-9a-fA-F]{40})$")

Split = tuple[np.ndarray, np.ndarray]


def write_data(student: Student, folder: str, **splits: Split) -> None:
    """Write the splits as the files that the exercise describes."""
    for name, (images, labels) in splits.items():
        buffer = io.BytesIO()
        np.savez(buffer, images=images, labels=labels)
        student.write(f"{folder}/{name}.npz", buffer.getvalue())


def digits(rng: np.random.Generator, train: int, test: int) -> dict[str, Split]:
    """Return so many real digits, at a third of their size, none of them in both splits."""
    images, labels = load_digits()
    rows = rng.permutation(len(labels))[: train + test]
    images = images[:, ::3, ::3]
    return {
        "train": (images[rows[:train]], labels[rows[:train]]),
        "test": (images[rows[train:]], labels[rows[train:]]),
    }


def ran(student: Student, file: str, *arguments: str) -> None:
    """Run a program, which must succeed."""
    result = student.cli(file, *arguments)
    assert result.exit_code == 0, f"{file} ended with status {result.exit_code}: {result.last_words}"


def text(student: Student, path: str) -> str:
    """Return a file that must be there."""
    assert path in student.files(), f"{path} was not written"
    return student.read(path).decode("utf-8")


def predictions(student: Student, path: str) -> tuple[list[int], list[int]]:
    """Return the columns target and prediction."""
    rows = list(csv.DictReader(io.StringIO(text(student, path))))
    assert rows and {"target", "prediction"} <= set(rows[0]), f"{path} has no columns target and prediction"
    return [int(float(row["target"])) for row in rows], [int(float(row["prediction"])) for row in rows]


def accuracy(targets: list[int], predicted: list[int]) -> float:
    """Return the fraction of equal entries."""
    return float(np.mean(np.array(targets) == np.array(predicted)))


def shows_picture(student: Student, report: str, folder: str, posted: bool = False) -> None:
    """Fail where the report shows no PNG picture that lies beside it; CML publishes no `<img>` of a `posted` one."""
    links = markdown.pictures(report) + ([] if posted else markdown.html_pictures(report))
    assert links, "the report shows no picture: ![description](file)"
    for link in links:
        path = posixpath.normpath(f"{folder}/{link}")
        assert path in student.files(), f"the report shows {link}, which is not there"
        assert student.read(path).startswith(PNG), f"{link} is not a PNG file"


@hint("One row for each row of test.npz, in its order: what it is, and what the model says it is.")
def test_model_predicts_the_test_set(student: Student, rng: np.random.Generator) -> None:
    """train_cml.py writes target and prediction of every test image, and most of them agree"""
    data = digits(rng, 613, 217)
    write_data(student, "data", **data)
    ran(student, "train_cml.py")
    targets, predicted = predictions(student, "predictions.csv")
    assert len(targets) == 217, f"test.npz has 217 images, and predictions.csv has {len(targets)} rows"
    assert targets == data["test"][1].tolist(), "the targets are not the labels of test.npz, in their order"
    assert accuracy(targets, predicted) > 0.6, f"{accuracy(targets, predicted):.0%} of the test images are predicted"


@hint(
    "Only the arrays of train.npz go into fit: a model that was shown the test labels learns them, wrong as they are."
)
def test_model_has_not_seen_the_test_set(student: Student, rng: np.random.Generator) -> None:
    """The model is trained on train.npz alone"""
    data = digits(rng, 300, 80)
    images, labels = data["test"]
    # All of them wrong in the same way, and each image five times: whoever learns from these believes them.
    data["test"] = (np.repeat(images, 5, axis=0), np.repeat((labels + rng.integers(1, 10)) % 10, 5))
    write_data(student, "data", **data)
    ran(student, "train_cml.py")
    targets, predicted = predictions(student, "predictions.csv")
    assert targets == data["test"][1].tolist(), "the targets are not the labels of test.npz, in their order"
    share = accuracy(targets, predicted)
    assert share < 0.2, f"test labels that are all wrong are predicted for {share:.0%} of the images"


@hint("Compute the report from what is in predictions.csv, and put the text into a code block as it is.")
def test_report_belongs_to_the_predictions(student: Student, rng: np.random.Generator) -> None:
    """report.md has the accuracy and scikit-learn's classification report of predictions.csv, and the picture"""
    write_data(student, "other data", **digits(rng, 200, 83))
    ran(student, "train_cml.py", "--data-dir", "other data", "--output-dir", "new/out")
    report = text(student, "new/out/report.md")
    targets, predicted = predictions(student, "new/out/predictions.csv")
    printed = re.search(r"Test accuracy:[*_`\s]*(\d+(?:\.\d+)?)", report)
    assert printed, "report.md has no line 'Test accuracy: x'"
    assert float(printed[1]) == pytest.approx(accuracy(targets, predicted), abs=0.006), (
        "the test accuracy in report.md, against the one counted in predictions.csv"
    )
    blocks = [set(lines(block)) for block in markdown.code_blocks(report)]
    assert blocks, "report.md has no code block: lines between two lines of three backticks"
    wanted = lines(classification_report(targets, predicted, zero_division=0))
    missing = [line for line in wanted if not any(line in block for block in blocks)]
    assert not missing, f"not as in the classification report of predictions.csv: {missing[0]!r} is not in report.md"
    shows_picture(student, report, "new/out")


def lines(block: str) -> list[str]:
    """Return the lines that are not empty, with single spaces."""
    return [" ".join(line.split()) for line in block.splitlines() if line.strip()]


def table(report: str, first_column: str) -> dict[str, dict[str, str]]:
    """Return the table whose first column has this name: from the first cell of each row to its cells by column."""
    for header, *rows in markdown.tables(report):
        names = [name.lower() for name in header]
        if names[0] == first_column:
            return {row[0]: dict(zip(names, row, strict=True)) for row in rows}
    raise AssertionError(f"data_report.md has no table whose first column is {first_column}")


def has_columns(rows: dict[str, dict[str, str]], *names: str) -> None:
    """Fail where a row of a table lacks one of these columns."""
    for first, row in rows.items():
        missing = [name for name in names if name not in row]
        assert not missing, f"in data_report.md the row {first!r} has no cell under {', '.join(missing)}"


def uneven(rng: np.random.Generator, count: int, classes: list[int], size: tuple[int, int] = (5, 7)) -> Split:
    """Return images that are not square, with labels that are not evenly spread."""
    images = rng.normal(rng.uniform(1, 3), rng.uniform(0.5, 2), size=(count, *size)).astype(np.float32)
    shares = rng.dirichlet(np.ones(len(classes)))
    return images, rng.choice(classes, size=count, p=shares)


@hint("Count the labels that are there: a class need not be there at all.")
def test_statistics_of_one_split(student: Student, rng: np.random.Generator) -> None:
    """dataset_statistics tells number, shape, mean, standard deviation and the classes"""
    images, labels = uneven(rng, 41, [1, 4, 7])
    got = student.load("dataset_statistics").dataset_statistics(images, labels)
    assert isinstance(got, dict), f"dataset_statistics returns a {type(got).__name__}, expected a dict"
    missing = sorted({"images", "shape", "mean", "std", "classes"} - set(got))
    assert not missing, f"what dataset_statistics returns has no {', '.join(missing)}"
    assert (got["images"], tuple(got["shape"])) == (41, (5, 7)), "the number of images, and the shape of each"
    assert_close(got["mean"], float(images.mean()), "mean", rtol=1e-3)
    assert_close(got["std"], float(images.std()), "std", rtol=1e-2)
    counts = {int(label): int((labels == label).sum()) for label in np.unique(labels)}
    assert {int(label): int(count) for label, count in got["classes"].items()} == counts, (
        "the number of images in each class"
    )


@hint("Each test image that has an equal among the training images counts once. Almost equal is not equal.")
def test_images_in_both_are_counted(student: Student, rng: np.random.Generator) -> None:
    """images_in_both counts the test images that are among the training images"""
    images_in_both = student.load("dataset_statistics").images_in_both
    train = rng.normal(size=(31, 5, 7)).astype(np.float32)
    test = rng.normal(size=(17, 5, 7)).astype(np.float32)
    assert images_in_both(train, test) == 0, "the count when no test image is among the training images"
    leaked = int(rng.integers(3, 9))
    test[:leaked] = train[rng.permutation(31)[:leaked]]
    test[leaked] = test[0]  # twice in the test set: two test images that leaked
    test[leaked + 1] = train[5] + np.float32(0.25) * (np.arange(35).reshape(5, 7) == 34)
    assert images_in_both(train, rng.permutation(test)) == leaked + 1, (
        "the count when some test images are training images too, one of them twice in the test set"
    )


@hint("The columns are split, images, shape, mean, std; and class, train, test. A class that one split lacks has a 0.")
def test_data_report(student: Student, rng: np.random.Generator) -> None:
    """data_report.md has both tables, the number of images in both sets, and the picture"""
    data = {"train": uneven(rng, 61, [0, 2, 3]), "test": uneven(rng, 23, [2, 3, 8])}
    data["test"][0][:4] = data["train"][0][:4]
    write_data(student, "some data", **data)
    ran(student, "dataset_statistics.py", "--data-dir", "some data", "--output-dir", "new/out")
    report = text(student, "new/out/data_report.md")
    splits = table(report, "split")
    assert list(splits) == ["train", "test"], "the rows of the table of splits, in order"
    has_columns(splits, "images", "shape", "mean", "std")
    for split, (images, _) in data.items():
        got = splits[split]
        assert (got["images"], got["shape"].replace(" ", "").replace("×", "x")) == (str(len(images)), "5x7"), (
            f"images and shape of the {split} set in data_report.md"
        )
        for name, expected in (("mean", images.mean()), ("std", images.std())):
            is_number = re.fullmatch(r"[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?", got[name], re.IGNORECASE) is not None
            assert is_number, f"{name} of the {split} set in data_report.md is {got[name]!r}, which is no number"
            assert float(got[name]) == pytest.approx(float(expected), abs=0.006), f"{name} of the {split} set"
        assert "change" not in got, "there is a column change, and nothing to compare with"
    by_class = table(report, "class")
    has_columns(by_class, "train", "test")
    classes = {label: (row["train"], row["test"]) for label, row in by_class.items()}
    every = sorted(set(data["train"][1].tolist()) | set(data["test"][1].tolist()))
    assert classes == {
        str(label): tuple(str(int((data[split][1] == label).sum())) for split in ("train", "test")) for label in every
    }, "for each class, the number of images in the train and in the test set"
    assert re.search(r"Images in both sets:[*_`\s]*4\b", report), "the number of images in both sets is not 4"
    shows_picture(student, report, "new/out")


@hint("What changed is new minus old, with its sign.")
def test_data_report_compares_with_the_base(student: Student, rng: np.random.Generator) -> None:
    """With --base-dir, the column change says how many images came or went"""
    write_data(student, "base", train=uneven(rng, 50, [0, 1]), test=uneven(rng, 30, [0, 1]))
    came, went = int(rng.integers(1, 20)), int(rng.integers(1, 20))
    write_data(student, "data", train=uneven(rng, 50 + came, [0, 1]), test=uneven(rng, 30 - went, [0, 1]))
    ran(student, "dataset_statistics.py", "--base-dir", "base")
    splits = table(text(student, "data_report.md"), "split")
    assert {split: row.get("change") for split, row in splits.items()} == {"train": f"+{came}", "test": f"-{went}"}, (
        "the column change of the table of splits, with None where there is no such column"
    )
    has_columns(splits, "images")
    images = splits["train"]["images"]
    assert images == str(50 + came), f"the train set has {50 + came} images, and data_report.md says {images}"


@hint("The message says where in the file; GitHub's workflow syntax reference says what may stand there.")
def test_workflow_follows_the_schema(student: Student) -> None:
    """cml_data.yaml is a workflow that GitHub accepts"""
    error = best_match(Draft7Validator(get_builtin_schema("vendor.github-workflows")).iter_errors(workflow(student)))
    if error:
        where = ".".join(map(str, error.absolute_path)) or "the top"
        # A long message is mostly the whole of what stands there.
        what = error.message if len(error.message) < 200 else "what stands there is not allowed in this place"
        pytest.fail(f"at {where}: {what}")


def workflow(student: Student) -> dict[str, Any]:
    """Return the handed-in workflow."""
    return workflows.parse(text(student, WORKFLOW).encode())


CHANGES = {
    "data/train.npz": True,
    "data/2024/autumn/new.npz": True,
    "dataset_statistics.py": True,
    WORKFLOW: True,
    "README.md": False,
    "src/train_cml.py": False,
    "docs/data/figure.png": False,
    "data_loader.py": False,
    "old_data/train.npz": False,
    ".github/workflows/tests.yaml": False,
}


@hint("`*` stays in a folder and `**` does not; a pattern is for the whole path, from the top of the repository.")
def test_workflow_runs_when_data_change(student: Student) -> None:
    """The workflow runs for pull requests that change data, its script or itself, and for no other"""
    got = {path: workflows.runs_for(workflow(student), [path]) for path in CHANGES}
    wrongly = [path for path in CHANGES if got[path] and not CHANGES[path]]
    missing = [path for path in CHANGES if CHANGES[path] and not got[path]]
    assert not missing, f"it does not run when these change: {', '.join(missing)}"
    assert not wrongly, f"it runs when only these change: {', '.join(wrongly)}"
    assert workflows.runs_for(workflow(student), ["README.md", "data/test.npz"]), "it does not run for a mixed change"


@hint("`permissions`: whoever gets hold of the job's token can do what stands there.")
def test_workflow_has_the_permissions_it_needs(student: Student) -> None:
    """The job may read the repository and write to pull requests, and no more"""
    given = workflows.permissions(workflow(student))
    if isinstance(given, dict):
        given = {scope: access for scope, access in given.items() if access != "none"}
    assert given == {"contents": "read", "pull-requests": "write"}, "the permissions of the job"


@hint("Nothing is on the machine at first, not even your repository. What does each step need before it can run?")
def test_workflow_sets_up_what_it_uses(student: Student) -> None:
    """The repository is checked out, Python and CML are set up, each at a version, before they are used"""
    steps = workflows.job(workflow(student)).get("steps", [])
    used = [str(step.get("uses", "")) for step in steps]
    loose = [name for name in used if name and not name.startswith("./") and not VERSION.search(name)]
    with hint("A branch moves: name a version (v5) or a commit."):
        assert not loose, f"no version is given for {', '.join(loose)}"
    for action, program in (
        ("actions/checkout", "python"),
        ("actions/setup-python", "python"),
        ("iterative/setup-cml", "cml"),
    ):
        places = [place for place, name in enumerate(used) if name.partition("@")[0] == action]
        uses = [place for place, step in enumerate(steps) if re.search(rf"\b{program}3?\b", str(step.get("run", "")))]
        assert places, f"no step uses {action}"
        assert uses, f"no step runs {program}"
        assert places[0] < uses[0], f"{action} comes after the first step that needs it"


PYTHON = """case " $* " in
    *" -m pip "*) exit 0 ;;
    *" -m venv "*)
        for folder; do :; done
        mkdir -p "$folder/bin"
        echo "deactivate() { :; }" > "$folder/bin/activate"
        cp "${0%/*}"/* "$folder/bin"
        exit 0 ;;
esac
PATH=$BARE_PATH exec python "$@"
"""
# Installing is none of this suite's business; everything else is the real Python.
STAND_INS = {
    **dict.fromkeys(("python", "python3"), PYTHON),
    **dict.fromkeys(("pip", "pip3", "uv", "sudo", "apt-get", "npm"), "exit 0"),
    # Where CML looks for its token, and which of its arguments is the report, is CML's own way.
    "cml": """printf '%s\\n' "$*" >> "$RECORD/calls"
token=${REPO_TOKEN:-${repo_token:-${GITHUB_TOKEN:-}}}
while [ $# -gt 0 ]; do
    case $1 in
        --token=*) token=${1#*=} ;;
        --token) token=$2; shift ;;
        *.md) report=$1 ;;
    esac
    shift
done
printf '%s' "$token" > "$RECORD/token"
cp "$report" "$RECORD/body.md"
cp "$(dirname "$report")"/*.png "$RECORD"
""",
}
TOKEN = "token-of-the-job"


def run_workflow(student: Student) -> tuple[int, str]:
    """Run the job's steps with stand-ins for cml and for what installs; return the status and what was said."""
    for name, body in STAND_INS.items():
        student.write(f"stand_ins/{name}", f"#!/usr/bin/env bash\n{body}\n")
    student.write("record/calls", "")
    start = 'chmod +x stand_ins/*\nexport BARE_PATH="$PATH" RECORD="$PWD/record" PATH="$PWD/stand_ins:$PATH"\n'
    student.write("run_the_steps.sh", start + workflows.script(workflow(student), TOKEN))
    result = student.shell("run_the_steps.sh", timeout=40)
    return result.exit_code, (result.stdout + result.stderr)[-600:]


@hint("`cml comment create FILE` posts a report with its pictures; it finds the token in REPO_TOKEN.")
def test_workflow_comments_on_the_pull_request(student: Student, rng: np.random.Generator) -> None:
    """The steps, run one after the other, post the report on the data, with its picture and the job's token"""
    write_data(student, "data", train=uneven(rng, 37, [0, 1]), test=uneven(rng, 19, [0, 1]))
    status, said = run_workflow(student)
    assert status == 0, f"a step failed:\n{said}"
    calls = text(student, "record/calls").split()
    assert calls[:2] == ["comment", "create"], f"cml was called with {' '.join(calls[:3]) or 'nothing'}"
    body = text(student, "record/body.md")
    splits = table(body, "split")
    has_columns(splits, "images")
    assert {split: row["images"] for split, row in splits.items()} == {"train": "37", "test": "19"}, (
        "the number of images in each set, in the report that was posted"
    )
    with hint("CML publishes the pictures that Markdown shows, ![so](picture.png); an <img> it leaves as it is."):
        shows_picture(student, body, "record", posted=True)
    assert text(student, "record/token") == TOKEN, "cml did not find the job's token in REPO_TOKEN"


@hint("A step whose failure is hidden lets a broken data set through, with an old report or none.")
def test_workflow_fails_with_the_statistics(student: Student) -> None:
    """When dataset_statistics.py fails, so does the job, and nothing is posted"""
    student.write("dataset_statistics.py", "raise SystemExit('the data cannot be read')\n")
    student.write("data_report.md", "an old report")
    status, _ = run_workflow(student)
    assert status != 0, "the statistics failed, and the job succeeded"
    assert text(student, "record/calls") == "", "a report was posted although the statistics had failed"
