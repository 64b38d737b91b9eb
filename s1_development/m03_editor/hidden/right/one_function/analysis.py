"""What was a notebook: the same steps, one after the other, in one function."""

import csv
import json
import os
import sys
from statistics import fmean


def analyse(path):
    threshold = 35
    measured = {}
    count, low, high = 0, float("inf"), float("-inf")
    with open(os.fspath(path), newline="") as file:
        reader = csv.reader(file)
        position = {name: index for index, name in enumerate(next(reader))}
        for line in reader:
            height = line[position["height_mm"]].replace(",", ".")
            if height == "" or float(height) <= 0:
                continue
            height = float(height) / 10
            plant, day = line[position["plant"]], int(line[position["day"]])
            days = measured.setdefault(plant, {})
            assert day not in days, "a plant was measured twice on one day"
            days[day] = (height, float(line[position["water_ml"]].replace(",", ".")))
            count += 1
            low, high = min(low, height), max(high, height)
    assert count > 0, "nothing was measured"
    assert not high > 250, "taller than the greenhouse: is the column really in mm?"
    growth, thirsty = {}, []
    for plant in sorted(measured):
        days = measured[plant]
        if fmean([water for _, water in days.values()]) < threshold:
            thirsty.append(plant)
        if len(days) == 1:
            continue
        begin, end = min(days), max(days)
        growth[plant] = round((days[end][0] - days[begin][0]) / (end - begin), 3)
    return dict(measurements=count, spread_cm=round(high - low, 2), growth_cm_per_day=growth, thirsty=thirsty)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: python analysis.py DATA RESULTS")
    results = analyse(sys.argv[1])
    for name, value in results.items():
        print(name, value, sep=": ")
    with open(sys.argv[2], "w") as file:
        file.write(json.dumps(results))
