"""Train and evaluate classifiers of irises from the command line."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import joblib
import pandas as pd
import typer
from sklearn.base import ClassifierMixin
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

app = typer.Typer()
train = typer.Typer()
app.add_typer(train, name="train")

Data = Annotated[Path, typer.Option(exists=True, dir_okay=False, help="CSV file: four measurements and the species.")]
Output = Annotated[Path, typer.Option("--output", "-o", help="Where the model is saved.")]


class Kernel(StrEnum):
    """The kernels of a support vector machine."""

    LINEAR = "linear"
    POLY = "poly"
    RBF = "rbf"
    SIGMOID = "sigmoid"


def read(data: Path) -> tuple[pd.DataFrame, pd.Series]:
    """Return the measurements and the species."""
    table = pd.read_csv(data)
    return table.drop(columns="species"), table["species"]


def fit_and_save(classifier: ClassifierMixin, measurements: pd.DataFrame, species: pd.Series, output: Path) -> None:
    """Fit scaler and classifier, and save them as one model."""
    model = make_pipeline(StandardScaler(), classifier)
    model.fit(measurements.to_numpy(), species)
    output.parent.mkdir(parents=True, exist_ok=True)
    joblib.dump(model, output)


@train.command()
def svm(kernel: Kernel = Kernel.LINEAR, data: Data = Path("iris.csv"), output: Output = Path("model.joblib")) -> None:
    """Train a support vector machine on scaled measurements and save it."""
    fit_and_save(SVC(kernel=kernel.value), *read(data), output)


@train.command()
def knn(
    n_neighbors: Annotated[int, typer.Option("--n-neighbors", "-k", min=1)] = 5,
    data: Data = Path("iris.csv"),
    output: Output = Path("model.joblib"),
) -> None:
    """Train a nearest-neighbour classifier on scaled measurements and save it."""
    measurements, species = read(data)
    if n_neighbors > len(species):
        raise typer.BadParameter(f"{n_neighbors} neighbours cannot be found among {len(species)} rows")
    fit_and_save(KNeighborsClassifier(n_neighbors), measurements, species, output)


@app.command()
def evaluate(
    model: Annotated[Path, typer.Argument(exists=True, dir_okay=False)], data: Data = Path("iris.csv")
) -> None:
    """Print `Accuracy: x` of a saved model on the rows of DATA."""
    measurements, species = read(data)
    print(f"Accuracy: {joblib.load(model).score(measurements.to_numpy(), species)}")


if __name__ == "__main__":
    app()
