import numpy as np


def peak_per_second(per_day, busiest_share, busiest_hours):
    return per_day / (busiest_hours * 60 * 60) * busiest_share


def replicas(per_second, seconds_each, utilisation=0.7, spare=1):
    in_work = per_second * seconds_each
    return int(np.ceil(in_work / utilisation)) + spare


def storage_gb(per_day, days_kept, bytes_each, copies):
    return float(np.prod(np.array([per_day, days_kept, bytes_each, copies], dtype=float)) * 1e-9)


def labels_needed(rate, half_width, z=1.96):
    return int(np.ceil((z * np.sqrt(rate * (1 - rate)) / half_width) ** 2))


def cost_per_year(
    *, replicas, replica_hour, storage_gb, gb_month, labels, rounds, readers, seconds_each, wage
):
    hours = labels * rounds * readers * (seconds_each / 3600)
    return float(np.dot([replicas * 8760, storage_gb * 12, hours], [replica_hour, gb_month, wage]))
