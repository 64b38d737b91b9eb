"""Hidden suite of m03: a script made from a notebook, and an editor that runs and debugs it."""

import csv
import io
import json
import random
import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jsonc

from mlops_grade.suite import Student, hint

# in_folder.sh FOLDER COMMAND [ARG...]; @ROOT@ in an argument is the workspace.
IN_FOLDER = """root=$PWD; set -- "${@//@ROOT@/$root}"
mkdir -p "$1" 2>/dev/null && cd "$1" 2>/dev/null || { echo "there is no folder $1, and none can be made" >&2; exit 1; }
shift; exec "$@"
"""
HEADER = ["day", "plant", "height_mm", "water_ml"]


def ensure(condition: object, message: str) -> None:
    """Fail the check with a message alone, where what was compared would not help, or would give the answer away."""
    if not condition:
        raise AssertionError(message)


def in_folder(student: Student, folder: str, *command: str) -> Any:
    """Run a command in a folder; `@ROOT@` stands for the workspace."""
    student.write("in_folder.sh", IN_FOLDER)
    return student.shell("in_folder.sh", folder, *command)


@dataclass
class Measurement:
    """One line of the file. A height of None means that the sensor was off, 0 that it missed the plant."""

    day: int
    plant: str
    height_mm: float | None
    water_ml: float


def to_csv(measurements: list[Measurement]) -> str:
    """The file as the sensors write it: some numbers have a decimal comma."""
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow(HEADER)
    for index, m in enumerate(measurements):
        height = "" if m.height_mm is None else f"{m.height_mm:.1f}" if m.height_mm else random.choice(["0", "0,0"])
        water = f"{m.water_ml:g}"
        if index % 3 == 0:
            height, water = height.replace(".", ","), water.replace(".", ",")
        writer.writerow([m.day, m.plant, height, water])
    return lines.getvalue()


def greenhouse() -> list[Measurement]:
    """Measurements with everything in them that the notebook deals with, in no order."""
    names = random.sample(["aloe", "cress", "fern", "ivy", "lime", "moss", "okra", "rue", "thyme", "yam"], 7)
    waters = [[34.0, 36.5, 34.5], [34.5, 35.0, 35.0], [35.5, 36.0, 35.0], [20.0, 21.0, 22.0], [50.0, 61.5, 70.0]]
    measurements = []
    for name, water in zip(names, waters):
        start, rate = random.uniform(150, 400), random.uniform(4, 60)
        days = random.sample(range(30), 3)
        for day, amount in zip(sorted(days), water):
            height = start + rate * day + random.uniform(-50, 50)
            measurements.append(Measurement(day, name, round(height, 1), amount))
        # What the sensor did not see counts for nothing: neither its water nor its day.
        off, missed = random.sample([day for day in range(60) if day not in days], 2)
        measurements.append(Measurement(off, name, None, 0.0))
        measurements.append(Measurement(missed, name, 0.0, 99.0))
    measurements.append(Measurement(measurements[0].day, names[0], 0.0, 12.0))
    measurements.append(Measurement(8, names[5], 333.3, 30.0))
    measurements += [
        Measurement(3, names[6], 410.0, 34.5),
        Measurement(9, names[6], round(random.uniform(420, 480), 1), 36),
    ]
    between = measurements.pop(1)
    random.shuffle(measurements)
    # The last line of a plant is not its last day.
    return [*measurements, between]


def seen(measurements: list[Measurement]) -> dict[str, list[tuple[int, float, float]]]:
    """Day, height in cm and water of what the sensor saw, for each plant, by day."""
    series: dict[str, list[tuple[int, float, float]]] = {}
    for m in sorted(measurements, key=lambda m: m.day):
        if m.height_mm:
            series.setdefault(m.plant, []).append((m.day, m.height_mm / 10, m.water_ml))
    return series


def analyse(student: Student, measurements: list[Measurement]) -> dict[str, Any]:
    """What the student's analysis finds in these measurements."""
    student.write("data/other.csv", to_csv(measurements))
    results = student.load("analysis").analyse("data/other.csv")
    assert isinstance(results, dict), f"analyse gave a {type(results).__name__}, not a dict"
    keys = {"measurements", "spread_cm", "growth_cm_per_day", "thirsty"}
    assert set(results) == keys, "these are the names in the results"
    return results


