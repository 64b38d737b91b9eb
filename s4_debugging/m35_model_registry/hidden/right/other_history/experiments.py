"""Every training leaves a run: what it was told, how it went, what came of it. With MLflow's fluent interface."""

import hashlib
import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
from training import Train


def use(uri: str) -> None:
    """From now on, everything of MLflow's is about this store."""
    mlflow.set_tracking_uri(uri)
    mlflow.set_registry_uri(uri)


def sha256_of(path: str | Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def one_run(experiment_id: str, train: Train, cell: Mapping[str, Any], tags: Mapping[str, str]) -> str:
    run = mlflow.start_run(experiment_id=experiment_id, tags=dict(tags))
    outcome = "KILLED"
    try:
        mlflow.log_params(dict(cell))
        try:
            weights, test_acc = train(cell, lambda step, val_acc: mlflow.log_metric("val_acc", val_acc, step=step))
        except Exception as error:
            mlflow.set_tag("error", repr(error)[:200])
            outcome = "FAILED"
        else:
            mlflow.log_metric("test_acc", test_acc)
            with tempfile.TemporaryDirectory() as folder:
                path = os.path.join(folder, "weights.npz")
                np.savez(path, **weights)
                mlflow.log_artifact(path, artifact_path="model")
            outcome = "FINISHED"
    finally:
        mlflow.end_run(outcome)
    return run.info.run_id


def track(uri: str, experiment: str, train: Train, grid: Sequence[Mapping[str, Any]], data: str | Path) -> list[str]:
    """Train once for each cell of the grid, and record each training as a run of the experiment."""
    use(uri)
    experiment_id = mlflow.set_experiment(experiment).experiment_id
    tags = {"data_sha256": sha256_of(data)}
    return [one_run(experiment_id, train, cell, tags) for cell in grid]


def best_run(uri: str, experiment: str, metric: str = "val_acc") -> str:
    """Return the id of the finished run whose last value of the metric is the highest; of equals, the earliest."""
    use(uri)
    known = mlflow.get_experiment_by_name(experiment)
    if known is None:
        raise LookupError(f"no experiment called {experiment}")
    table = mlflow.search_runs([known.experiment_id])
    column = f"metrics.{metric}"
    if column not in table:
        raise LookupError(f"no run has {metric}")
    table = table[table["status"] == "FINISHED"].dropna(subset=[column])
    if table.empty:
        raise LookupError(f"no finished run has {metric}")
    table = table.sort_values([column, "start_time"], ascending=[False, True], kind="stable")
    return str(table.iloc[0]["run_id"])
