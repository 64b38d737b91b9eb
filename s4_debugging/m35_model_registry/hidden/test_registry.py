"""Hidden suite of m35: runs in a tracking store, versions in a registry, and which of them is the champion."""

import hashlib
import io
import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from store import (
    EXPERIMENT,
    FILE,
    MODEL,
    URI,
    Run,
    Store,
    a_run,
    fill,
    fill_registry,
    make_tables,
    read_store,
    weights_of,
)

from mlops_grade.suite import Inspector, Student, assert_close, hint, probe


@pytest.fixture(scope="module")
def tables(shared_inspector: Inspector) -> bytes:
    """A store without a run: making its tables is what takes longest, and is done once."""
    shared_inspector.run(make_tables, "sqlite:///empty.db")
    return shared_inspector.read("empty.db")


@pytest.fixture
def stored(student: Student, tables: bytes) -> Student:
    """A student whose folder has an empty store."""
    student.write(FILE, tables)
    return student


# ------------------------------------------------------------------------------------------------------------- track


@probe
def track_script(uri, experiment, cells, data):
    """Track trainings that follow a script; return the ids, what was trained, and what came out of track, if it did."""
    from experiments import track
    from training import Trained

    trained = []

    def train(params, report):
        number = next((n for n, cell in enumerate(cells) if cell["params"] == dict(params)), None)
        if number is None:
            raise RuntimeError(f"train was called with {dict(params)}, which is no cell of the grid")
        trained.append(number)
        cell = cells[number]
        for step, value in cell["curve"]:
            report(step, value)
        if cell["raises"]:
            raise {"ValueError": ValueError, "KeyboardInterrupt": KeyboardInterrupt}[cell["raises"]]("as in the script")
        return Trained(cell["weights"], cell["test_acc"])

    ids, raised = [], ""
    try:
        ids = list(track(uri, experiment, train, [cell["params"] for cell in cells], data))
    except BaseException as error:
        raised = f"{type(error).__name__}: {error}"
    return {"ids": ids, "trained": trained, "raised": raised}


def cells(rng: np.random.Generator, *raises: str) -> list[dict[str, Any]]:
    """Trainings: what each is told, how its curve goes, what comes of it; one for each name of an exception, or ""."""
    made = []
    for number, error in enumerate(raises):
        steps = np.cumsum(rng.integers(1, 9, size=3 + number)) + 1
        made.append(
            {
                "params": {
                    "lr": round(float(rng.uniform(0.001, 0.9)), 6) + number,
                    "layers": int(rng.integers(1, 9)),
                    "optimiser": str(rng.choice(["sgd", "adam", "adagrad"])),
                },
                "curve": [[int(step), float(value)] for step, value in zip(steps, rng.uniform(0.2, 0.9, len(steps)))],
                "weights": {"w": rng.normal(size=(3, 2)), "b": rng.normal(size=2).astype(np.float32)},
                "test_acc": float(rng.uniform(0.2, 0.9)),
                "raises": error,
            }
        )
    return made


@dataclass(frozen=True)
class Tracked:
    """What track left behind, of the trainings that it was given."""

    cells: list[dict[str, Any]]
    ids: list[str]
    trained: list[int]
    raised: str
    store: Store
    data: bytes

    def pairs(self) -> list[tuple[dict[str, Any], Run]]:
        """Each training with its run."""
        assert not self.raised, f"track raised {self.raised}"
        with hint("track returns a list with a run's id for each dict of the grid, also where the training failed."):
            assert len(self.ids) == len(self.cells), "the number of ids that track returned"
            unknown = [run_id for run_id in self.ids if run_id not in self.store.runs]
            assert not unknown, f"track returned {unknown[:1]}, which is no run of the store"
        return [(cell, self.store.runs[run_id]) for cell, run_id in zip(self.cells, self.ids)]


