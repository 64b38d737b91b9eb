"""Fit a line to the heights of a plant, by gradient descent. Given: there is nothing to change here.

python train.py train --lr 1e-4 --epochs 50
"""

import argparse
import csv
from pathlib import Path


def read_points(path: Path, plant: str) -> list[tuple[float, float]]:
    """Day and height in cm of each measurement of a plant."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["plant"] == plant and row["height_mm"] not in ("", "0")]
    return [(float(row["day"]), float(row["height_mm"].replace(",", ".")) / 10) for row in rows]


def train(points: list[tuple[float, float]], lr: float, epochs: int) -> float:
    """Fit a line to the points and return the mean squared error."""
    slope, intercept = 0.0, 0.0
    for _ in range(epochs):
        errors = [(slope * day + intercept - height, day) for day, height in points]
        slope -= lr * 2 * sum(error * day for error, day in errors) / len(points)
        intercept -= lr * 2 * sum(error for error, _ in errors) / len(points)
    return sum((slope * day + intercept - height) ** 2 for day, height in points) / len(points)


def main() -> None:
    parser = argparse.ArgumentParser(description="Fit a line to the heights of a plant.")
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("train")
    command.add_argument("--lr", type=float, default=1e-3)
    command.add_argument("--epochs", type=int, default=20)
    command.add_argument("--plant", default="basil")
    options = parser.parse_args()
    points = read_points(Path("measurements.csv"), options.plant)
    loss = train(points, options.lr, options.epochs)
    print(f"lr {options.lr:g} epochs {options.epochs} loss {loss:.4f}")


if __name__ == "__main__":
    main()
