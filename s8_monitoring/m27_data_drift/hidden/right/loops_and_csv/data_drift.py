"""One preset run serves the list of columns, the tests and the page."""

import csv
from datetime import datetime
from pathlib import Path

import pandas as pd
from evidently import Dataset, Report
from evidently.metrics import DatasetMissingValueCount
from evidently.presets import DataDriftPreset
from evidently.tests import eq


def load_predictions(path):
    with open(path) as file:
        rows = list(csv.DictReader(file))
    return pd.DataFrame(
        {
            "time": [datetime.fromisoformat(row["time"]) for row in rows],
            **{
                name: [float(row[name]) for row in rows]
                for name in ("sepal_length", "sepal_width", "petal_length", "petal_width")
            },
            "target": [int(row["prediction"]) for row in rows],
        }
    )


def filter_data(data, n=None, t=None):
    data = data.sort_values("time").reset_index(drop=True)
    first = 0
    if t is not None and len(data) > 0:
        newest = data["time"].iloc[-1]
        while newest - data["time"].iloc[first] > t:
            first += 1
    if n is not None:
        first = max(first, len(data) - n)
    return data.iloc[first:]


def snapshot_of(reference, current):
    names = [name for name in reference.columns if name in current.columns and name != "time"]
    report = Report([DataDriftPreset(), DatasetMissingValueCount(tests=[eq(0)])], include_tests=True)
    result = report.run(
        current_data=Dataset.from_pandas(current[names]), reference_data=Dataset.from_pandas(reference[names])
    )
    return names, result


def drifted_columns(reference, current):
    names, result = snapshot_of(reference, current)
    status = {}
    for test in result.dict()["tests"]:
        if test["name"].startswith("Value Drift for column "):
            status[test["name"].removeprefix("Value Drift for column ")] = test["status"]
    return [name for name in names if status[name] == "FAIL"]


def run_tests(reference, current, drift_share=0.5):
    names, result = snapshot_of(reference, current)
    missing = [test for test in result.dict()["tests"] if test["name"].startswith("Count and share of missing")]
    return {
        "drift": bool(len(drifted_columns(reference, current)) < drift_share * len(names)),
        "missing_values": all(test["status"] == "SUCCESS" for test in missing),
    }


def write_report(reference, current, path):
    path = Path(path)
    if not path.parent.exists():
        path.parent.mkdir(parents=True)
    _, result = snapshot_of(reference, current)
    result.save_html(str(path))
