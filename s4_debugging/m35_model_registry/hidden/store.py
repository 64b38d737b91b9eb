"""What a store of MLflow holds, read in the inspector with SQL; and stores that are made for a check."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mlops_grade.suite import Inspector, Student, probe

FILE = "mlflow.db"
URI = f"sqlite:///{FILE}"
EXPERIMENT = "digits"
MODEL = "digits"


@probe
def make_tables(uri):
    """An empty store: making its tables takes more than a second."""
    from mlflow import MlflowClient

    MlflowClient(uri).search_experiments()


@probe
def read_rows(file):
    """The tables of a store, those columns that a check looks at."""
    import contextlib
    import sqlite3

    wanted = {
        "runs": "SELECT run_uuid, experiments.name, status FROM runs JOIN experiments USING (experiment_id)",
        "params": "SELECT run_uuid, key, value FROM params",
        "metrics": "SELECT run_uuid, key, step, value FROM metrics ORDER BY step, timestamp",
        "tags": "SELECT run_uuid, key, value FROM tags",
        "versions": "SELECT name, version, run_id, source FROM model_versions",
        "aliases": "SELECT name, alias, version FROM registered_model_aliases",
    }
    with contextlib.closing(sqlite3.connect(file)) as database:
        return {table: [list(row) for row in database.execute(query)] for table, query in wanted.items()}


@probe
def arrays_in(archive):
    import io

    import numpy

    with numpy.load(io.BytesIO(archive), allow_pickle=False) as arrays:
        return {name: arrays[name] for name in arrays.files}


@dataclass
class Run:
    """A run as it is in the store."""

    experiment: str
    status: str
    params: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    points: dict[str, list[tuple[int, float]]] = field(default_factory=dict)
    """Of each metric: steps and values."""


@dataclass(frozen=True)
class Store:
    """The runs by id; of one model each version's run and source, and the aliases."""

    runs: dict[str, Run]
    versions: dict[int, tuple[str, str]]
    aliases: dict[str, int]


def read_store(student: Student, inspector: Inspector, file: str = FILE, model: str = MODEL) -> Store:
    """What is in a database of the student's folder now."""
    assert file in student.files(), f"the store {file} is gone"
    inspector.take(student, f"{file}*")  # with the journal, where there is one
    rows = inspector.run(read_rows, file)
    runs = {run_id: Run(experiment, status) for run_id, experiment, status in rows["runs"]}
    for run_id, key, value in rows["params"]:
        runs[run_id].params[key] = value
    for run_id, key, value in rows["tags"]:
        runs[run_id].tags[key] = value
    for run_id, key, step, value in rows["metrics"]:
        runs[run_id].points.setdefault(key, []).append((step, value))
    versions = {version: (run_id, source) for name, version, run_id, source in rows["versions"] if name == model}
    aliases = {alias: int(version) for name, alias, version in rows["aliases"] if name == model}
    return Store(runs, versions, aliases)


def weights_of(student: Student, inspector: Inspector, run_id: str) -> dict[str, np.ndarray]:
    """The arrays in a run's artifact model/weights.npz. Fails the check when it is not there."""
    end = f"{run_id}/artifacts/model/weights.npz"
    found = [path for path in student.files() if path.endswith(end)]
    assert found, "a run has no artifact model/weights.npz"
    arrays: dict[str, np.ndarray] = inspector.run(arrays_in, student.read(found[0]))
    return arrays


@probe
def fill(uri, experiment, runs):
    """Put runs into a store, as somebody else's training would have left them; return their ids, in the given order.

    Each is a dict of status, started (milliseconds), points (of each metric: step and value), and perhaps weights.
    """
    import tempfile
    from pathlib import Path

    import numpy
    from mlflow import MlflowClient

    client = MlflowClient(uri)
    found = client.get_experiment_by_name(experiment)
    place = found.experiment_id if found else client.create_experiment(experiment)
    ids = []
    for run in runs:
        run_id = client.create_run(place, start_time=run["started"]).info.run_id
        for metric, points in run["points"].items():
            for step, value in points:
                client.log_metric(run_id, metric, value, step=step)
        if "weights" in run:
            with tempfile.TemporaryDirectory() as folder:
                file = Path(folder, "weights.npz")
                numpy.savez(file, **run["weights"])
                client.log_artifact(run_id, str(file), "model")
        if run["status"] != "RUNNING":
            client.set_terminated(run_id, run["status"])
        ids.append(run_id)
    return ids


@probe
def fill_registry(uri, name, run_ids):
    """Make a version of each run, in this order."""
    from mlflow import MlflowClient

    client = MlflowClient(uri)
    client.create_registered_model(name)
    for run_id in run_ids:
        client.create_model_version(name, f"runs:/{run_id}/model", run_id)


def a_run(
    number: int,
    points: Mapping[str, Sequence[tuple[int, float]]],
    status: str = "FINISHED",
    weights: Mapping[str, np.ndarray] | None = None,
) -> dict[str, Any]:
    """A run for `fill`; a smaller number started earlier."""
    run: dict[str, Any] = {
        "status": status,
        "started": 1_800_000_000_000 + 60_000 * number,
        "points": {metric: [list(point) for point in curve] for metric, curve in points.items()},
    }
    return run if weights is None else run | {"weights": dict(weights)}
