"""What a load test says about an API, from the log of its requests: with pandas."""

from pathlib import Path

import numpy as np
import pandas as pd

NEEDED = ["status", "timestamp", "response_time_ms"]


def summarise(path: Path) -> dict[str, float]:
    log = pd.read_csv(path, usecols=NEEDED, float_precision="round_trip")
    answered = log.timestamp + log.response_time_ms / 1e3
    fine = log.status.lt(400)
    times = np.sort(log.loc[fine, "response_time_ms"].to_numpy(dtype=float))
    n = len(times)
    if n == 0:
        raise ValueError("nothing succeeded, so that there is nothing to summarise")
    ranks = {f"p{percent}": -(-n * percent // 100) for percent in (50, 99)}
    return {
        "requests": float(len(log)),
        "failure_rate": float((~fine).mean()),
        **{name: float(times[rank - 1]) for name, rank in ranks.items()},
        "throughput": float(np.divide(n, answered.max() - log.timestamp.min())),
    }
