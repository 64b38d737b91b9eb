"""Train, promote and roll back from the command line; the store is the one of MLFLOW_TRACKING_URI."""

import argparse
import os
import sys

from experiments import best_run, track
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException
from registry import promote, register, rollback
from training import trainer

EXPERIMENT = "digits"
MODEL = "digits"


def champion(uri: str) -> int:
    """Return the version that is to be served. Raises LookupError when there is none."""
    try:
        return int(MlflowClient(uri).get_model_version_by_alias(MODEL, "champion").version)
    except MlflowException:
        raise LookupError(f"{MODEL!r} has no champion") from None


def run(uri: str, options: argparse.Namespace) -> int:
    """Run a command; return the number of the version that it is about."""
    if options.command == "train":
        grid = [{"lr": lr, "epochs": options.epochs} for lr in options.lr]
        track(uri, EXPERIMENT, trainer(options.data), grid, options.data)
        return register(uri, MODEL, best_run(uri, EXPERIMENT))
    if options.command == "promote":
        if not promote(uri, MODEL, options.version, options.min_gain):
            raise ValueError(f"version {options.version} is not better than the champion by {options.min_gain}")
        return champion(uri)
    return rollback(uri, MODEL) if options.command == "rollback" else champion(uri)


def main() -> None:
    """Run the command: train, promote, rollback or serve-version."""
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    train = commands.add_parser("train", help="track a grid, register the best run")
    train.add_argument("data", help="the .npz file of digits")
    train.add_argument("--lr", type=float, action="append", required=True, help="a learning rate; give several")
    train.add_argument("--epochs", type=int, default=10)
    promotion = commands.add_parser("promote", help="make a version the champion, if it is better")
    promotion.add_argument("version", type=int)
    promotion.add_argument("--min-gain", type=float, default=0.0)
    commands.add_parser("rollback", help="back to the champion before")
    commands.add_parser("serve-version", help="which version is the champion?")
    try:
        print(run(os.environ.get("MLFLOW_TRACKING_URI", "sqlite:///mlflow.db"), parser.parse_args()))
    except (LookupError, ValueError) as error:
        sys.exit(f"cli.py: {error}")


if __name__ == "__main__":
    main()
