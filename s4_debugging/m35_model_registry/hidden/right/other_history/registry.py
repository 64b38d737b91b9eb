"""Models with a name, versions with a number, and one of them is the champion.

When a version becomes champion, the place in the history is appended to its own tag `reigns`, say "0,2".
"""

import mlflow
import numpy as np
from experiments import use
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException


def _client(uri: str) -> MlflowClient:
    use(uri)
    return MlflowClient()


def _aliases(client: MlflowClient, name: str) -> dict[str, int]:
    try:
        model = client.get_registered_model(name)
    except MlflowException:
        return {}
    return {alias: int(number) for alias, number in model.aliases.items()}


def _versions(client: MlflowClient, name: str) -> list:
    return [v for v in client.search_model_versions() if v.name == name]


def _reigns(client: MlflowClient, name: str) -> dict[int, int]:
    """Which version reigned as the n-th."""
    return {
        int(place): int(v.version)
        for v in _versions(client, name)
        for place in v.tags.get("reigns", "").split(",")
        if place
    }


def _note(client: MlflowClient, name: str, number: int) -> None:
    reigns = _reigns(client, name)
    mine = sorted(place for place, version in reigns.items() if version == number)
    client.set_model_version_tag(name, str(number), "reigns", ",".join(map(str, [*mine, len(reigns)])))


def register(uri: str, name: str, run_id: str) -> int:
    """Make a version of the model `name` from a run's weights, and return its number; the same run, the same number."""
    client = _client(uri)
    run = client.get_run(run_id)
    if run.info.status != "FINISHED":
        raise ValueError(f"the run {run_id} has not finished: {run.info.status}")
    for version in _versions(client, name):
        if version.run_id == run_id:
            return int(version.version)
    try:
        client.create_registered_model(name)
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise
    made = client.create_model_version(name=name, source=run.info.artifact_uri.rstrip("/") + "/model", run_id=run_id)
    return int(made.version)


def _accuracy(client: MlflowClient, name: str, number: int) -> float:
    try:
        version = client.get_model_version(name, str(number))
    except MlflowException as error:
        raise LookupError(f"there is no version {number} of {name}") from error
    try:
        return client.get_run(version.run_id).data.metrics["test_acc"]
    except KeyError:
        raise ValueError(f"version {number} of {name} was never tested") from None


def promote(uri: str, name: str, version: int, min_gain: float = 0.0) -> bool:
    """Make a version the champion if its test_acc is above the champion's by more than `min_gain`; say whether it is."""
    client = _client(uri)
    mine = _accuracy(client, name, version)
    champion = _aliases(client, name).get("champion")
    if champion == version:
        return False
    if champion is not None:
        bar = _accuracy(client, name, champion) + min_gain
        if mine <= bar:
            return False
        client.set_registered_model_alias(name, "previous", str(champion))
    client.set_registered_model_alias(name, "champion", str(version))
    _note(client, name, version)
    return True


def rollback(uri: str, name: str) -> int:
    """Swap the champion and the previous one; return the version that is the champion now."""
    client = _client(uri)
    aliases = _aliases(client, name)
    if not {"champion", "previous"} <= aliases.keys():
        raise LookupError(f"{name} has no previous champion")
    client.set_registered_model_alias(name, "champion", str(aliases["previous"]))
    client.set_registered_model_alias(name, "previous", str(aliases["champion"]))
    _note(client, name, aliases["previous"])
    return aliases["previous"]


def champion(uri: str, name: str) -> int:
    """The number of the version that is served."""
    try:
        return _aliases(_client(uri), name)["champion"]
    except KeyError:
        raise LookupError(f"{name} has no champion") from None


def load_champion(uri: str, name: str) -> dict[str, np.ndarray]:
    """Return the weights of the champion."""
    number = champion(uri, name)
    run_id = MlflowClient().get_model_version(name, str(number)).run_id
    folder = mlflow.artifacts.download_artifacts(run_id=run_id, artifact_path="model", tracking_uri=uri)
    with np.load(f"{folder}/weights.npz") as arrays:
        return dict(arrays.items())


def history(uri: str, name: str) -> list[int]:
    """Return the versions that became champion, by promotion or by rollback, in this order."""
    reigns = _reigns(_client(uri), name)
    return [reigns[place] for place in sorted(reigns)]
