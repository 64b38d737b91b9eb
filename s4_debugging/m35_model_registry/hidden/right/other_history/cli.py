"""Train, promote and roll back from the command line; the store is the one of MLFLOW_TRACKING_URI."""

import click
import experiments
import registry
import training

EXPERIMENT = MODEL = "digits"


class Nothing(click.ClickException):
    """There is no number to print; click says why on stderr, and ends with status 1."""

    exit_code = 1


@click.group()
@click.option("--uri", envvar="MLFLOW_TRACKING_URI", required=True)
@click.pass_context
def main(context: click.Context, uri: str) -> None:
    """Run the command: train, promote, rollback or serve-version."""
    context.obj = uri


@main.command()
@click.argument("data", type=click.Path(exists=True))
@click.option("--lr", "rates", type=float, multiple=True, default=(0.1, 0.5), show_default=True)
@click.option("--epochs", type=click.IntRange(min=0), default=10, show_default=True)
@click.pass_obj
def train(uri: str, data: str, rates: tuple[float, ...], epochs: int) -> None:
    experiments.track(uri, EXPERIMENT, training.trainer(data), [dict(lr=lr, epochs=epochs) for lr in rates], data)
    try:
        click.echo(registry.register(uri, MODEL, experiments.best_run(uri, EXPERIMENT)))
    except LookupError as error:
        raise Nothing(str(error)) from error


@main.command()
@click.argument("version", type=int)
@click.option("--min-gain", type=float, default=0.0)
@click.pass_obj
def promote(uri: str, version: int, min_gain: float) -> None:
    try:
        changed = registry.promote(uri, MODEL, version, min_gain=min_gain)
    except (LookupError, ValueError) as error:
        raise Nothing(str(error)) from error
    if not changed:
        raise Nothing(f"version {version} gains too little")
    click.echo(str(version))


@main.command()
@click.pass_obj
def rollback(uri: str) -> None:
    try:
        click.echo(registry.rollback(uri, MODEL))
    except LookupError as error:
        raise Nothing(str(error)) from error


@main.command(name="serve-version")
@click.pass_obj
def serve_version(uri: str) -> None:
    try:
        click.echo(registry.champion(uri, MODEL))
    except LookupError as error:
        raise Nothing(str(error)) from error


if __name__ == "__main__":
    main()