def check_rounded(got: object, expected: float, digits: int, what: str) -> None:
    """A number has to be the expected one, rounded; where a tie is broken does not matter."""
    number = isinstance(got, int | float) and not isinstance(got, bool)
    assert number, f"{what} is {got!r}, not a number"
    ensure(abs(got - expected) <= 0.501 * 10**-digits, f"{what} is {got}, expected {round(expected, digits)}")  # type: ignore[operator]
    ensure(abs(got - round(got, digits)) < 1e-9, f"{what} is {got}, which is not rounded to {digits} digits")  # type: ignore[call-overload,operator]


# --------------------------------------------------------------------------------------------------------- analysis.py


@hint("Compare with the output of the notebook's last cell. In which order did the cells run? Did all of them run?")
def test_given_file_gives_the_notebooks_results(student: Student) -> None:
    """analyse gives the notebook's results for measurements.csv"""
    got = student.load("analysis").analyse("measurements.csv")
    notebook = json.loads(student.read("exploration.ipynb"))
    last = next(cell for cell in notebook["cells"] if cell.get("execution_count") == 11)
    text = "".join("".join(output["text"]) for output in last["outputs"])
    assert got == json.loads(text[: text.rindex("}") + 1]), "the notebook found something else in measurements.csv"


@hint("Some cells give no error in the wrong order, only other numbers. And a cell without a number did not run.")
def test_measurements_and_spread(student: Student, seed: int) -> None:
    """analyse counts the measurements and finds the spread, in a file not seen before"""
    measurements = greenhouse()
    heights = [height for series in seen(measurements).values() for _, height, _ in series]
    got = analyse(student, measurements)
    assert got["measurements"] == len(heights), "so many measurements count"
    check_rounded(got["spread_cm"], max(heights) - min(heights), 2, "spread_cm")


@hint("Growth is what lies between the first day and the last one; lines of the file may come in any order.")
def test_growth(student: Student, seed: int) -> None:
    """analyse finds the growth of each plant, in a file not seen before"""
    measurements = greenhouse()
    series = {plant: points for plant, points in seen(measurements).items() if len(points) > 1}
    got = analyse(student, measurements)["growth_cm_per_day"]
    assert sorted(got) == sorted(series), "these plants have a growth"
    for plant, points in series.items():
        growth = (points[-1][1] - points[0][1]) / (points[-1][0] - points[0][0])
        check_rounded(got[plant], growth, 3, f"the growth of {plant}")


@hint("A name is used that no cell defines any more. Which output shows what it was?")
def test_thirsty_plants(student: Student, seed: int) -> None:
    """analyse finds the thirsty plants, in a file not seen before"""
    measurements = greenhouse()
    means = {p: sum(water for _, _, water in points) / len(points) for p, points in seen(measurements).items()}
    got = analyse(student, measurements)["thirsty"]
    assert got == sorted(plant for plant, mean in means.items() if mean < 35), "these plants are thirsty"


def too_tall(measurements: list[Measurement]) -> list[Measurement]:
    return [*measurements, Measurement(70, "bamboo", 2500.1, 40.0)]


def twice(measurements: list[Measurement]) -> list[Measurement]:
    again = next(m for m in measurements if m.height_mm)
    return [*measurements, Measurement(again.day, again.plant, (again.height_mm or 0) + 3, 41.0)]


def nothing(measurements: list[Measurement]) -> list[Measurement]:
    return [m for m in measurements if not m.height_mm]


VIOLATIONS: list[tuple[Callable[[list[Measurement]], list[Measurement]], str, str]] = [
    (too_tall, "taller than the greenhouse", "a plant is 250.01 cm tall"),
    (twice, "a plant was measured twice on one day", "a plant was measured twice on one day"),
    (nothing, "nothing was measured", "the file holds no measurement that counts"),
]


@hint("An assertion is part of the work: it says what the rest relies on. Keep all of them, where they stood.")
def test_assertions_are_kept(student: Student, seed: int) -> None:
    """analyse raises the notebook's assertions, and only where they do not hold"""
    analysis = student.load("analysis")
    for violate, message, what in VIOLATIONS:
        student.write("data/bad.csv", to_csv(violate(greenhouse())))
        try:
            analysis.analyse("data/bad.csv")
        except Exception as error:
            ensure(message in str(error), f"{what}, but the exception says: {error}")
        else:
            raise AssertionError(f"{what}, and analyse did not mind")
    just_fits = [*greenhouse(), Measurement(70, "bamboo", 2500.0, 40.0)]
    assert analyse(student, just_fits)["measurements"] == sum(1 for m in just_fits if m.height_mm), (
        "so many measurements count, one of a plant of exactly 250 cm among them"
    )


