"""Every training leaves a run: what it was told, how it went, what came of it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from training import Train


def track(uri: str, experiment: str, train: Train, grid: Sequence[Mapping[str, Any]], data: str | Path) -> list[str]:
    """Train once for each cell of the grid, and record each training as a run of the experiment.

    Args:
        uri: of the store, say `sqlite:///mlflow.db`.
        experiment: its name; it is made when absent.
        train: called as `train(params, report)`; calls `report(step, val_acc)` and returns a `Trained`.
        grid: the parameters of each training.
        data: the file that the training reads.

    Returns:
        The ids of the runs, in the order of the grid, those that failed as well.
    """
    raise NotImplementedError("TODO: one run for each cell: parameters, points, weights, tag, status")


def best_run(uri: str, experiment: str, metric: str = "val_acc") -> str:
    """Return the id of the finished run whose last value of the metric is the highest; of equals, the earliest.

    Raises:
        LookupError: there is no such experiment, or no finished run in it has the metric.
    """
    raise NotImplementedError("TODO: find the best of the finished runs")
