"""A registry as an object; the functions of the task are its methods with a store in front."""

from __future__ import annotations

import io
from functools import cached_property
from pathlib import Path

import numpy as np
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException


class Registry:
    def __init__(self, uri: str, name: str) -> None:
        self.client = MlflowClient(tracking_uri=uri, registry_uri=uri)
        self.name = name

    @cached_property
    def model(self):
        try:
            return self.client.get_registered_model(self.name)
        except MlflowException:
            return self.client.create_registered_model(self.name)

    def versions(self) -> dict[int, str]:
        """Each version's run."""
        found = self.client.search_model_versions(f"name = '{self.name}'")
        return {int(version.version): version.run_id for version in found}

    def run(self, version: int):
        return self.client.get_run(self.versions()[version])

    def accuracy(self, version: int) -> float:
        metrics = self.run(version).data.metrics
        if metrics.get("test_acc") is None:
            raise ValueError("this run was never tested")
        return metrics["test_acc"]

    def add(self, run_id: str) -> int:
        run = self.client.get_run(run_id)
        if run.info.status != "FINISHED":
            raise ValueError("unfinished business")
        name = self.model.name
        numbers = [number for number, known in self.versions().items() if known == run_id]
        if not numbers:
            source = Path(run.info.artifact_uri, "model").as_posix()
            numbers = [int(self.client.create_model_version(name, source, run_id=run_id).version)]
        return numbers[0]

    def at(self, alias: str) -> int | None:
        number = self.model.aliases.get(alias)
        return None if number is None else int(number)

    def past(self) -> list[int]:
        """The description of the model is its history."""
        lines = (self.model.description or "").splitlines()
        return [int(line.removeprefix("champion: ")) for line in lines]

    def crown(self, version: int, instead_of: int | None) -> None:
        if instead_of is not None:
            self.client.set_registered_model_alias(self.name, "previous", instead_of)
        self.client.set_registered_model_alias(self.name, "champion", version)
        lines = "\n".join(f"champion: {number}" for number in [*self.past(), version])
        self.client.update_registered_model(self.name, lines)


def register(uri, name, run_id):
    return Registry(uri, name).add(run_id)


def promote(uri, name, version, min_gain=0.0):
    registry = Registry(uri, name)
    if version not in registry.versions():
        raise IndexError(f"version {version} is not one of {sorted(registry.versions())}")
    gain = registry.accuracy(version) - (registry.accuracy(old) if (old := registry.at("champion")) else -np.inf)
    if better := bool(gain > min_gain):
        registry.crown(version, old)
    return better


def rollback(uri, name):
    registry = Registry(uri, name)
    match registry.at("champion"), registry.at("previous"):
        case int(champion), int(previous):
            registry.crown(previous, champion)
            return previous
    raise LookupError("there was none before")


def load_champion(uri, name):
    registry = Registry(uri, name)
    champion = registry.at("champion")
    if champion is None:
        raise LookupError("nobody is champion")
    place = Path(registry.client.download_artifacts(registry.versions()[champion], "model/weights.npz"))
    with np.load(io.BytesIO(place.read_bytes())) as arrays:
        return {**arrays}


def history(uri, name):
    return Registry(uri, name).past()