@hint("Both file names are arguments of the program, and relative to the folder that it is called from.")
def test_program_reads_and_writes_what_it_is_told(student: Student, seed: int) -> None:
    """python analysis.py DATA RESULTS works from any folder, with any names"""
    measurements = greenhouse()
    folder = f"week {random.randint(1, 52)}"
    student.write(f"{folder}/my data.csv", to_csv(measurements))
    results = f"{random.choice(['results', 'plants'])} {random.randint(1, 9)}.json"
    done = in_folder(student, folder, "python", "@ROOT@/analysis.py", "my data.csv", results)
    assert done.exit_code == 0, "the program fails; what it printed says why"
    ensure(f"{folder}/{results}" in student.files(), f"{results} was not written into the current folder")
    written = json.loads(student.read(f"{folder}/{results}"))
    expected = sum(1 for m in measurements if m.height_mm)
    assert isinstance(written, dict), "RESULTS does not hold an object"
    assert written.get("measurements") == expected, "so many measurements count in the file that was given"
    ensure(str(expected) in done.stdout and "thirsty" in done.stdout, "the results were not printed")


@hint("Analyse first, write afterwards; and let the exception end the program.")
def test_program_fails_where_an_assertion_fails(student: Student, seed: int) -> None:
    """The program exits with a status other than 0, and writes nothing, when an assertion fails"""
    student.write("good.csv", to_csv(greenhouse()))
    done = in_folder(student, ".", "python", "analysis.py", "good.csv", "good.json")
    assert done.exit_code == 0, "the program fails on a file that is fine; what it printed says why"
    student.write("bad.csv", to_csv(twice(greenhouse())))
    done = in_folder(student, ".", "python", "analysis.py", "bad.csv", "bad.json")
    ensure(done.exit_code != 0, "a plant was measured twice on one day, and the program exits with status 0")
    ensure("bad.json" not in student.files(), "results were written all the same")


@hint(
    "Tests and other scripts import it: what a program does stands in a function that only `python analysis.py` calls."
)
def test_import_does_nothing(student: Student) -> None:
    """import analysis runs nothing and writes nothing"""
    student.write("elsewhere/keep.txt", "")
    before = {*student.files(), "in_folder.sh"}
    done = in_folder(student, "elsewhere", "python", "-B", "-c", "import sys; sys.path[0] = '@ROOT@'; import analysis")
    assert done.exit_code == 0, "importing it fails; what it printed says why"
    assert done.stdout == "", "importing it prints something"
    new = sorted(name for name in set(student.files()) - before if "__pycache__" not in name)
    assert not new, f"importing it wrote {new}"


# ------------------------------------------------------------------------------------------------------------ .vscode

LAUNCH, SETTINGS = ".vscode/launch.json", ".vscode/settings.json"


def configuration(student: Student, name: str) -> dict[str, Any]:
    """A configuration of launch.json, by its name."""
    configurations = jsonc.parse(student.read(LAUNCH), LAUNCH).get("configurations")
    assert isinstance(configurations, list), "launch.json has no list of configurations"
    found = [c for c in configurations if isinstance(c, dict) and c.get("name") == name]
    assert len(found) == 1, f"launch.json has {len(found)} configurations named {name!r}, expected one"
    kind = (found[0].get("type"), found[0].get("request"))
    assert kind == ("debugpy", "launch"), f"type and request of the configuration {name}"
    return found[0]


def filled_in(value: object, checkout: str) -> str:
    """A text of launch.json with its variables filled in; the open file lies outside of the checkout."""
    assert isinstance(value, str), f"launch.json: {value!r} is not a text"
    variables = {
        "workspaceFolder": checkout,
        "workspaceRoot": checkout,
        "workspaceFolderBasename": checkout.rsplit("/", 1)[-1],
        "file": "@ROOT@/notes of mine/notes.py",
        "fileDirname": "@ROOT@/notes of mine",
        "fileDirnameBasename": "notes of mine",
        "fileBasename": "notes.py",
        "fileBasenameNoExtension": "notes",
        "fileExtname": ".py",
        "fileWorkspaceFolder": "@ROOT@/notes of mine",
        "relativeFile": "../notes of mine/notes.py",
        "relativeFileDirname": "../notes of mine",
        "userHome": "@ROOT@/home",
        "cwd": "@ROOT@",
        "pathSeparator": "/",
        "/": "/",
    }

    # In a workspace of several folders, `${workspaceFolder:NAME}` says which one is meant.
    variables[f"workspaceFolder:{variables['workspaceFolderBasename']}"] = checkout

    def fill(match: re.Match[str]) -> str:
        ensure(match[1] in variables, f"launch.json: {match[0]} is no variable that has a value in each checkout")
        return variables[match[1]]

    return re.sub(r"\$\{([^}]*)\}", fill, value)


