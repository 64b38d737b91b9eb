"""The fluent interface: one active run at a time, and a table of runs."""

import hashlib
import os
import sys
import tempfile

import mlflow
import numpy


def track(uri, experiment, train, grid, data):
    mlflow.set_tracking_uri(uri)
    mlflow.set_experiment(experiment)
    with open(data, "rb") as file:
        fingerprint = hashlib.file_digest(file, "sha256").hexdigest()
    ids = []
    for cell in grid:
        try:
            with mlflow.start_run(tags={"data_sha256": fingerprint}) as active:
                ids.append(active.info.run_id)
                mlflow.log_params(cell)
                weights, test_acc = train(cell, report)
                mlflow.log_metric("test_acc", test_acc)
                with tempfile.TemporaryDirectory() as folder:
                    os.mkdir(os.path.join(folder, "model"))
                    numpy.savez(os.path.join(folder, "model", "weights.npz"), **weights)
                    mlflow.log_artifacts(folder)
        except Exception as error:  # the context has set the status
            print("training failed:", error, file=sys.stderr)
    return ids


def report(step, val_acc):
    mlflow.log_metrics({"val_acc": val_acc}, step=step)


def best_run(uri, experiment, metric="val_acc"):
    mlflow.set_tracking_uri(uri)
    if mlflow.get_experiment_by_name(experiment) is None:
        raise LookupError(experiment)
    table = mlflow.search_runs(experiment_names=[experiment])
    column = f"metrics.{metric}"
    if column not in table:
        raise LookupError(metric)
    table = table[(table["status"] == "FINISHED") & table[column].notna()]
    if table.empty:
        raise LookupError("no finished run")
    ranked = table.sort_values([column, "start_time"], ascending=[False, True])
    return ranked["run_id"].iloc[0]
