"""Every training leaves a run: what it was told, how it went, what came of it."""

import hashlib
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from mlflow import MlflowClient
from training import Train


def track(uri: str, experiment: str, train: Train, grid: Sequence[Mapping[str, Any]], data: str | Path) -> list[str]:
    """Train once for each cell of the grid; return the ids of the runs, in the order of the grid."""
    client = MlflowClient(uri)
    found = client.get_experiment_by_name(experiment)
    experiment_id = found.experiment_id if found else client.create_experiment(experiment)
    digest = hashlib.sha256(Path(data).read_bytes()).hexdigest()
    return [_track_one(client, experiment_id, train, params, digest) for params in grid]


def _track_one(client: MlflowClient, experiment_id: str, train: Train, params: Mapping[str, Any], digest: str) -> str:
    run_id: str = client.create_run(experiment_id, tags={"data_sha256": digest}).info.run_id
    for name, value in params.items():
        client.log_param(run_id, name, value)
    status = "KILLED"  # by Ctrl-C, unless one of the others is true
    try:
        last = {}
        trained = train(params, lambda step, value: last.update(step=step, value=value))
        client.log_metric(run_id, "val_acc", **last)
        client.log_metric(run_id, "test_acc", trained.test_acc)
        with tempfile.TemporaryDirectory() as folder:
            weights = Path(folder, "weights.npz")
            np.savez(weights, **trained.weights)
            client.log_artifact(run_id, str(weights), "model")
        status = "FINISHED"
    except Exception:
        status = "FAILED"
    finally:
        client.set_terminated(run_id, status)
    return run_id


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
