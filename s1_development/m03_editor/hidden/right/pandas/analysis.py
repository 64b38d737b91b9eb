"""The notebook as a script, with pandas."""

import json
import sys
from pathlib import Path

import pandas as pd


def load(path: str | Path) -> pd.DataFrame:
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    table = table[table["height_mm"] != ""]
    number = lambda column: table[column].str.replace(",", ".").astype(float)  # noqa: E731
    table = pd.DataFrame(
        {
            "day": table["day"].astype(int),
            "plant": table["plant"],
            "height": number("height_mm") / 10,
            "water": number("water_ml"),
        }
    )
    return table.query("height > 0")


def check(table: pd.DataFrame) -> None:
    if table.empty:
        raise ValueError("nothing was measured")
    if table["height"].max() > 250:
        raise ValueError("taller than the greenhouse: is the column really in mm?")
    if table.duplicated(["plant", "day"]).any():
        raise ValueError("a plant was measured twice on one day")


def growth(series: pd.DataFrame) -> float:
    first, last = series.iloc[0], series.iloc[-1]
    return (last["height"] - first["height"]) / (last["day"] - first["day"])


def analyse(path: str | Path) -> dict:
    table = load(path)
    check(table)
    groups = table.sort_values("day").groupby("plant")
    water = groups["water"].mean()
    return {
        "thirsty": water[water < 35].index.tolist(),
        "growth_cm_per_day": {name: float(round(growth(rows), 3)) for name, rows in groups if len(rows) >= 2},
        "spread_cm": float(round(table["height"].max() - table["height"].min(), 2)),
        "measurements": len(table),
    }


if __name__ == "__main__":
    data, results = sys.argv[1:]
    found = analyse(data)
    print(found)
    with Path(results).open("w") as file:
        json.dump(found, file)
