"""What a load test says about an API, from the log of its requests."""

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
    raise NotImplementedError("TODO: read the log and compute the figures")