def track(student: Student, inspector: Inspector, tables: bytes, rng: np.random.Generator, *raises: str) -> Tracked:
    student.write(FILE, tables)
    data = rng.bytes(500)
    student.write("some.npz", data)
    script = cells(rng, *raises)
    result = student.run(track_script, URI, EXPERIMENT, script, "some.npz")
    ids = [str(run_id) for run_id in result["ids"]]
    return Tracked(script, ids, result["trained"], result["raised"], read_store(student, inspector), data)


@pytest.fixture(scope="module")
def tracked(shared_student: Student, shared_inspector: Inspector, tables: bytes, shared_seed: int) -> Tracked:
    """Three trainings that go well."""
    return track(shared_student, shared_inspector, tables, np.random.default_rng(shared_seed), "", "", "")


@hint("Open a run for each dict of the grid, and end it before the next one begins.")
def test_one_run_for_each_cell(tracked: Tracked) -> None:
    """track records one FINISHED run for each cell, in the experiment, and returns their ids in the grid's order"""
    pairs = tracked.pairs()
    assert len(tracked.store.runs) == 3, "the number of runs in the store, for a grid of 3"
    assert tracked.trained == [0, 1, 2], "which cells of the grid were trained, in order"
    assert [run.experiment for _, run in pairs] == [EXPERIMENT] * 3, "the experiments that the runs are in"
    with hint("Whoever opens a run ends it: `with mlflow.start_run()`, or `set_terminated`."):
        assert [run.status for _, run in pairs] == ["FINISHED"] * 3, "the statuses of runs whose training went well"


def read_value(text: Any, like: Any) -> Any:
    """A parameter as it was: the store keeps text."""
    if isinstance(like, str):
        return text
    try:
        return float(text)
    except (TypeError, ValueError):
        return text


@hint("Each entry is a parameter of its own, so that runs can be searched and compared by it.")
def test_parameters(tracked: Tracked) -> None:
    """Each parameter of a cell is a parameter of its run, under its own name"""
    for cell, run in tracked.pairs():
        missing = sorted(cell["params"].keys() - run.params.keys())
        assert not missing, f"a run has the parameters {sorted(run.params)} and lacks {missing}"
        got = {name: read_value(run.params[name], value) for name, value in cell["params"].items()}
        with hint("The right values in another run: are runs, and what they are told, mixed up?"):
            assert got == cell["params"], "the parameters of a run"


@hint("A metric takes a step: log_metric(..., step=...). It may be called as often as there are steps.")
def test_every_report_is_a_point(tracked: Tracked) -> None:
    """Each report of a training is a point of the run's metric val_acc, with its step"""
    for cell, run in tracked.pairs():
        points = run.points.get("val_acc", [])
        with hint("Each training reports to its own run: is the one before still open?"):
            assert len(points) <= len(cell["curve"]), (
                f"a training reported {len(cell['curve'])} times, and its run has {len(points)} points of val_acc"
            )
        assert [step for step, _ in points] == [step for step, _ in cell["curve"]], "the steps of val_acc in a run"
        assert_close([value for _, value in points], [value for _, value in cell["curve"]], "the values of val_acc")


@hint("The training returns both: `trained.test_acc` goes into a metric, `trained.weights` into a file.")
def test_what_came_of_it(tracked: Tracked, shared_student: Student, shared_inspector: Inspector) -> None:
    """The run has the metric test_acc, and the weights as artifact model/weights.npz"""
    for (cell, run), run_id in zip(tracked.pairs(), tracked.ids):
        assert run.points.get("test_acc"), f"a run has the metrics {sorted(run.points)}, no test_acc"
        assert_close(run.points["test_acc"][-1][1], cell["test_acc"], "test_acc of a run")
        weights = weights_of(shared_student, shared_inspector, run_id)
        assert sorted(weights) == sorted(cell["weights"]), "the names of the arrays in weights.npz"
        for name, value in cell["weights"].items():
            assert_close(weights[name], value, f"the array {name!r} in a run's weights.npz")


@hint("hashlib.sha256 of the file's bytes, all of them, and its hexdigest.")
def test_data_is_named(tracked: Tracked) -> None:
    """The run's tag data_sha256 is the SHA-256 of the data file"""
    for _, run in tracked.pairs():
        assert_names(run, tracked.data)


