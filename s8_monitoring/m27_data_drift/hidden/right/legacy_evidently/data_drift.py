"""The same with Evidently's older interface."""

import os

import pandas as pd
from evidently.legacy.metric_preset import DataDriftPreset
from evidently.legacy.report import Report
from evidently.legacy.test_suite import TestSuite
from evidently.legacy.tests import TestNumberOfMissingValues, TestShareOfDriftedColumns


def load_predictions(path):
    df = pd.read_csv(path, parse_dates=["time"])
    df["time"] = pd.to_datetime(df["time"], utc=True)
    df["target"] = df.pop("prediction").astype(int)
    return df


def filter_data(data, n=None, t=None):
    rows = data.copy()
    rows = rows.sort_values(by="time", ascending=False)
    if t is not None and len(rows):
        rows = rows.loc[rows["time"].max() - rows["time"] <= t]
    if n is not None:
        rows = rows.head(n)
    return rows.iloc[::-1]


def common(reference, current):
    columns = [c for c in reference if c in set(current)]
    if "time" in columns:
        columns.remove("time")
    return reference[columns], current[columns]


def drifted_columns(reference, current):
    reference, current = common(reference, current)
    report = Report(metrics=[DataDriftPreset()])
    report.run(reference_data=reference, current_data=current)
    by_column = report.as_dict()["metrics"][1]["result"]["drift_by_columns"]
    found = []
    for column in reference.columns:
        if by_column[column]["drift_detected"]:
            found.append(column)
    return found


def run_tests(reference, current, drift_share=0.5):
    reference, current = common(reference, current)
    suite = TestSuite(tests=[TestShareOfDriftedColumns(lt=drift_share), TestNumberOfMissingValues(eq=0)])
    suite.run(reference_data=reference, current_data=current)
    share, missing = suite.as_dict()["tests"]
    return {"drift": share["status"] == "SUCCESS", "missing_values": missing["status"] == "SUCCESS"}


def write_report(reference, current, path):
    reference, current = common(reference, current)
    report = Report(metrics=[DataDriftPreset()])
    report.run(reference_data=reference, current_data=current)
    os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
    report.save_html(str(path))
