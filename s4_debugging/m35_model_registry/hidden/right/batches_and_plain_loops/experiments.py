"""Everything of a training is gathered first, and logged in one batch; the best is found in a loop over histories."""

import hashlib
import io
import pathlib
import shutil
import tempfile
import time

import numpy as np
from mlflow.entities import Metric, Param, RunStatus, RunTag
from mlflow.tracking import MlflowClient


def experiment_id(client, name):
    for experiment in client.search_experiments():
        if experiment.name == name:
            return experiment.experiment_id
    return None


def track(uri, experiment, train, grid, data):
    client = MlflowClient(uri)
    place = experiment_id(client, experiment) or client.create_experiment(experiment)
    fingerprint = hashlib.sha256()
    with open(data, "rb") as stream:
        shutil.copyfileobj(stream, io.BufferedWriter(Sink(fingerprint)))
    ids = []
    for cell in grid:
        run_id = client.create_run(place).info.run_id
        ids.append(run_id)
        points = []

        def report(step, value, points=points):
            points.append(Metric("val_acc", value, int(time.time() * 1000), step))

        trained, status = None, RunStatus.FAILED
        try:
            trained = train(dict(cell), report)
            status = RunStatus.FINISHED
        except Exception:
            pass
        finally:
            if trained is not None:
                points.append(Metric("test_acc", trained.test_acc, int(time.time() * 1000), 0))
                folder = pathlib.Path(tempfile.mkdtemp())
                np.savez(folder / "weights.npz", **trained.weights)
                client.log_artifacts(run_id, str(folder), "model")
                shutil.rmtree(folder)
            params = [Param(key, str(value)) for key, value in cell.items()]
            client.log_batch(run_id, points, params, [RunTag("data_sha256", fingerprint.hexdigest())])
            client.set_terminated(run_id, RunStatus.to_string(status))
    return ids


class Sink(io.RawIOBase):
    """What is written to it goes into a hash."""

    def __init__(self, digest):
        self.digest = digest

    def writable(self):
        return True

    def write(self, block):
        self.digest.update(block)
        return len(block)


def best_run(uri, experiment, metric="val_acc"):
    client = MlflowClient(uri)
    place = experiment_id(client, experiment)
    best = None
    for run in client.search_runs([place]) if place is not None else []:
        if run.info.status != "FINISHED":
            continue
        points = client.get_metric_history(run.info.run_id, metric)
        if not points:
            continue
        value = max(points, key=lambda point: (point.step, point.timestamp)).value
        key = (value, -run.info.start_time)
        if best is None or key > best[0]:
            best = (key, run.info.run_id)
    if best is None:
        raise LookupError("none to choose from")
    return best[1]
