"""Compare what the API sees today with what the classifier was trained on."""

import pathlib
from datetime import timedelta

import pandas as pd
from evidently import Report
from evidently.metrics import ValueDrift
from evidently.presets import DataDriftPreset


def load_predictions(path: "str | pathlib.Path") -> pd.DataFrame:
    table = pd.read_csv(path, parse_dates=False)
    target = table.pop("prediction").astype("int64")
    table["time"] = pd.to_datetime(table["time"], format="ISO8601", utc=True)
    return table.assign(target=target)


def filter_data(data: pd.DataFrame, n: int | None = None, t: timedelta | None = None) -> pd.DataFrame:
    rows = data.sort_values("time", kind="mergesort")
    if t is not None:
        rows = rows.loc[rows["time"] >= rows["time"].max() - t]
    return rows if n is None else rows.iloc[max(len(rows) - n, 0):].copy()


def _pair(reference, current):
    shared = reference.columns.intersection(current.columns, sort=False).drop("time", errors="ignore")
    return reference[list(shared)], current[list(shared)]


def drifted_columns(reference: pd.DataFrame, current: pd.DataFrame) -> list[str]:
    reference, current = _pair(reference, current)
    if not len(reference.columns):
        return []
    metrics = [ValueDrift(column=name) for name in reference]
    found = set()
    for metric in Report(metrics).run(current_data=current, reference_data=reference).dict()["metrics"]:
        config, value = metric["config"], float(metric["value"])
        by_p_value = "p_value" in config["method"]
        if value < config["threshold"] if by_p_value else value >= config["threshold"]:
            found.add(config["column"])
    return [name for name in reference if name in found]


def run_tests(reference: pd.DataFrame, current: pd.DataFrame, drift_share: float = 0.5) -> dict[str, bool]:
    left, right = _pair(reference, current)
    share = len(drifted_columns(left, right)) / max(left.shape[1], 1)
    return {"missing_values": not bool(right.isna().to_numpy().any()), "drift": share < drift_share}


def write_report(reference: pd.DataFrame, current: pd.DataFrame, path: "str | pathlib.Path") -> None:
    reference, current = _pair(reference, current)
    target = pathlib.Path(path)
    target.parent.mkdir(exist_ok=True, parents=True)
    Report([DataDriftPreset()]).run(current, reference).save_html(str(target))
