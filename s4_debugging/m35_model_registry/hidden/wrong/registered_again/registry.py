"""Models with a name, versions with a number, and one of them is the champion."""

import tempfile
from pathlib import Path

import numpy as np
from mlflow import MlflowClient
from mlflow.artifacts import download_artifacts
from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException

CHAMPION, PREVIOUS, HISTORY = "champion", "previous", "champions"


def register(uri: str, name: str, run_id: str) -> int:
    """Make a version of the model `name` from a run's weights, and return its number; the same run, the same number."""
    client = MlflowClient(uri)
    status = client.get_run(run_id).info.status
    if status != "FINISHED":
        raise ValueError(f"run {run_id} is {status}: only what has finished becomes a version")
    if not client.search_registered_models(f"name = '{name}'"):
        client.create_registered_model(name)
    return int(client.create_model_version(name, f"runs:/{run_id}/model", run_id).version)


def promote(uri: str, name: str, version: int, min_gain: float = 0.0) -> bool:
    """Make a version the champion if its test_acc is above the champion's by more than `min_gain`."""
    client = MlflowClient(uri)
    try:
        candidate = client.get_model_version(name, str(version))
    except MlflowException:
        raise LookupError(f"there is no version {version} of {name!r}") from None
    accuracy = _test_acc(client, candidate)
    champion = _by_alias(client, name, CHAMPION)
    if champion is not None and not accuracy > _test_acc(client, champion) + min_gain:
        return False
    if champion is not None:
        client.set_registered_model_alias(name, PREVIOUS, str(champion.version))
    _crown(client, name, int(candidate.version))
    return True


def rollback(uri: str, name: str) -> int:
    """Swap the champion and the previous one; return the version that is the champion now."""
    client = MlflowClient(uri)
    champion, previous = _by_alias(client, name, CHAMPION), _by_alias(client, name, PREVIOUS)
    if champion is None or previous is None:
        raise LookupError(f"{name!r} has no version to roll back to")
    client.set_registered_model_alias(name, PREVIOUS, str(champion.version))
    _crown(client, name, int(previous.version))
    return int(previous.version)


def load_champion(uri: str, name: str) -> dict[str, np.ndarray]:
    """Return the weights of the champion."""
    champion = _by_alias(MlflowClient(uri), name, CHAMPION)
    if champion is None:
        raise LookupError(f"{name!r} has no champion")
    with tempfile.TemporaryDirectory() as folder:
        place = download_artifacts(f"models:/{name}/{champion.version}", dst_path=folder, tracking_uri=uri)
        with np.load(Path(place, "weights.npz")) as arrays:
            return {key: arrays[key] for key in arrays.files}


def history(uri: str, name: str) -> list[int]:
    """Return the versions that became champion, by promotion or by rollback, in this order."""
    noted = MlflowClient(uri).get_registered_model(name).tags.get(HISTORY, "")
    return [int(version) for version in noted.split()]


def _crown(client: MlflowClient, name: str, version: int) -> None:
    client.set_registered_model_alias(name, CHAMPION, str(version))
    noted = client.get_registered_model(name).tags.get(HISTORY, "")
    client.set_registered_model_tag(name, HISTORY, f"{noted} {version}".strip())


def _by_alias(client: MlflowClient, name: str, alias: str) -> ModelVersion | None:
    try:
        return client.get_model_version_by_alias(name, alias)
    except MlflowException:
        return None


def _test_acc(client: MlflowClient, version: ModelVersion) -> float:
    metrics = client.get_run(version.run_id).data.metrics
    if "test_acc" not in metrics:
        raise ValueError(f"version {version.version} of {version.name!r} has no test_acc")
    return float(metrics["test_acc"])
