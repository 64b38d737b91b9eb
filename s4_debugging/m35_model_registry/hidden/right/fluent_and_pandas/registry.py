"""Aliases and a JSON tag, by the client that follows the tracking URI which was set."""

import json
import os

import mlflow
import numpy
from mlflow.exceptions import MlflowException


def connect(uri):
    mlflow.set_tracking_uri(uri)
    mlflow.set_registry_uri(uri)
    return mlflow.MlflowClient()


def register(uri, name, run_id):
    client = connect(uri)
    run = mlflow.get_run(run_id)
    if run.info.status != "FINISHED":
        raise ValueError(run.info.status)
    try:
        client.create_registered_model(name)
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise
    same = client.search_model_versions(f"name='{name}' and run_id='{run_id}'")
    if same:
        return int(same[0].version)
    made = client.create_model_version(name, source=f"{run.info.artifact_uri}/model", run_id=run_id)
    return int(made.version)


def aliases(client, name):
    try:
        return {alias: int(version) for alias, version in client.get_registered_model(name).aliases.items()}
    except MlflowException:
        return {}


def note(client, name, version):
    past = json.loads(client.get_registered_model(name).tags.get("past", "[]"))
    client.set_registered_model_tag(name, "past", json.dumps([*past, version]))


def score(client, name, version):
    run = mlflow.get_run(client.get_model_version(name, version).run_id)
    try:
        return run.data.metrics["test_acc"]
    except KeyError:
        raise ValueError(f"no test_acc in version {version}") from None


def promote(uri, name, version, min_gain=0.0):
    client = connect(uri)
    try:
        new = score(client, name, version)
    except MlflowException as error:
        raise KeyError(version) from error  # a LookupError
    champion = aliases(client, name).get("champion")
    if champion:
        if new - score(client, name, champion) <= min_gain:
            return False
        client.set_registered_model_alias(name, "previous", champion)
    client.set_registered_model_alias(name, "champion", version)
    note(client, name, version)
    return True


def rollback(uri, name):
    client = connect(uri)
    now = aliases(client, name)
    if "previous" not in now:
        raise LookupError("nothing to roll back to")
    client.set_registered_model_alias(name, "champion", now["previous"])
    client.set_registered_model_alias(name, "previous", now["champion"])
    note(client, name, now["previous"])
    return now["previous"]


def load_champion(uri, name):
    client = connect(uri)
    if "champion" not in aliases(client, name):
        raise LookupError("no champion")
    folder = mlflow.artifacts.download_artifacts(artifact_uri=f"models:/{name}@champion")
    return dict(numpy.load(os.path.join(folder, "weights.npz")))


def history(uri, name):
    return json.loads(connect(uri).get_registered_model(name).tags.get("past", "[]"))
