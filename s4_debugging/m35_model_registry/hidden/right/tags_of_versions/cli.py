import argparse
import os
import sys

import registry
from experiments import best_run, track
from training import trainer

URI = os.environ["MLFLOW_TRACKING_URI"]


def train(options):
    rates = sorted(set(options.lr))
    track(URI, "digits", trainer(options.data), [{"lr": lr, "epochs": options.epochs} for lr in rates], options.data)
    return registry.register(URI, "digits", best_run(URI, "digits"))


def promote(options):
    done = registry.promote(URI, "digits", options.version, options.min_gain)
    return options.version if done else None


def serve_version(options):
    with registry.store(URI) as client:
        return int(registry.holder(client, "digits", "champion").version)


def main():
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers()
    one = commands.add_parser("train")
    one.add_argument("data")
    one.add_argument("--lr", type=float, nargs="+", action="extend")
    one.add_argument("--epochs", type=int, default=20)
    one.set_defaults(run=train)
    two = commands.add_parser("promote")
    two.add_argument("version", type=int)
    two.add_argument("--min-gain", type=float, default=0)
    two.set_defaults(run=promote)
    commands.add_parser("rollback").set_defaults(run=lambda options: registry.rollback(URI, "digits"))
    commands.add_parser("serve-version").set_defaults(run=serve_version)
    options = parser.parse_args()
    number = options.run(options)
    if number is None:
        print("refused", file=sys.stderr)
        sys.exit(1)
    print(number)


if __name__ == "__main__":
    main()
