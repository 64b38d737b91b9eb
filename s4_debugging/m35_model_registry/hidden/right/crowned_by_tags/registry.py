"""Models with a name, versions with a number, and one of them is the champion.

The history is kept in tags of the registered model, one for each coronation: `crowned.000000` = "1", and so on.
"""

import tempfile

import numpy as np
from experiments import client_of
from mlflow import MlflowClient
from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException

CHAMPION, PREVIOUS, CROWNED = "champion", "previous", "crowned."


class Model:
    """One registered model of one store."""

    def __init__(self, uri: str, name: str) -> None:
        self.client: MlflowClient = client_of(uri)
        self.name = name

    def exists(self) -> bool:
        try:
            self.client.get_registered_model(self.name)
        except MlflowException:
            return False
        return True

    def by_alias(self, alias: str) -> ModelVersion | None:
        try:
            return self.client.get_model_version_by_alias(self.name, alias)
        except MlflowException:
            return None

    def by_number(self, number: int) -> ModelVersion:
        try:
            return self.client.get_model_version(self.name, str(number))
        except MlflowException as error:
            raise LookupError(f"{self.name!r} has no version {number}") from error

    def test_acc(self, version: ModelVersion) -> float:
        metrics = self.client.get_run(version.run_id).data.metrics
        if "test_acc" not in metrics:
            raise ValueError(f"the run of version {version.version} has no test_acc")
        return metrics["test_acc"]

    def history(self) -> list[int]:
        if not self.exists():
            return []
        tags = self.client.get_registered_model(self.name).tags
        return [int(tags[key]) for key in sorted(tags) if key.startswith(CROWNED)]

    def crown(self, version: ModelVersion, before: ModelVersion | None) -> None:
        key = f"{CROWNED}{len(self.history()):06d}"
        if before is not None:
            self.client.set_registered_model_alias(self.name, PREVIOUS, str(before.version))
        self.client.set_registered_model_alias(self.name, CHAMPION, str(version.version))
        self.client.set_registered_model_tag(self.name, key, str(version.version))


def register(uri: str, name: str, run_id: str) -> int:
    """Make a version of the model `name` from a run's weights, and return its number; the same run, the same number."""
    model = Model(uri, name)
    status = model.client.get_run(run_id).info.status
    if status != "FINISHED":
        raise ValueError(f"run {run_id} is {status}")
    if not model.exists():
        model.client.create_registered_model(name)
    token = None
    while True:
        page = model.client.search_model_versions(f"run_id = '{run_id}'", max_results=100, page_token=token)
        for version in page:
            if version.name == name:
                return int(version.version)
        token = page.token
        if not token:
            break
    return int(model.client.create_model_version(name, f"runs:/{run_id}/model", run_id).version)


def promote(uri: str, name: str, version: int, min_gain: float = 0.0) -> bool:
    """Make a version the champion if its test_acc is above the champion's by more than `min_gain`; say whether it is."""
    model = Model(uri, name)
    candidate = model.by_number(version)
    reached = model.test_acc(candidate)
    champion = model.by_alias(CHAMPION)
    if champion is not None:
        if int(champion.version) == int(candidate.version) or not reached - model.test_acc(champion) > min_gain:
            return False
    model.crown(candidate, champion)
    return True


def rollback(uri: str, name: str) -> int:
    """Swap the champion and the previous one; return the version that is the champion now."""
    model = Model(uri, name)
    champion, previous = model.by_alias(CHAMPION), model.by_alias(PREVIOUS)
    if champion is None or previous is None:
        raise LookupError(f"{name!r} has nothing to roll back to")
    model.crown(previous, champion)
    return int(previous.version)


def champion_version(uri: str, name: str) -> ModelVersion:
    found = Model(uri, name).by_alias(CHAMPION)
    if found is None:
        raise LookupError(f"{name!r} has no champion")
    return found


def load_champion(uri: str, name: str) -> dict[str, np.ndarray]:
    """Return the weights of the champion."""
    version = champion_version(uri, name)
    with tempfile.TemporaryDirectory() as folder:
        path = client_of(uri).download_artifacts(version.run_id, "model/weights.npz", folder)
        with np.load(path) as arrays:
            return {key: arrays[key] for key in arrays.files}


def history(uri: str, name: str) -> list[int]:
    """Return the versions that became champion, by promotion or by rollback, in this order."""
    return Model(uri, name).history()
