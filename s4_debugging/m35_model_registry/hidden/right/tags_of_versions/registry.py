"""The history stands on the versions: each has a tag with the turns at which it became champion."""

import contextlib

import mlflow
import numpy as np


@contextlib.contextmanager
def store(uri):
    """The store for the time of a call."""
    before = mlflow.get_tracking_uri()
    mlflow.set_tracking_uri(uri)
    try:
        yield mlflow.MlflowClient()
    finally:
        mlflow.set_tracking_uri(before)


def turns(client, name):
    found = {}
    for version in client.search_model_versions(f"name = '{name}'"):
        for turn in version.tags.get("turns", "").split(","):
            if turn:
                found[int(turn)] = int(version.version)
    return [found[turn] for turn in sorted(found)]


def reign(client, name, version):
    turn = len(turns(client, name))
    old = client.get_model_version(name, str(version)).tags.get("turns", "")
    client.set_model_version_tag(name, str(version), "turns", f"{old},{turn}")
    client.set_registered_model_alias(name, "champion", str(version))


def holder(client, name, alias):
    for version in client.search_model_versions(f"name = '{name}'"):
        if alias in client.get_model_version(name, version.version).aliases:
            return version
    raise LookupError(f"{name} has no {alias}")


def register(uri, name, run_id):
    with store(uri) as client:
        if client.get_run(run_id).info.status != "FINISHED":
            raise ValueError(run_id)
        with contextlib.suppress(mlflow.MlflowException):
            client.create_registered_model(name)
        known = {version.run_id: version.version for version in client.search_model_versions(f"name = '{name}'")}
        if run_id not in known:
            known[run_id] = client.create_model_version(name, f"runs:/{run_id}/model", run_id).version
        return int(known[run_id])


def promote(uri, name, version, min_gain=0.0):
    with store(uri) as client:
        known = {int(each.version): each for each in client.search_model_versions(f"name = '{name}'")}
        candidate = known[version]  # a KeyError is a LookupError
        scores = client.get_run(candidate.run_id).data.metrics
        if "test_acc" not in scores:
            raise ValueError("never tested")
        try:
            champion = holder(client, name, "champion")
        except LookupError:
            reign(client, name, version)
            return True
        threshold = client.get_run(champion.run_id).data.metrics["test_acc"] + min_gain
        if scores["test_acc"] > threshold:
            client.set_registered_model_alias(name, "previous", champion.version)
            reign(client, name, version)
            return True
        return False


def rollback(uri, name):
    with store(uri) as client:
        champion, previous = (int(holder(client, name, alias).version) for alias in ("champion", "previous"))
        client.delete_registered_model_alias(name, "previous")
        client.set_registered_model_alias(name, "previous", str(champion))
        reign(client, name, previous)
        return previous


def load_champion(uri, name):
    with store(uri) as client:
        run_id = holder(client, name, "champion").run_id
        path = mlflow.artifacts.download_artifacts(run_id=run_id, artifact_path="model/weights.npz")
        with np.load(path) as arrays:
            return dict(arrays.items())


def history(uri, name):
    with store(uri) as client:
        return turns(client, name)