def assert_names(run: Run, data: bytes) -> None:
    """The run's tag names the data, in small or capital letters."""
    assert run.tags.get("data_sha256", "").lower() == hashlib.sha256(data).hexdigest(), "the tag data_sha256 of a run"


@hint("Catch what the training raises, give this run its status, and go on with the next cell.")
def test_a_training_that_fails(student: Student, inspector: Inspector, tables: bytes, rng: np.random.Generator) -> None:
    """A training that raises leaves a FAILED run with its points, and the others are trained"""
    result = track(student, inspector, tables, rng, "", "ValueError", "")
    with hint("One bad setting must not cost a night's other trainings."):
        assert not result.raised, f"a training raised ValueError, and out of track came {result.raised}"
        assert result.trained == [0, 1, 2], "which cells of the grid were trained, in order"
    pairs = result.pairs()
    statuses = [run.status for _, run in pairs]
    assert statuses == ["FINISHED", "FAILED", "FINISHED"], "the statuses, where the second of three trainings raised"
    for cell, run in pairs:
        steps = [step for step, _ in run.points.get("val_acc", [])]
        assert steps == [step for step, _ in cell["curve"]], "the steps of val_acc in a run, one training having failed"


@hint("KeyboardInterrupt is no Exception: `except Exception` lets it through, a bare `except` does not.")
def test_interrupted(student: Student, inspector: Inspector, tables: bytes, rng: np.random.Generator) -> None:
    """Ctrl-C in a training ends track, and nothing more is trained"""
    result = track(student, inspector, tables, rng, "KeyboardInterrupt", "")
    assert result.trained == [0], "which cells were trained, where Ctrl-C was pressed in the first"
    assert result.raised.startswith("KeyboardInterrupt"), (
        f"a training was interrupted, and out of track came {result.raised or 'no exception'}"
    )


# ---------------------------------------------------------------------------------------------------------- best_run

RUNS = "sqlite:///runs.db"
PEAK = [(0, 0.31), (1, 0.97), (2, 0.52)]


@pytest.fixture(scope="module")
def reader(shared_student: Student, tables: bytes) -> Student:
    """A student who looks for runs and registers them: one store, and names of its own for each check."""
    shared_student.write("runs.db", tables)
    return shared_student


def best(student: Student, experiment: str, runs: list[dict[str, Any]], metric: str = "val_acc") -> int | str:
    """The place in the list of the run that best_run chooses."""
    ids = student.run(fill, RUNS, experiment, runs)
    chosen = student.load("experiments").best_run(RUNS, experiment, metric)
    return ids.index(chosen) if chosen in ids else f"{chosen!r}, which is none of the runs"


@hint("Which weights were kept? Those of the last step, whatever the curve did before.")
def test_best_by_last_value(reader: Student, rng: np.random.Generator) -> None:
    """best_run compares the value at the largest step, and the highest wins"""
    low, high = rng.uniform(0.55, 0.6), rng.uniform(0.65, 0.7)
    curves = [[(0, 0.1), (5, low)], PEAK, [(0, 0.6), (9, high)], [(0, 0.9), (1, 0.2), (2, 0.4)]]
    order = rng.permutation(4)
    runs = [a_run(number, {"val_acc": curves[which]}) for number, which in enumerate(order)]
    last = [curves[which][-1][1] for which in order]
    chosen = best(reader, "peaks", runs)
    assert chosen == int(np.argmax(last)), f"the number of the chosen run, where the last values are {rounded(last)}"


def rounded(values: list[float]) -> str:
    return ", ".join(f"{value:.2f}" for value in values)


