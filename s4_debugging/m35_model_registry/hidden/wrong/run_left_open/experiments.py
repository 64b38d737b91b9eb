"""Every training leaves a run: what it was told, how it went, what came of it."""

import hashlib
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
from mlflow import MlflowClient
from training import Train


def track(uri: str, experiment: str, train: Train, grid: Sequence[Mapping[str, Any]], data: str | Path) -> list[str]:
    """Train once for each cell of the grid; return the ids of the runs, in the order of the grid."""
    mlflow.set_tracking_uri(uri)
    mlflow.set_experiment(experiment)
    digest = hashlib.sha256(Path(data).read_bytes()).hexdigest()
    parent = mlflow.start_run()
    ids = []
    for params in grid:
        run = mlflow.start_run(nested=True, tags={"data_sha256": digest})
        ids.append(run.info.run_id)
        mlflow.log_params(dict(params))
        try:
            trained = train(params, lambda step, value: mlflow.log_metric("val_acc", value, step=step))
        except Exception:
            mlflow.end_run("FAILED")
            continue
        mlflow.log_metric("test_acc", trained.test_acc)
        with tempfile.TemporaryDirectory() as folder:
            weights = Path(folder, "weights.npz")
            np.savez(weights, **trained.weights)
            mlflow.log_artifact(str(weights), "model")
    return ids


def best_run(uri: str, experiment: str, metric: str = "val_acc") -> str:
    """Return the id of the finished run whose last value of the metric is the highest; of equals, the earliest."""
    client = MlflowClient(uri)
    found = client.get_experiment_by_name(experiment)
    if found is None:
        raise LookupError(f"there is no experiment {experiment!r}")
    runs = client.search_runs(
        [found.experiment_id],
        "attributes.status = 'FINISHED'",
        order_by=[f"metrics.`{metric}` DESC", "attributes.start_time ASC"],
    )
    for run in runs:
        if metric in run.data.metrics:
            return str(run.info.run_id)
    raise LookupError(f"no finished run of {experiment!r} has the metric {metric!r}")
