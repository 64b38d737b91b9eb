"""Train and evaluate classifiers of irises, with argparse and numpy."""

import argparse
import csv
import sys
from pathlib import Path

import joblib
import numpy as np
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

KERNELS = ["rbf", "poly", "sigmoid", "linear"]


class UserError(Exception):
    """What is the user's to mend."""


def read(path):
    """Return measurements, float [N, 4], and species, str [N]."""
    try:
        with open(path, newline="", encoding="utf-8") as file:
            rows = [row for row in csv.reader(file) if row][1:]
        measurements = np.array([row[:4] for row in rows], dtype=float).reshape(-1, 4)
        species = np.array([row[4] for row in rows])
    except (OSError, ValueError, IndexError) as error:
        raise UserError(f"cannot read the data: {error}") from error
    if not len(species):
        raise UserError(f"no rows in {path}")
    return measurements, species


def fit_and_save(estimator, options, data):
    model = Pipeline([("scale", StandardScaler()), ("classify", estimator)])
    try:
        model.fit(*data)
        options.output.parent.mkdir(exist_ok=True, parents=True)
        joblib.dump(model, options.output)
    except (OSError, ValueError) as error:
        raise UserError(str(error)) from error
    print(f"{options.output}: trained on {len(data[1])} irises")


def train_svm(options):
    fit_and_save(SVC(kernel=options.kernel), options, read(options.data))


def train_knn(options):
    data = read(options.data)
    if not 1 <= options.n_neighbors <= len(data[1]):
        raise UserError(f"the number of neighbours must be from 1 to {len(data[1])}, not {options.n_neighbors}")
    fit_and_save(KNeighborsClassifier(options.n_neighbors), options, data)


def evaluate(options):
    measurements, species = read(options.data)
    try:
        model = joblib.load(options.model)
        hits = model.predict(measurements) == species
    except Exception as error:
        raise UserError(f"{options.model} is of no use as a model: {error}") from error
    print(f"Accuracy: {np.mean(hits)}")


def arguments():
    everywhere = argparse.ArgumentParser(add_help=False)
    everywhere.add_argument("--data", type=Path, default=Path("iris.csv"), metavar="FILE")
    training = argparse.ArgumentParser(add_help=False, parents=[everywhere])
    training.add_argument("-o", "--output", type=Path, default=Path("model.joblib"), metavar="FILE")

    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    algorithms = commands.add_parser("train").add_subparsers(required=True, metavar="ALGORITHM")
    svm = algorithms.add_parser("svm", parents=[training])
    svm.add_argument("--kernel", choices=KERNELS, default="linear")
    svm.set_defaults(run=train_svm)
    knn = algorithms.add_parser("knn", parents=[training])
    knn.add_argument("-k", "--n-neighbors", type=int, default=5, metavar="N")
    knn.set_defaults(run=train_knn)
    evaluation = commands.add_parser("evaluate", parents=[everywhere])
    evaluation.add_argument("model", type=Path, metavar="MODEL")
    evaluation.set_defaults(run=evaluate)
    return parser


def main(argv=None):
    options = arguments().parse_args(argv)
    try:
        options.run(options)
    except UserError as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