@hint("Numbers are compared as numbers: as text, '9' comes after '10' and '1e-05' after '0.5'.")
def test_best_by_another_metric(reader: Student, rng: np.random.Generator) -> None:
    """best_run compares the metric that it is given, as a number, whatever its size"""
    sizes = [float(rng.uniform(2, 9)), float(rng.uniform(11, 19)), float(rng.uniform(1e-6, 9e-6)), 0.5]
    order = rng.permutation(4)
    scores = [sizes[which] for which in order]
    runs = [
        a_run(number, {"val_acc": [(0, 0.9 - score / 200)], "images_per_ms": [(0, 1000.0), (1, score)]})
        for number, score in enumerate(scores)
    ]
    chosen = best(reader, "speeds", runs, "images_per_ms")
    assert chosen == int(np.argmax(scores)), f"the number of the run with the best images_per_ms of {scores}"


@hint("Ask the store for runs of this experiment with this status; a run may lack the metric altogether.")
def test_best_of_those_that_count(reader: Student) -> None:
    """best_run looks at FINISHED runs of its experiment that have the metric"""
    reader.run(fill, RUNS, "another", [a_run(0, {"val_acc": [(0, 0.99)]})])
    runs = [
        a_run(1, {"val_acc": [(0, 0.5)]}),
        a_run(2, {"val_acc": [(0, 0.9)]}, status="FAILED"),
        a_run(3, {"val_acc": [(0, 0.8)]}, status="RUNNING"),
        a_run(4, {"test_acc": [(0, 0.95)]}),
        a_run(5, {"val_acc": [(0, 0.6)]}),
        a_run(6, {"val_acc": [(0, 0.85)]}, status="KILLED"),
    ]
    kinds = ["finished, 0.5", "FAILED", "RUNNING", "without val_acc", "finished, 0.6", "KILLED"]
    chosen = best(reader, "statuses", runs)
    what = kinds[chosen] if isinstance(chosen, int) else chosen
    assert chosen == 4, f"the best finished run has 0.6; chosen was: {what}"


@hint("In what order does the store give runs that are equal? Say which one you want: it takes several sort keys.")
def test_best_of_equals(reader: Student) -> None:
    """Of runs with equal values, best_run takes the one that started first"""
    numbers = [3, 1, 2, 0]
    runs = [a_run(number, {"val_acc": [(0, 0.1), (1, 0.75 if number else 0.2)]}) for number in numbers]
    assert best(reader, "equals", runs) == 1, "the chosen run: of three equals number 1 in the list started first"


@hint("An empty list, None, or an exception of MLflow's own: check for it, and raise what the task says.")
def test_no_best(reader: Student) -> None:
    """best_run raises LookupError where no run counts, and where there is no such experiment"""
    reader.run(fill, RUNS, "hopeless", [a_run(0, {"val_acc": [(0, 0.9)]}, status="FAILED"), a_run(1, {})])
    best_run = reader.load("experiments").best_run
    for experiment in ("hopeless", "nowhere"):
        with pytest.raises(LookupError):
            best_run(RUNS, experiment, "val_acc")


# ---------------------------------------------------------------------------------------------------------- register


@hint("A version is a number, a run, and a place: create_model_version takes the last two.")
def test_register(reader: Student, shared_inspector: Inspector) -> None:
    """register makes a version of the run's weights; the same run is the same version"""
    weights = {"w": np.arange(3.0)}
    first, second = reader.run(fill, RUNS, "good", [a_run(n, {}, weights=weights) for n in range(2)])
    register = reader.load("registry").register
    numbers = [register(RUNS, "good", run_id) for run_id in (first, second)]
    assert numbers == [1, 2], "the versions of two runs, registered one after the other"
    with hint("Look through the versions that the model has: is one of them of this run?"):
        assert register(RUNS, "good", first) == 1, "the version of the first run, registered once more"
    versions = read_store(reader, shared_inspector, "runs.db", "good").versions
    assert sorted(versions) == [1, 2], "the versions of the model in the store"
    assert [versions[number][0] for number in (1, 2)] == [first, second], "the run_id of each version"
    for number, run_id in ((1, first), (2, second)):
        source = versions[number][1].rstrip("/")
        right = source == f"runs:/{run_id}/model" or source.endswith(f"/{run_id}/artifacts/model")
        assert right, f"the source of a version is {source}, and must be its run's folder `model`"


