"""Typer, with one function for each command."""

from typing import Annotated

import mlflow
import typer
from experiments import best_run, track
from registry import aliases, connect
from registry import promote as promote_version
from registry import register
from registry import rollback as roll_back
from training import trainer

app = typer.Typer()
MODEL = "digits"


def refuse(text):
    typer.echo(text, err=True)
    raise typer.Exit(1)


@app.command()
def train(data: str, lr: Annotated[list[float], typer.Option()], epochs: int = 10):
    uri = mlflow.get_tracking_uri()
    track(uri, MODEL, trainer(data), [dict(lr=rate, epochs=epochs) for rate in lr], data)
    typer.echo(register(uri, MODEL, best_run(uri, MODEL, "val_acc")))


@app.command()
def promote(version: int, min_gain: float = 0.0):
    try:
        done = promote_version(mlflow.get_tracking_uri(), MODEL, version, min_gain)
    except Exception as error:
        refuse(str(error))
    if not done:
        refuse("not better")
    typer.echo(version)


@app.command()
def rollback():
    try:
        typer.echo(roll_back(mlflow.get_tracking_uri(), MODEL))
    except LookupError as error:
        refuse(str(error))


@app.command()
def serve_version():
    champion = aliases(connect(mlflow.get_tracking_uri()), MODEL).get("champion")
    if champion is None:
        refuse("no champion")
    typer.echo(champion)


def main():
    app()


if __name__ == "__main__":
    main()
