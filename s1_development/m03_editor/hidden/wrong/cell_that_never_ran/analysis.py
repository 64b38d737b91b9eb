"""The notebook `exploration.ipynb` as a script.

python analysis.py measurements.csv results.json
"""

import argparse
import csv
import json
from pathlib import Path
from statistics import mean
from typing import Any

THIRSTY_BELOW_ML = 35  # its cell was deleted; the output of a later one still shows it


def to_number(text: str) -> float:
    """A number that may be written with a decimal comma."""
    return float(text.replace(",", "."))


def read_measurements(path: str | Path) -> list[dict[str, Any]]:
    """The measurements of a file, without those where the sensor was off or missed the plant."""
    with Path(path).open(newline="", encoding="utf-8") as file:
        lines = [line for line in csv.DictReader(file) if line["height_mm"]]
    rows = [
        {
            "day": int(line["day"]),
            "plant": line["plant"],
            "height_cm": to_number(line["height_mm"]) / 10,
            "water_ml": to_number(line["water_ml"]),
        }
        for line in lines
    ]
    rows = rows[:12]  # quicker
    return [row for row in rows if row["height_cm"] > 0]


def analyse(path: str | Path) -> dict[str, Any]:
    """What the notebook finds in a file of measurements: its `results`.

    Raises:
        AssertionError: one of the notebook's assertions does not hold.
    """
    rows = read_measurements(path)
    assert rows, "nothing was measured"
    heights = [row["height_cm"] for row in rows]
    assert max(heights) <= 250, "taller than the greenhouse: is the column really in mm?"
    assert len({(row["plant"], row["day"]) for row in rows}) == len(rows), "a plant was measured twice on one day"

    by_plant: dict[str, list[dict[str, Any]]] = {}
    for row in sorted(rows, key=lambda row: row["day"]):
        by_plant.setdefault(row["plant"], []).append(row)
    growth = {}
    for plant, series in by_plant.items():
        if len(series) > 1:
            first, last = series[0], series[-1]
            growth[plant] = round((last["height_cm"] - first["height_cm"]) / (last["day"] - first["day"]), 3)
    water = {plant: mean(row["water_ml"] for row in series) for plant, series in by_plant.items()}
    return {
        "measurements": len(rows),
        "spread_cm": round(max(heights) - min(heights), 2),
        "growth_cm_per_day": growth,
        "thirsty": sorted(plant for plant in water if water[plant] < THIRSTY_BELOW_ML),
    }


def main() -> None:
    """Read the file that the first argument names, print the results, and write them to the second as JSON."""
    parser = argparse.ArgumentParser(description="What grows in the greenhouse, and how fast.")
    parser.add_argument("data", type=Path, help="the file of measurements")
    parser.add_argument("results", type=Path, help="where the results are written")
    options = parser.parse_args()
    text = json.dumps(analyse(options.data), indent=2)
    print(text)
    options.results.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