@hint("The run knows its status: get_run(...).info.status.")
def test_register_only_what_is_finished(reader: Student, shared_inspector: Inspector) -> None:
    """register refuses a run that is not FINISHED, with ValueError"""
    weights = {"w": np.arange(3.0)}
    statuses = ["FAILED", "RUNNING"]
    runs = [a_run(number, {}, status=status, weights=weights) for number, status in enumerate(statuses)]
    for run_id in reader.run(fill, RUNS, "bad", runs):
        with pytest.raises(ValueError):
            reader.load("registry").register(RUNS, "bad", run_id)
    found = read_store(reader, shared_inspector, "runs.db", "bad").versions
    assert found == {}, "the versions in the store, after two runs were refused"


# ------------------------------------------------------------------------------------------------- promote, roll back


def versions(student: Student, *accuracies: float | None) -> None:
    """Put a version into the registry for each test_acc, its weights a row of its number."""
    runs = []
    for number, accuracy in enumerate(accuracies, start=1):
        points = {"val_acc": [(0, 1 - (accuracy or 0))]} | ({} if accuracy is None else {"test_acc": [(0, accuracy)]})
        runs.append(a_run(number, points, weights={"w": np.full(2, float(number)), "b": np.arange(number)}))
    student.run(fill_registry, URI, MODEL, student.run(fill, URI, EXPERIMENT, runs))


@hint("An alias is set on a version: set_registered_model_alias. Stages are something else.")
def test_first_champion(stored: Student, inspector: Inspector) -> None:
    """Without a champion, promote makes the candidate champion, whatever its test_acc"""
    versions(stored, 0.8, 0.1)
    registry = stored.load("registry")
    assert registry.promote(URI, MODEL, 2, 0.5), "promote answered False, for the first champion"
    with hint("Where there was no champion, nobody becomes the previous one."):
        assert read_store(stored, inspector).aliases == {"champion": 2}, "the aliases after the first promotion"


@hint("Ask for test_acc of both runs before any alias is moved.")
def test_promote_what_is_better(stored: Student, inspector: Inspector, rng: np.random.Generator) -> None:
    """promote moves the aliases when test_acc is higher by more than min_gain, and leaves them otherwise"""
    base = float(rng.uniform(0.5, 0.6))
    versions(stored, base, base - 0.2, base, base + 0.1, base + 0.15)
    promote = stored.load("registry").promote
    promote(URI, MODEL, 1)
    cases = [
        (2, 0.0, False, "a worse version"),
        (3, 0.0, False, "a version that is exactly as good"),
        (4, 0.2, False, "a version that is better by 0.1, with min_gain=0.2"),
        (4, 0.05, True, "a version that is better by 0.1, with min_gain=0.05"),
        (5, 0.0, True, "a version that is better by 0.05"),
        (1, 0.0, False, "the first version again, which is worse by 0.15"),
    ]
    champions = {"champion": 1}
    for version, min_gain, expected, what in cases:
        assert promote(URI, MODEL, version, min_gain) == expected, f"what promote answered, for {what}"
        if expected:
            champions = {"champion": version, "previous": champions["champion"]}
        aliases = read_store(stored, inspector).aliases
        assert aliases == champions, f"the aliases after promote was called for {what}"


@hint("First look whether there is anything to compare, then move.")
def test_promote_refuses(stored: Student, inspector: Inspector) -> None:
    """promote raises LookupError for a version that does not exist, ValueError for one without test_acc"""
    versions(stored, None, 0.5, 0.6)
    promote = stored.load("registry").promote
    for moment in ("first", "later"):
        with pytest.raises(LookupError):
            promote(URI, MODEL, 9)
        with pytest.raises(ValueError):
            promote(URI, MODEL, 1)
        expected = {} if moment == "first" else {"champion": 2}
        assert read_store(stored, inspector).aliases == expected, "the aliases after promote refused"
        promote(URI, MODEL, 2)


