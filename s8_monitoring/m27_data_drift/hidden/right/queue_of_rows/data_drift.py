"""Evidently's preset decides on all columns at once; windows by nlargest and masks."""

import datetime
import pathlib

import numpy as np
import pandas as pd
from evidently import Report
from evidently.presets import DataDriftPreset


def load_predictions(path: str | pathlib.Path) -> pd.DataFrame:
    with open(path) as file:
        frame = pd.read_csv(file)
    frame["time"] = [datetime.datetime.fromisoformat(text) for text in frame["time"]]
    frame["target"] = frame.pop("prediction").astype(int)
    return frame


def filter_data(data: pd.DataFrame, n: int | None = None, t: datetime.timedelta | None = None) -> pd.DataFrame:
    order = np.argsort(data["time"].to_numpy(), kind="stable")
    if t is not None and len(order):
        ages = data["time"].max() - data["time"].iloc[order]
        order = order[(ages <= pd.Timedelta(t)).to_numpy()]
    if n is not None:
        order = order[len(order) - min(n, len(order)) :]
    return data.iloc[order].copy()


def _snapshot(reference: pd.DataFrame, current: pd.DataFrame):
    common = [name for name in reference if name in current and name != "time"]
    return common, Report([DataDriftPreset(columns=common)], include_tests=True).run(
        reference_data=reference.loc[:, common], current_data=current.loc[:, common]
    )


def drifted_columns(reference: pd.DataFrame, current: pd.DataFrame) -> list[str]:
    common, snapshot = _snapshot(reference, current)
    failed = set()
    for test in snapshot.dict()["tests"]:
        column = test["metric_config"]["params"].get("column")
        if column is not None and str(test["status"]).rpartition(".")[2] == "FAIL":
            failed.add(column)
    return [name for name in common if name in failed]


def run_tests(reference: pd.DataFrame, current: pd.DataFrame, drift_share: float = 0.5) -> dict[str, bool]:
    common = (set(reference) & set(current)) - {"time"}
    return dict(
        drift=len(drifted_columns(reference, current)) < drift_share * len(common),
        missing_values=int(current[sorted(common)].isnull().sum().sum()) == 0,
    )


def write_report(reference: pd.DataFrame, current: pd.DataFrame, path: str | pathlib.Path) -> None:
    target = pathlib.Path(path)
    target.parent.mkdir(exist_ok=True, parents=True)
    _, snapshot = _snapshot(reference, current)
    target.write_text(snapshot.get_html_str(as_iframe=False), encoding="utf-8")
