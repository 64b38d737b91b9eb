"""Compare what the API sees today with what the classifier was trained on."""

import csv
import os
from datetime import datetime, timezone

import pandas as pd
from evidently.legacy.metric_preset import DataDriftPreset
from evidently.legacy.metrics import DataDriftTable
from evidently.legacy.report import Report


def load_predictions(path):
    with open(path, newline="") as stream:
        rows = list(csv.DictReader(stream))
    names = ("sepal_length", "sepal_width", "petal_length", "petal_width")
    columns = {"time": pd.Series([datetime.fromisoformat(row["time"]).astimezone(timezone.utc) for row in rows],
                                 dtype="datetime64[ns, UTC]")}
    for name in names:
        columns[name] = pd.Series([float(row[name] or "nan") for row in rows], dtype=float)
    columns["target"] = pd.Series([int(row["prediction"]) for row in rows], dtype=int)
    return pd.DataFrame(columns)


def filter_data(data, n=None, t=None):
    ordered = data.sort_values(by="time", ascending=False, kind="stable")
    if t is not None and len(ordered):
        ordered = ordered[(ordered["time"].iloc[0] - ordered["time"]) <= t]
    if n is not None:
        ordered = ordered.head(n)
    return ordered.iloc[::-1].reset_index(drop=True)


class Comparison:
    """The same columns of two frames, side by side."""

    def __init__(self, reference, current):
        self.names = [c for c in reference.columns if c != "time" and c in set(current.columns)]
        self.reference = reference.loc[:, self.names].reset_index(drop=True)
        self.current = current.loc[:, self.names].reset_index(drop=True)

    def run(self, metric):
        report = Report(metrics=[metric])
        report.run(current_data=self.current, reference_data=self.reference)
        return report

    def drifted(self):
        result = self.run(DataDriftTable()).as_dict()["metrics"][0]["result"]["drift_by_columns"]
        return [name for name in self.names if name in result and bool(result[name]["drift_detected"])]


def drifted_columns(reference, current):
    return Comparison(reference, current).drifted()


def run_tests(reference, current, drift_share=0.5):
    both = Comparison(reference, current)
    return {
        "drift": len(both.drifted()) < drift_share * len(both.names),
        "missing_values": int(both.current.isnull().sum().sum()) == 0,
    }


def write_report(reference, current, path):
    os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
    Comparison(reference, current).run(DataDriftPreset()).save_html(os.fspath(path))