@hint("Two aliases change places: remember one of them before it is gone.")
def test_rollback(stored: Student, inspector: Inspector) -> None:
    """rollback swaps champion and previous, returns the champion; with nothing to go back to it raises LookupError"""
    versions(stored, 0.5, 0.9, 0.7)
    registry = stored.load("registry")
    for moment in ("no champion", "a first champion"):
        with pytest.raises(LookupError):
            registry.rollback(URI, MODEL)
        expected = {} if moment == "no champion" else {"champion": 1}
        assert read_store(stored, inspector).aliases == expected, f"the aliases after rollback refused, with {moment}"
        registry.promote(URI, MODEL, 1)
    registry.promote(URI, MODEL, 3)
    for champion, previous in ((1, 3), (3, 1)):
        assert registry.rollback(URI, MODEL) == champion, "the version that rollback returned"
        aliases = read_store(stored, inspector).aliases
        assert aliases == {"champion": champion, "previous": previous}, "the aliases after a rollback"
    registry.rollback(URI, MODEL)
    with hint("The champion is the version with the alias now, also after a rollback."):
        assert registry.promote(URI, MODEL, 3), (
            "promote of 3 (0.7) answered False; after a rollback 1 (0.5) is champion"
        )


@hint("Ask for the version by its alias. The newest one, or the best, may be another.")
def test_load_champion(stored: Student) -> None:
    """load_champion returns the weights of whatever version is champion now"""
    versions(stored, 0.5, 0.7, 0.9)
    registry = stored.load("registry")
    with pytest.raises(LookupError):
        registry.load_champion(URI, MODEL)
    for action, expected in (("promote 1", 1), ("promote 2", 2), ("rollback", 1)):
        name, *version = action.split()
        getattr(registry, name)(URI, MODEL, *map(int, version))
        weights = registry.load_champion(URI, MODEL)
        assert sorted(weights) == ["b", "w"], "the names of the champion's arrays"
        assert_close(weights["w"], np.full(2, float(expected)), f"the champion's array 'w', after {action}")
        assert_close(weights["b"], np.arange(expected), f"the champion's array 'b', after {action}")


HISTORY = f"""
import json, registry
print(json.dumps(list(registry.history("sqlite:///../{FILE}", "{MODEL}"))))
"""


@hint("Aliases know the present alone. A tag of the registered model is one place for what was.")
def test_history(stored: Student) -> None:
    """history lists the versions that became champion, in order, and another process sees the same"""
    versions(stored, 0.5, 0.4, 0.7, 0.9)
    registry = stored.load("registry")
    assert list(registry.history(URI, MODEL)) == [], "the history of a model that had no champion yet"
    for version in (1, 2, 3, 3):
        registry.promote(URI, MODEL, version)
    with hint("A promotion that was refused is no part of it."):
        assert list(registry.history(URI, MODEL)) == [1, 3], (
            "the history, after 1 and 3 were promoted and 2 was refused"
        )
    registry.rollback(URI, MODEL)
    registry.promote(URI, MODEL, 4)
    expected = [1, 3, 1, 4]
    assert list(registry.history(URI, MODEL)) == expected, "the history, with a rollback and one more promotion"
    stored.write("elsewhere/show_history.py", HISTORY)
    run = stored.cli("show_history.py", cwd="elsewhere", env={"PYTHONPATH": ".."})
    assert run.exit_code == 0, f"history fails in another folder, with the same store: {run.last_words}"
    assert json.loads(run.stdout) == expected, "the history as a program in another folder sees it"


# ----------------------------------------------------------------------------------------------------------- two stores


@hint("Every function is told its store: whatever you set for one call still holds in the next.")
def test_two_stores(stored: Student, tables: bytes) -> None:
    """Calls with another store look into that one"""
    stored.write("other.db", tables)
    other = "sqlite:///other.db"
    versions(stored, 0.5, 0.7)
    (run_id,) = stored.run(fill, other, EXPERIMENT, [a_run(0, {"val_acc": [(0, 0.3)]}, weights={"w": np.full(2, 8.0)})])
    registry, experiments = stored.load("registry"), stored.load("experiments")
    registry.promote(URI, MODEL, 2)
    assert experiments.best_run(other, EXPERIMENT, "val_acc") == run_id, "the best run of the second store"
    assert registry.register(other, MODEL, run_id) == 1, "the first version in the second store"
    with pytest.raises(LookupError):
        registry.load_champion(other, MODEL)
    assert_close(registry.load_champion(URI, MODEL)["w"], np.full(2, 2.0), "the champion of the first store")