@hint("Which variable of VS Code is the folder of the repository? Each argument is an entry of its own.")
def test_train_configuration_runs(student: Student) -> None:
    """The configuration Train runs train --lr 1e-4, from any folder"""
    train = configuration(student, "Train")
    checkout = "@ROOT@/somewhere else/greenhouse"
    for file in ("train.py", "measurements.csv", "analysis.py"):
        student.write(f"somewhere else/greenhouse/{file}", student.read(file))
    student.write("notes of mine/notes.py", "print('these are only notes')\n")
    arguments = train.get("args", [])
    arguments = shlex.split(arguments) if isinstance(arguments, str) else arguments
    assert isinstance(arguments, list), "args is not a list"
    if "module" in train and "program" not in train:
        target = ["-m", filled_in(train["module"], checkout)]
    else:
        ensure("program" in train, "the configuration says neither program nor module")
        target = [filled_in(train["program"], checkout)]
    folder = filled_in(train.get("cwd", "${workspaceFolder}"), checkout)
    done = in_folder(student, folder, "python", *target, *(filled_in(str(text), checkout) for text in arguments))
    assert done.exit_code == 0, "what the configuration runs fails; what it printed says why"
    assert done.stdout.startswith("lr 0.0001 "), f"train.py printed: {done.stdout}"


@hint("A variable stands for the file that is open. By default the debugger stays out of code that is not yours.")
def test_current_file_configuration(student: Student) -> None:
    """The configuration Current file runs the open file, and steps into libraries"""
    current = configuration(student, "Current file")
    program = filled_in(current.get("program"), "@ROOT@/checkout")
    assert program.endswith("/notes of mine/notes.py"), f"with notes.py open, it would run {program}"
    ensure(current.get("justMyCode") is False, "the debugger would not step into libraries")


@hint("Look up the settings by name in VS Code: each has a page that says what it takes.")
def test_settings(student: Student) -> None:
    """settings.json names the interpreter, runs pytest, and formats with Ruff on save"""
    settings = jsonc.parse(student.read(SETTINGS), SETTINGS)
    interpreter = settings.get("python.defaultInterpreterPath", "")
    inside = re.fullmatch(r"(\$\{workspaceFolder\}[/\\]|\./)?\.venv([/\\].*)?", str(interpreter))
    assert inside, (
        f"python.defaultInterpreterPath is {interpreter!r}, which is not in the folder .venv of the workspace"
    )
    ensure(settings.get("python.testing.pytestEnabled") is True, "pytest is not enabled")
    # One block may be for several languages: "[python][toml]". That for Python alone comes last, and wins.
    blocks = sorted((key for key in settings if "[python]" in key), key=len, reverse=True)
    effective = dict(settings)
    for key in blocks:
        assert isinstance(settings[key], dict), f"the settings for {key} are not an object"
        effective |= settings[key]
    assert effective.get("editor.defaultFormatter") == "charliermarsh.ruff", "Python files are not formatted by Ruff"
    ensure(effective.get("editor.formatOnSave") is True, "Python files are not formatted when they are saved")


@hint("A path that begins at the root of a disk, or in your home, is not there for others.")
def test_no_path_of_one_machine(student: Student) -> None:
    """Neither file of .vscode holds a path of one machine"""
    for name in (LAUNCH, SETTINGS):
        texts = jsonc.strings(jsonc.parse(student.read(name), name))
        ensure(len(texts) > 4, f"{name} says nothing yet")
        for text in texts:
            absolute = re.match(r"(/(?!/)|~|[A-Za-z]:[\\/]|\\\\|\$\{userHome\})", text)
            # Or behind something else, as in a list of folders or an option with its value.
            absolute = absolute or re.search(r"[\s=:;,](/(home|Users|root|mnt|opt)/|~/|[A-Za-z]:[\\/])", text)
            assert not absolute, f"{name} holds the path {text}"
