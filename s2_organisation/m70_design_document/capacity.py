"""How much of everything: requests, replicas, storage, labels, money."""


def peak_per_second(per_day: float, busiest_share: float, busiest_hours: float) -> float:
    """Return the requests per second in the busiest hours, in which that share of a day's requests comes."""
    raise NotImplementedError("TODO: compute the peak")


def replicas(per_second: float, seconds_each: float, utilisation: float = 0.7, spare: int = 1) -> int:
    """Return how many replicas serve that many requests per second, one at a time each, and the spare ones."""
    raise NotImplementedError("TODO: count the replicas")


def storage_gb(per_day: float, days_kept: int, bytes_each: float, copies: int) -> float:
    """Return the gigabytes (10**9 bytes) in store once the first day's data are due to be erased."""
    raise NotImplementedError("TODO: compute the storage")


def labels_needed(rate: float, half_width: float, z: float = 1.96) -> int:
    """Return how many labels measure a share near `rate` to ± `half_width` (normal approximation)."""
    raise NotImplementedError("TODO: count the labels")


def cost_per_year(
    *,
    replicas: int,
    replica_hour: float,
    storage_gb: float,
    gb_month: float,
    labels: int,
    rounds: int,
    readers: int,
    seconds_each: float,
    wage: float,
) -> float:
    """Return the cost of a year of 365 days, in euros.

    All replicas run all the time. `labels` cards are labelled `rounds` times a year, each by all `readers`, which takes
    each of them `seconds_each` at an hourly `wage`.
    """
    raise NotImplementedError("TODO: add up machines, storage and people")
