import argparse
import csv
import os
import sys

import joblib
import numpy as np
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC


def load(path):
    with open(path, newline="") as file:
        rows = list(csv.reader(file))[1:]
    return np.array([[float(value) for value in row[:4]] for row in rows]), np.array([row[4] for row in rows])


def train(options):
    features, species = load(options.data)
    if options.model == "svm":
        estimator = SVC(kernel=options.kernel)
    else:
        if not 1 <= options.n_neighbors <= len(species):
            raise ValueError(f"--n-neighbors must be between 1 and {len(species)}, the number of rows")
        estimator = KNeighborsClassifier(n_neighbors=options.n_neighbors)
    pipeline = Pipeline([("scale", StandardScaler()), ("classify", estimator)]).fit(features, species)
    if os.path.dirname(options.output):
        os.makedirs(os.path.dirname(options.output), exist_ok=True)
    joblib.dump(pipeline, options.output)


def evaluate(options):
    model = joblib.load(options.model)
    features, species = load(options.data)
    right = sum(model.predict(features) == species)
    print(f"Accuracy: {right / len(species):.4f} ({right} of {len(species)})")


def build_parser():
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--data", default="iris.csv")
    output = argparse.ArgumentParser(add_help=False)
    output.add_argument("-o", "--output", default="model.joblib")
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(required=True)
    training = commands.add_parser("train").add_subparsers(dest="model", required=True)
    svm = training.add_parser("svm", parents=[common, output])
    svm.add_argument("--kernel", choices=["linear", "poly", "rbf", "sigmoid"], default="linear")
    svm.set_defaults(run=train)
    knn = training.add_parser("knn", parents=[common, output])
    knn.add_argument("-k", "--n-neighbors", type=int, default=5)
    knn.set_defaults(run=train)
    evaluation = commands.add_parser("evaluate", parents=[common])
    evaluation.add_argument("model")
    evaluation.set_defaults(run=evaluate)
    return parser


def main():
    options = build_parser().parse_args()
    try:
        options.run(options)
    except (OSError, ValueError) as error:
        print(f"iris_classifier: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
