import os
import pathlib

import click
import joblib
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.metrics import accuracy_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC


class Table(click.ParamType):
    """A file that becomes a DataFrame on the command line already."""

    name = "file"

    def convert(self, value, param, ctx):
        if isinstance(value, pd.DataFrame):
            return value
        try:
            frame = pd.read_csv(value)
        except Exception as error:
            self.fail(f"{value}: {error}", param, ctx)
        if "species" not in frame or frame.empty:
            self.fail(f"{value} holds no species", param, ctx)
        return frame


data_option = click.option("--data", type=Table(), default="iris.csv")
output_option = click.option(
    "--output", "-o", type=click.Path(dir_okay=False, path_type=pathlib.Path), default="model.joblib"
)


def split(frame):
    return frame.drop(columns="species").to_numpy(), frame["species"].to_numpy(dtype=object)


class Saver:
    def __init__(self, output):
        self.output = output

    def __call__(self, frame, classifier):
        X, y = split(frame)
        scaler = make_column_transformer((StandardScaler(), [0, 1, 2, 3]), remainder="drop")
        try:
            model = make_pipeline(scaler, classifier).fit(X, y)
            os.makedirs(self.output.parent, exist_ok=True)
            joblib.dump(model, self.output, compress=3)
        except (ValueError, OSError) as error:
            raise click.ClickException(str(error)) from None


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def cli():
    """Irises, from the command line."""


@cli.group()
def train():
    """Train a classifier on scaled measurements, and save it."""


@train.command("knn")
@output_option
@data_option
@click.option("--n-neighbors", "-k", "k", type=click.IntRange(1), default=5)
def nearest(k, data, output):
    if k > len(data):
        raise click.BadParameter(f"{k} neighbours, and only {len(data)} rows", param_hint="-k")
    Saver(output)(data, KNeighborsClassifier(n_neighbors=k))


@train.command("svm")
@data_option
@output_option
@click.option("--kernel", type=click.Choice(("linear", "poly", "rbf", "sigmoid")), default="linear")
def support_vectors(**options):
    Saver(options["output"])(options["data"], SVC(kernel=options["kernel"]))


@cli.command()
@click.argument("model", type=click.Path(exists=True, dir_okay=False))
@data_option
def evaluate(model, data):
    X, y = split(data)
    try:
        predicted = joblib.load(model).predict(X)
    except Exception as error:
        raise click.ClickException(f"{model}: {error}") from None
    click.echo(f"Accuracy: {accuracy_score(list(y), list(predicted)):.4f}")


if __name__ == "__main__":
    cli(prog_name="iris_classifier.py")
