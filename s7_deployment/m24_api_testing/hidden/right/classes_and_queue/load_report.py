"""The same figures with numpy and pandas."""

import numpy as np
import pandas as pd


def summarise(path):
    log = pd.read_csv(path)
    succeeded = log[log.status < 400]
    if succeeded.empty:
        raise ValueError("nothing succeeded")
    p50, p99 = np.percentile(succeeded.response_time_ms, [50, 99], method="inverted_cdf")
    duration = (log.timestamp + log.response_time_ms / 1e3).max() - log.timestamp.min()
    return {
        "requests": len(log),
        "failure_rate": float((log.status >= 400).mean()),
        "p50": float(p50),
        "p99": float(p99),
        "throughput": float(len(succeeded) / duration),
    }
