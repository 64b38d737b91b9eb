#!/usr/bin/env python3
"""Do my plants grow?  The greenhouse notebook, without the notebook.

usage: python analysis.py DATA RESULTS
"""

import argparse
import csv
import io
import json
import pprint
import statistics
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from pathlib import Path

THIRSTY_BELOW_ML = 35  # the cell [9] is gone, but the output of cell [10] still says "less than 35 ml a day"
GREENHOUSE_CM = 250


def decimal_comma(text):
    """12,5 and 12.5 are the same number."""
    whole, _, fraction = text.partition(",")
    return float(f"{whole}.{fraction}" if fraction else whole)


@dataclass(frozen=True, slots=True)
class Measurement:
    day: int
    plant: str
    height_cm: float
    water_ml: float

    @classmethod
    def from_record(cls, record):
        return cls(
            day=int(record["day"]),
            plant=record["plant"],
            height_cm=decimal_comma(record["height_mm"]) / 10,
            water_ml=decimal_comma(record["water_ml"]),
        )


@dataclass
class Greenhouse:
    measurements: list = field(default_factory=list)

    @classmethod
    def load(cls, path):
        text = Path(path).read_bytes().decode("utf-8")
        records = csv.DictReader(io.StringIO(text, newline=""))
        taken = (Measurement.from_record(record) for record in records if record["height_mm"])
        return cls([measurement for measurement in taken if measurement.height_cm > 0])

    def check(self):
        # `raise`, not `assert`: python -O would drop the latter
        if not self.measurements:
            raise ValueError("nothing was measured")
        if not all(m.height_cm <= GREENHOUSE_CM for m in self.measurements):
            raise ValueError("taller than the greenhouse: is the column really in mm?")
        if len({(m.plant, m.day) for m in self.measurements}) < len(self.measurements):
            raise ValueError("a plant was measured twice on one day")
        return self

    @property
    def spread(self):
        ordered = sorted(m.height_cm for m in self.measurements)
        return ordered[-1] - ordered[0]

    def by_plant(self):
        ordered = sorted(self.measurements, key=attrgetter("plant", "day"))
        for plant, series in groupby(ordered, key=attrgetter("plant")):
            yield plant, list(series)

    def growth(self):
        rates = {}
        for plant, (first, *others) in self.by_plant():
            if others:
                last = others[-1]
                rates[plant] = round((last.height_cm - first.height_cm) / (last.day - first.day), 3)
        return rates

    def thirsty(self):
        return [
            plant
            for plant, series in self.by_plant()  # comes sorted by name
            if statistics.mean(m.water_ml for m in series) < THIRSTY_BELOW_ML
        ]


def analyse(path):
    house = Greenhouse.load(path).check()
    return dict(
        thirsty=house.thirsty(),
        growth_cm_per_day=house.growth(),
        spread_cm=round(house.spread, 2),
        measurements=len(house.measurements),
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", metavar="DATA", type=Path)
    parser.add_argument("results", metavar="RESULTS", type=Path)
    options = parser.parse_args()
    found = analyse(options.data)
    pprint.pp(found)
    options.results.write_text(json.dumps(found, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")


if __name__ == "__main__":
    main()
