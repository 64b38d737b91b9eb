"""What a load test says about an API, from the log of its requests."""

import csv
import math
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple


class Request(NamedTuple):
    """A row of the log."""

    sent: float
    ms: float
    status: int

    @property
    def answered(self) -> float:
        return self.sent + self.ms / 1000

    @property
    def failed(self) -> bool:
        return self.status >= 400


def nearest_rank(times: list[float], percent: int) -> float:
    """The k-th smallest of the times, k exactly rounded up: no floating-point number comes in between."""
    k = math.ceil(Fraction(len(times) * percent, 100))
    return sorted(times)[k - 1]


def summarise(path: Path) -> dict[str, float]:
    """Summarise a CSV log with the columns `timestamp` (s), `response_time_ms` and `status`; rows in any order."""
    with open(path, newline="", encoding="utf-8-sig") as file:
        log = [
            Request(float(row["timestamp"]), float(row["response_time_ms"]), int(float(row["status"])))
            for row in csv.DictReader(file)
        ]
    times = [request.ms for request in log if not request.failed]
    if not times:
        raise ValueError(f"{path}: no request succeeded")
    seconds = max(request.answered for request in log) - min(request.sent for request in log)
    return dict(
        throughput=len(times) / seconds if seconds else math.inf,
        p99=nearest_rank(times, 99),
        p50=nearest_rank(times, 50),
        failure_rate=1 - len(times) / len(log),
        requests=len(log),
    )
