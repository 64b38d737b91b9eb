"""The history is a run of its own: each time somebody becomes champion is a point of a metric in it."""

import tempfile
from pathlib import Path

import numpy as np
from mlflow.exceptions import MlflowException
from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository
from mlflow.tracking import MlflowClient


def register(uri, name, run_id):
    c = MlflowClient(uri)
    info = c.get_run(run_id).info
    if info.status != "FINISHED":
        raise ValueError(f"status {info.status}")
    if name not in [m.name for m in c.search_registered_models()]:
        c.create_registered_model(name)
    for v in c.search_model_versions(f"name='{name}'"):
        if v.run_id == run_id:
            return int(v.version)
    return int(c.create_model_version(name, info.artifact_uri.rstrip("/") + "/model/", run_id).version)


def who(c, name, alias):
    try:
        return int(c.get_model_version_by_alias(name, alias).version)
    except MlflowException:
        return 0


def crown(c, name, version, old):
    if old:
        c.set_registered_model_alias(name, "previous", str(old))
    c.set_registered_model_alias(name, "champion", str(version))
    diary = diary_of(c, name, make=True)
    written = c.get_metric_history(diary, "champion")
    c.log_metric(diary, "champion", version, step=len(written))


def diary_of(c, name, make=False):
    title = f"diary of {name}"
    found = c.get_experiment_by_name(title)
    if found is None and not make:
        return None
    place = found.experiment_id if found else c.create_experiment(title)
    runs = c.search_runs([place])
    return runs[0].info.run_id if runs else c.create_run(place).info.run_id


def test_acc(c, name, version):
    run = c.get_run(c.get_model_version(name, str(version)).run_id)
    history = c.get_metric_history(run.info.run_id, "test_acc")
    if not history:
        raise ValueError("no test_acc")
    return history[-1].value


def promote(uri, name, version, min_gain=0.0):
    c = MlflowClient(uri)
    if version not in {int(v.version) for v in c.search_model_versions(f"name='{name}'")}:
        raise LookupError(version)
    value, old = test_acc(c, name, version), who(c, name, "champion")
    if old and not value > test_acc(c, name, old) + min_gain:
        return False
    crown(c, name, version, old)
    return True


def rollback(uri, name):
    c = MlflowClient(uri)
    new, old = who(c, name, "previous"), who(c, name, "champion")
    if not new:
        raise LookupError("no previous")
    crown(c, name, new, old)
    return new


def load_champion(uri, name):
    c = MlflowClient(uri)
    version = who(c, name, "champion")
    if not version:
        raise LookupError("no champion")
    run = c.get_run(c.get_model_version(name, str(version)).run_id)
    with tempfile.TemporaryDirectory() as folder:
        place = get_artifact_repository(run.info.artifact_uri).download_artifacts("model", folder)
        file = next(Path(place).glob("*.npz"))
        arrays = np.load(file)
        return {key: np.array(arrays[key]) for key in arrays}


def history(uri, name):
    c = MlflowClient(uri)
    diary = diary_of(c, name)
    if diary is None:
        return []
    points = sorted(c.get_metric_history(diary, "champion"), key=lambda point: point.step)
    return [int(point.value) for point in points]
