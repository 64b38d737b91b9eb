"""How much of everything: requests, replicas, storage, labels, money. In fractions, so that nothing is rounded twice."""

from fractions import Fraction


def exact(number) -> Fraction:
    """What the number was meant to be: 0.7 is seven tenths."""
    return Fraction(repr(float(number)))


def peak_per_second(per_day: float, busiest_share: float, busiest_hours: float) -> float:
    """Return the requests per second in the busiest hours, in which that share of a day's requests comes."""
    return float(exact(per_day) * exact(busiest_share) / exact(busiest_hours) / 3600)


def replicas(per_second: float, seconds_each: float, utilisation: float = 0.7, spare: int = 1) -> int:
    """Return how many replicas serve that many requests per second, one at a time each, and the spare ones."""
    return spare - int((-exact(per_second) * exact(seconds_each)) // exact(utilisation))


def storage_gb(per_day: float, days_kept: int, bytes_each: float, copies: int) -> float:
    """Return the gigabytes (10**9 bytes) in store once the first day's data are due to be erased."""
    return float(copies * days_kept * exact(per_day) * exact(bytes_each) / 10**9)


def labels_needed(rate: float, half_width: float, z: float = 1.96) -> int:
    """Return how many labels measure a share near `rate` to ± `half_width` (normal approximation)."""
    p, h = exact(rate), exact(half_width)
    return -int(-(exact(z) ** 2 * p * (1 - p)) // h**2)


def cost_per_year(**what: float) -> float:
    """Return the cost of a year of 365 days, in euros."""
    hours_read = what["labels"] * what["rounds"] * what["readers"] * what["seconds_each"] / 3600
    return sum(
        (
            hours_read * what["wage"],
            what["storage_gb"] * 12 * what["gb_month"],
            what["replicas"] * 365 * 24 * what["replica_hour"],
        )
    )
