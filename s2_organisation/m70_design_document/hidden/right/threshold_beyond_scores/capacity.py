"""How much of everything: requests, replicas, storage, labels, money."""

import math

HOURS_PER_YEAR = 365 * 24


def whole(number: float) -> int:
    """Round up, but not for what is only the noise of floating point."""
    nearest = round(number)
    return nearest if math.isclose(number, nearest, rel_tol=1e-9, abs_tol=1e-12) else math.ceil(number)


def peak_per_second(per_day: float, busiest_share: float, busiest_hours: float) -> float:
    """Return the requests per second in the busiest hours, in which that share of a day's requests comes."""
    return per_day * busiest_share / (busiest_hours * 3600)


def replicas(per_second: float, seconds_each: float, utilisation: float = 0.7, spare: int = 1) -> int:
    """Return how many replicas serve that many requests per second, one at a time each, and the spare ones."""
    in_work = per_second * seconds_each
    return whole(in_work / utilisation) + spare


def storage_gb(per_day: float, days_kept: int, bytes_each: float, copies: int) -> float:
    """Return the gigabytes (10**9 bytes) in store once the first day's data are due to be erased."""
    return per_day * days_kept * bytes_each * copies / 1e9


def labels_needed(rate: float, half_width: float, z: float = 1.96) -> int:
    """Return how many labels measure a share near `rate` to ± `half_width` (normal approximation)."""
    return whole(rate * (1 - rate) * (z / half_width) ** 2)


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
    """Return the cost of a year of 365 days, in euros."""
    machines = replicas * replica_hour * HOURS_PER_YEAR
    storage = storage_gb * gb_month * 12
    people = labels * rounds * readers * seconds_each / 3600 * wage
    return machines + storage + people
