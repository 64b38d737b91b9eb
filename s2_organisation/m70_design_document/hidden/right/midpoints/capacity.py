from fractions import Fraction
from math import ceil

HOUR = 3600


def exact(number):
    return Fraction(str(number))


def peak_per_second(per_day, busiest_share, busiest_hours):
    return float(exact(per_day) * exact(busiest_share) / exact(busiest_hours) / HOUR)


def replicas(per_second, seconds_each, utilisation=0.7, spare=1):
    return spare + ceil(exact(per_second) * exact(seconds_each) / exact(utilisation))


def storage_gb(per_day, days_kept, bytes_each, copies):
    return float(exact(per_day) * exact(days_kept) * exact(bytes_each) * copies / 10**9)


def labels_needed(rate, half_width, z=1.96):
    rate, half_width, z = map(exact, (rate, half_width, z))
    return ceil(rate * (1 - rate) / (half_width / z) ** 2)


def cost_per_year(**given):
    number = {name: exact(value) for name, value in given.items()}
    total = number["replicas"] * number["replica_hour"] * 365 * 24 + number["storage_gb"] * number["gb_month"] * 12
    seconds = number["labels"] * number["rounds"] * number["readers"] * number["seconds_each"]
    return float(total + seconds * number["wage"] / HOUR)
