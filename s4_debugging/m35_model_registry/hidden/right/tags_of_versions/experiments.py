"""A context manager for a run, a generator for the ids."""

import contextlib
import hashlib
import os
import tempfile

import mlflow
import numpy as np


@contextlib.contextmanager
def recorded(client, experiment_id, params, digest):
    run_id = client.create_run(experiment_id, run_name="-".join(map(str, params.values()))).info.run_id
    client.set_tag(run_id, "data_sha256", digest.upper())
    for item in params.items():
        client.log_param(run_id, *item)
    try:
        yield run_id
    except Exception as error:
        client.set_tag(run_id, "why", repr(error))
        client.set_terminated(run_id, status="FAILED")
    except BaseException:
        client.set_terminated(run_id, status="KILLED")
        raise
    else:
        client.set_terminated(run_id)


def tracked(client, experiment_id, train, grid, digest):
    for params in grid:
        with recorded(client, experiment_id, params, digest) as run_id:
            yield run_id
            outcome = train(
                params=params, report=lambda step, val_acc: client.log_metric(run_id, "val_acc", val_acc, step=step)
            )
            client.log_metric(run_id, "test_acc", outcome.test_acc, step=1)
            folder = os.path.join(tempfile.mkdtemp(), "model")
            os.makedirs(folder)
            np.savez_compressed(os.path.join(folder, "weights"), **outcome.weights)
            client.log_artifact(run_id, folder)


def track(uri, experiment, train, grid, data):
    client = mlflow.MlflowClient(uri)
    try:
        experiment_id = client.create_experiment(experiment)
    except mlflow.MlflowException:
        experiment_id = client.get_experiment_by_name(experiment).experiment_id
    content = open(data, "rb").read()
    return list(tracked(client, experiment_id, train, grid, hashlib.sha256(content).hexdigest()))


def best_run(uri, experiment, metric="val_acc"):
    client = mlflow.MlflowClient(uri)
    known = client.get_experiment_by_name(experiment)
    if not known:
        raise KeyError(experiment)
    runs = client.search_runs([known.experiment_id], filter_string="status = 'FINISHED'", order_by=["start_time"])
    runs = [run for run in runs if metric in run.data.metrics]
    if not runs:
        raise LookupError(f"nobody measured {metric}")
    # max takes the first of equals
    return max(runs, key=lambda run: run.data.metrics[metric]).info.run_id
