"""Train, promote and roll back from the command line; the store is the one of MLFLOW_TRACKING_URI."""

import argparse
import os
import sys

import registry
from experiments import best_run, client_of, track
from training import trainer

EXPERIMENT = "digits"
MODEL = "digits"


def train(uri: str, args: argparse.Namespace) -> int:
    rates = args.lr or [0.1]
    cells = [{"epochs": args.epochs, "lr": rate} for rate in rates]
    ids = track(uri, EXPERIMENT, trainer(args.data), cells, args.data)
    runs = [client_of(uri).get_run(run_id) for run_id in ids]
    good = [run for run in runs if run.info.status == "FINISHED" and "val_acc" in run.data.metrics]
    if not good:
        best_run(uri, EXPERIMENT, "val_acc")
        raise LookupError("no training has finished")
    best = max(good, key=lambda run: run.data.metrics["val_acc"])
    return registry.register(uri, MODEL, best.info.run_id)


def promote(uri: str, args: argparse.Namespace) -> int:
    if not registry.promote(uri, MODEL, args.version, args.min_gain):
        raise LookupError(f"version {args.version} is not better than the champion by more than {args.min_gain}")
    return args.version


def rollback(uri: str, args: argparse.Namespace) -> int:
    return registry.rollback(uri, MODEL)


def serve_version(uri: str, args: argparse.Namespace) -> int:
    return int(registry.champion_version(uri, MODEL).version)


def parser() -> argparse.ArgumentParser:
    result = argparse.ArgumentParser(description=__doc__)
    commands = result.add_subparsers(required=True)
    one = commands.add_parser("train")
    one.add_argument("data")
    one.add_argument("--lr", type=float, action="append")
    one.add_argument("--epochs", type=int, default=20)
    one.set_defaults(run=train)
    one = commands.add_parser("promote")
    one.add_argument("version", type=int)
    one.add_argument("--min-gain", type=float, default=0.0)
    one.set_defaults(run=promote)
    commands.add_parser("rollback").set_defaults(run=rollback)
    commands.add_parser("serve-version").set_defaults(run=serve_version)
    return result


def main() -> None:
    """Run the command: train, promote, rollback or serve-version."""
    args = parser().parse_args()
    try:
        number = args.run(os.environ["MLFLOW_TRACKING_URI"], args)
    except (LookupError, ValueError) as error:
        sys.exit(f"{type(error).__name__}: {error}")
    print(number)


if __name__ == "__main__":
    main()
