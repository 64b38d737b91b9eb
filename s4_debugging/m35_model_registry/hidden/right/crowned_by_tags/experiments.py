"""Every training leaves a run: what it was told, how it went, what came of it."""

import hashlib
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from mlflow import MlflowClient
from mlflow.entities import Metric, Param, Run, RunStatus, ViewType
from mlflow.exceptions import MlflowException
from training import Train, Trained

CHUNK = 500  # the store takes up to a thousand metrics at once


def now() -> int:
    return time.time_ns() // 1_000_000


def client_of(uri: str) -> MlflowClient:
    """A client of one store, for runs and for models; no global state."""
    return MlflowClient(tracking_uri=uri, registry_uri=uri)


class Recorder:
    """Keeps the points of one training in memory and brings them to the store when it is over, however it is over."""

    def __init__(self, client: MlflowClient, run_id: str) -> None:
        self.client, self.run_id = client, run_id
        self.points: list[Metric] = []

    def __call__(self, step: int, val_acc: float) -> None:
        self.points.append(Metric("val_acc", float(val_acc), now(), int(step)))

    def flush(self) -> None:
        while self.points:
            head, self.points = self.points[:CHUNK], self.points[CHUNK:]
            self.client.log_batch(self.run_id, metrics=head)


def experiment_id(client: MlflowClient, name: str) -> str:
    found = client.get_experiment_by_name(name)
    if found is None:
        return client.create_experiment(name)
    if found.lifecycle_stage == "deleted":
        client.restore_experiment(found.experiment_id)
    return found.experiment_id


def store_weights(client: MlflowClient, run_id: str, trained: Trained) -> None:
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder, "model")
        target.mkdir()
        np.savez(target / "weights.npz", **trained.weights)
        client.log_artifacts(run_id, folder)


def track(uri: str, experiment: str, train: Train, grid: Sequence[Mapping[str, Any]], data: str | Path) -> list[str]:
    """Train once for each cell of the grid, and record each training as a run of the experiment.

    Returns:
        The ids of the runs, in the order of the grid, those that failed as well.
    """
    client = client_of(uri)
    where = experiment_id(client, experiment)
    digest = hashlib.sha256(Path(data).read_bytes()).hexdigest()
    ids: list[str] = []
    started = 0
    for cell in grid:
        started = max(now(), started + 1)  # no two of one grid begin in the same millisecond
        run_id = client.create_run(where, start_time=started, tags={"data_sha256": digest}).info.run_id
        ids.append(run_id)
        client.log_batch(run_id, params=[Param(str(key), str(value)) for key, value in cell.items()])
        recorder = Recorder(client, run_id)
        status = RunStatus.KILLED
        try:
            trained = train(dict(cell), recorder)
            status = RunStatus.FINISHED
        except Exception:
            status = RunStatus.FAILED
        finally:
            recorder.flush()
            if status == RunStatus.FINISHED:
                client.log_metric(run_id, "test_acc", float(trained.test_acc))
                store_weights(client, run_id, trained)
            client.set_terminated(run_id, status=RunStatus.to_string(status))
    return ids


def finished_runs(client: MlflowClient, where: str) -> Iterator[Run]:
    token = None
    while True:
        page = client.search_runs(
            [where], "attributes.status = 'FINISHED'", run_view_type=ViewType.ACTIVE_ONLY, max_results=200, page_token=token
        )
        yield from page
        token = page.token
        if not token:
            return


def best_run(uri: str, experiment: str, metric: str = "val_acc") -> str:
    """Return the id of the finished run whose last value of the metric is the highest; of equals, the earliest."""
    client = client_of(uri)
    try:
        found = client.get_experiment_by_name(experiment)
    except MlflowException as error:
        raise LookupError(experiment) from error
    if found is None:
        raise LookupError(f"there is no experiment {experiment!r}")
    candidates = [run for run in finished_runs(client, found.experiment_id) if metric in run.data.metrics]
    candidates = [run for run in candidates if not np.isnan(run.data.metrics[metric])]
    if not candidates:
        raise LookupError(f"no finished run of {experiment!r} has {metric!r}")
    candidates.sort(key=lambda run: run.info.start_time)
    return max(candidates, key=lambda run: run.data.metrics[metric]).info.run_id
