"""Compare what the API sees today with what the classifier was trained on."""

from datetime import timedelta
from pathlib import Path

import pandas as pd


def load_predictions(path: str | Path) -> pd.DataFrame:
    """Read a prediction database so that it can stand beside `reference.csv`.

    Returns:
        One row per request: `time` (datetimes in UTC), the four measurements, and the prediction under the name
        that it has in the reference data: `target`.
    """
    raise NotImplementedError("TODO: read the database")


def filter_data(data: pd.DataFrame, n: int | None = None, t: timedelta | None = None) -> pd.DataFrame:
    """The latest rows of `data`, oldest first; `data` itself stays as it is.

    Args:
        data: has a column `time`; its rows come in any order.
        n: keep the `n` newest rows (all when there are fewer).
        t: keep the rows at most `t` older than the newest row, a row exactly `t` older included.
            With both `n` and `t` a row must satisfy both; with neither every row is kept.
    """
    raise NotImplementedError("TODO: cut the window")


def drifted_columns(reference: pd.DataFrame, current: pd.DataFrame) -> list[str]:
    """The columns whose distribution has drifted according to Evidently, in the order of `reference`.

    Only columns that both frames have are compared, and never `time`.
    """
    raise NotImplementedError("TODO: ask Evidently which columns drifted")


def run_tests(reference: pd.DataFrame, current: pd.DataFrame, drift_share: float = 0.5) -> dict[str, bool]:
    """Test the current data, over the columns that `drifted_columns` compares. True means: the test passed.

    Returns:
        `"drift"`: the share of columns that drifted is below `drift_share`;
        `"missing_values"`: the current data have no missing value.
    """
    raise NotImplementedError("TODO: test the current data")


def write_report(reference: pd.DataFrame, current: pd.DataFrame, path: str | Path) -> None:
    """Save Evidently's drift report of the two frames as a web page at `path`, whose folder may not exist yet."""
    raise NotImplementedError("TODO: save the report")