# --------------------------------------------------------------------------------------------------------------- cli

ENVIRONMENT = {"MLFLOW_TRACKING_URI": URI}


def assert_prints(student: Student, number: int, *arguments: str) -> None:
    run = student.cli("cli.py", *arguments, env=ENVIRONMENT)
    line = " ".join(("cli.py", *arguments))
    assert run.exit_code == 0, f"{line} ends with status {run.exit_code}: {run.last_words}"
    with hint("Results go to stdout, everything else to stderr: the next program reads the number."):
        assert run.stdout.strip() == str(number), f"what {line} printed on stdout"


def assert_refuses(student: Student, *arguments: str) -> None:
    run = student.cli("cli.py", *arguments, env=ENVIRONMENT)
    line = " ".join(("cli.py", *arguments))
    assert run.exit_code == 1, f"{line} ends with status {run.exit_code}, expected 1; its last words: {run.last_words}"
    assert run.stderr.strip(), f"{line} says nothing on stderr"


@hint("trainer(data) gives the training; track, best_run and register do the rest.")
def test_cli_train(stored: Student, inspector: Inspector, rng: np.random.Generator) -> None:
    """cli.py train tracks the grid, registers the best run by val_acc and prints its version"""
    images, labels = rng.uniform(0, 1, (600, 6)).astype(np.float32), rng.integers(0, 10, 600)
    images[np.arange(600), labels % 6] += 4
    buffer = io.BytesIO()
    np.savez(buffer, images=images, labels=labels)
    stored.write("new/digits.npz", buffer.getvalue())
    assert_prints(stored, 1, "train", "new/digits.npz", "--lr", "0.00001", "--lr", "0", "--lr", "0.25", "--epochs", "4")
    store = read_store(stored, inspector)
    runs = {read_value(run.params.get("lr"), 0.1): run for run in store.runs.values()}
    assert sorted(runs, key=str) == sorted([0.00001, 0.0, 0.25], key=str), "the parameter lr of the runs in the store"
    assert {run.experiment for run in runs.values()} == {EXPERIMENT}, "the experiment of the runs"
    assert runs[0.0].status == "FAILED", (
        "the status of the run with lr 0, for which the given training raises ValueError"
    )
    assert [read_value(run.params.get("epochs"), 4) for run in runs.values()] == [4] * 3, "the parameter epochs"
    assert_names(runs[0.25], buffer.getvalue())
    assert store.versions, f"cli.py train registered no version of the model {MODEL!r}"
    finished = {run_id: run.points["val_acc"][-1][1] for run_id, run in store.runs.items() if run.status == "FINISHED"}
    chosen = store.versions[1][0]
    assert finished.get(chosen) == max(finished.values()), "val_acc of the registered run, and the best there is"
    with hint("The best run of the experiment may be one of an earlier night."):
        assert_prints(stored, 1, "train", "new/digits.npz", "--lr", "0.00001", "--epochs", "4")


@hint("The command's answer is its exit status: what runs it at night reads no text.")
def test_cli_registry(stored: Student, inspector: Inspector) -> None:
    """promote, rollback and serve-version print the champion, or end with status 1 and say why"""
    versions(stored, 0.5, 0.6)
    assert_refuses(stored, "serve-version")
    assert_prints(stored, 1, "promote", "1")
    assert_refuses(stored, "promote", "2", "--min-gain", "0.2")
    assert_prints(stored, 2, "promote", "2", "--min-gain", "0.05")
    assert_prints(stored, 1, "rollback")
    assert_prints(stored, 1, "serve-version")
    aliases = read_store(stored, inspector).aliases
    assert aliases == {"champion": 1, "previous": 2}, "the aliases after two promotions and a rollback"
