"""Tasks for invoke: long commands with short names. `invoke --list` lists them."""

from invoke import Context, task


@task
def git(context: Context, message: str) -> None:
    """Stage all changes, commit them with this message, and push."""
    raise NotImplementedError("TODO: stage, commit and push")


@task
def experiment(context: Context, kernel: str = "linear", n_neighbors: int = 5) -> None:
    """Train both classifiers into the folder models, then evaluate both."""
    raise NotImplementedError("TODO: train and evaluate both classifiers")
