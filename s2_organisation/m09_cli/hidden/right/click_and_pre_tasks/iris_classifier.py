from pathlib import Path

import click
import joblib
import numpy as np
from sklearn.metrics import accuracy_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

data_option = click.option("--data", type=click.Path(exists=True, path_type=Path), default="iris.csv")
output_option = click.option("--output", "-o", type=click.Path(path_type=Path), default="model.joblib")


def columns(path: Path) -> tuple[np.ndarray, np.ndarray]:
    measurements = np.genfromtxt(path, delimiter=",", skip_header=1, usecols=range(4))
    species = np.genfromtxt(path, delimiter=",", skip_header=1, usecols=4, dtype=str)
    return measurements, species


def save(steps: list, data: Path, output: Path) -> None:
    output.parent.mkdir(exist_ok=True, parents=True)
    joblib.dump(Pipeline(steps).fit(*columns(data)), output)
    click.echo(f"saved {output}")


@click.group()
def cli() -> None:
    """Irises."""


@cli.group()
def train() -> None:
    """Train a classifier."""


@train.command()
@click.option("--kernel", type=click.Choice(["linear", "poly", "rbf", "sigmoid"]), default="linear")
@data_option
@output_option
def svm(kernel: str, data: Path, output: Path) -> None:
    """A support vector machine."""
    save([("scaler", StandardScaler()), ("svm", SVC(kernel=kernel))], data, output)


@train.command()
@click.option("--n-neighbors", "-k", type=click.IntRange(1), default=5)
@data_option
@output_option
def knn(n_neighbors: int, data: Path, output: Path) -> None:
    """Nearest neighbours."""
    rows = len(columns(data)[1])
    if rows < n_neighbors:
        raise click.UsageError(f"there are {rows} rows only")
    save([("scaler", StandardScaler()), ("knn", KNeighborsClassifier(n_neighbors))], data, output)


@cli.command()
@click.argument("model", type=click.Path(exists=True, path_type=Path))
@data_option
def evaluate(model: Path, data: Path) -> None:
    """How good is it?"""
    measurements, species = columns(data)
    share = accuracy_score(species, joblib.load(model).predict(measurements))
    click.echo(f"Evaluating\nAccuracy: {share:.3f}")


if __name__ == "__main__":
    cli()
