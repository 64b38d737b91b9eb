"""Train and evaluate classifiers of irises from the command line.

iris_classifier.py train svm [--kernel linear|poly|rbf|sigmoid] [--data FILE] [--output FILE]
iris_classifier.py train knn [--n-neighbors N] [--data FILE] [--output FILE]
iris_classifier.py evaluate MODEL [--data FILE]
"""

from pathlib import Path

import typer

app = typer.Typer()
train = typer.Typer()
app.add_typer(train, name="train")


@train.command()
def svm(kernel: str = "linear", data: Path = Path("iris.csv"), output: Path = Path("model.joblib")) -> None:
    """Train a support vector machine on scaled measurements and save it."""
    raise NotImplementedError("TODO: train svm")


@train.command()
def knn(n_neighbors: int = 5, data: Path = Path("iris.csv"), output: Path = Path("model.joblib")) -> None:
    """Train a nearest-neighbour classifier on scaled measurements and save it."""
    raise NotImplementedError("TODO: train knn")


@app.command()
def evaluate(model: Path, data: Path = Path("iris.csv")) -> None:
    """Print `Accuracy: x`, x between 0 and 1, of a saved model on the rows of DATA."""
    raise NotImplementedError("TODO: evaluate a saved model")


if __name__ == "__main__":
    app()
