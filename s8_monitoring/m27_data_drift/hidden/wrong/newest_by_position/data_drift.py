"""Compare what the API sees today with what the classifier was trained on."""

from datetime import timedelta
from pathlib import Path

import pandas as pd
from evidently import Report
from evidently.metrics import ValueDrift
from evidently.presets import DataDriftPreset


def load_predictions(path: str | Path) -> pd.DataFrame:
    """Read a prediction database so that it can stand beside `reference.csv`."""
    data = pd.read_csv(path).rename(columns={"prediction": "target"})
    return data.assign(time=pd.to_datetime(data["time"], format="ISO8601", utc=True))


def filter_data(data: pd.DataFrame, n: int | None = None, t: timedelta | None = None) -> pd.DataFrame:
    """The latest rows of `data`, oldest first; `data` itself stays as it is."""
    window = data
    if t is not None:
        window = window[window["time"] >= window["time"].max() - t]
    if n is not None:
        window = window.tail(n)
    return window.sort_values("time")


def shared_columns(reference: pd.DataFrame, current: pd.DataFrame) -> list[str]:
    """The columns that are compared."""
    return [column for column in reference.columns if column in current.columns and column != "time"]


def drifted_columns(reference: pd.DataFrame, current: pd.DataFrame) -> list[str]:
    """The columns whose distribution has drifted according to Evidently, in the order of `reference`."""
    columns = shared_columns(reference, current)
    report = Report([ValueDrift(column=column) for column in columns], include_tests=True)
    tests = report.run(current[columns], reference[columns]).dict()["tests"]
    return [test["metric_config"]["params"]["column"] for test in tests if test["status"] == "FAIL"]


def run_tests(reference: pd.DataFrame, current: pd.DataFrame, drift_share: float = 0.5) -> dict[str, bool]:
    """Test the current data, over the columns that `drifted_columns` compares."""
    columns = shared_columns(reference, current)
    return {
        "drift": len(drifted_columns(reference, current)) / len(columns) < drift_share,
        "missing_values": not current[columns].isna().to_numpy().any(),
    }


def write_report(reference: pd.DataFrame, current: pd.DataFrame, path: str | Path) -> None:
    """Save Evidently's drift report of the two frames as a web page at `path`."""
    columns = shared_columns(reference, current)
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Report([DataDriftPreset()]).run(current[columns], reference[columns]).save_html(str(path))
