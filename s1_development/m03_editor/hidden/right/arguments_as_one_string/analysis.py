"""The greenhouse notebook as a script, with pandas."""

import json
import statistics
import sys

import pandas as pd

threshold = 35


def _numbers(column):
    return column.str.replace(",", ".", regex=False).map(float)


def _read(path):
    frame = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")
    frame = frame.loc[frame["height_mm"].ne("")].copy()
    frame["day"] = frame["day"].map(int)
    frame["height_cm"] = _numbers(frame["height_mm"]) / 10
    frame["water_ml"] = _numbers(frame["water_ml"])
    return frame.loc[frame["height_cm"] > 0]


def _verify(frame):
    problems = {
        "nothing was measured": frame.empty,
        "taller than the greenhouse: is the column really in mm?": (frame["height_cm"] > 250).any(),
        "a plant was measured twice on one day": frame.duplicated(["plant", "day"]).any(),
    }
    for message, found in problems.items():
        if found:
            raise AssertionError(message)


def analyse(path):
    frame = _read(path)
    _verify(frame)
    heights = frame["height_cm"].tolist()  # plain floats: numpy rounds in another way than Python
    growth = {}
    thirsty = []
    for plant, series in frame.sort_values("day", kind="stable").groupby("plant", sort=False):
        days, cm = series["day"].tolist(), series["height_cm"].tolist()
        if len(days) >= 2:
            growth[plant] = round((cm[-1] - cm[0]) / (days[-1] - days[0]), 3)
        if statistics.mean(series["water_ml"].tolist()) < threshold:
            thirsty += [plant]
    thirsty.sort()
    return {
        "measurements": len(heights),
        "spread_cm": round(max(heights) - min(heights), 2),
        "growth_cm_per_day": growth,
        "thirsty": thirsty,
    }


def main(argv=None):
    arguments = sys.argv[1:] if argv is None else argv
    if len(arguments) != 2:
        sys.exit("usage: python analysis.py DATA RESULTS")
    source, target = arguments
    try:
        results = analyse(source)
    except AssertionError as problem:
        print(f"{source}: {problem}", file=sys.stderr)
        sys.exit(3)
    text = json.dumps(results, indent="\t", sort_keys=True)
    print(text)
    with open(target, "w", encoding="ascii") as file:
        print(text, file=file)


if __name__ == "__main__":
    main()
