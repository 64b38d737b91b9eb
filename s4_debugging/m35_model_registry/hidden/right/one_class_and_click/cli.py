import logging
import os
import sys

import click
import experiments
import registry
import training

STORE = os.environ.get("MLFLOW_TRACKING_URI", "sqlite:///mlflow.db")


@click.group()
def main():
    logging.getLogger("mlflow").setLevel("ERROR")


@main.command()
@click.argument("data", type=click.Path(exists=True))
@click.option("--lr", type=float, multiple=True, default=[0.1])
@click.option("--epochs", type=int, default=5)
def train(data, lr, epochs):
    cells = [{"epochs": epochs, "lr": rate} for rate in lr]
    experiments.track(STORE, "digits", training.trainer(data), cells, data)
    click.echo(registry.register(STORE, "digits", experiments.best_run(STORE, "digits", "val_acc")))


@main.command()
@click.argument("version", type=int)
@click.option("--min-gain", type=float, default=0.0)
def promote(version, min_gain):
    if registry.promote(STORE, "digits", version, min_gain):
        click.echo(version)
    else:
        raise click.ClickException("the champion is as good")


@main.command()
def rollback():
    click.echo(registry.rollback(STORE, "digits"))


@main.command("serve-version")
def serve_version():
    champion = registry.Registry(STORE, "digits").at("champion")
    sys.exit("none") if champion is None else click.echo(champion)


if __name__ == "__main__":
    main()
