from collections import Counter
from math import inf

from resources import HOURS_PER_MONTH


def hourly_cost(instance, prices):
    kind = ("hourly", "spot")[instance.spot]
    try:
        parts = [prices["machines"][instance.machine][kind]]
        if instance.gpu:
            parts.append(prices["gpus"][instance.gpu][kind] * instance.gpus)
    except KeyError as error:
        raise ValueError(f"not in the price list: {error}") from error
    parts.append(prices["disk_gb_month"] * instance.disk_gb / HOURS_PER_MONTH)
    return sum(parts)


def cheapest_machine(prices, cpus, memory_gb, region):
    for name in sorted(prices["machines"], key=lambda name: prices["machines"][name]["hourly"]):
        machine = prices["machines"][name]
        if region in machine["regions"] and machine["cpus"] >= cpus and machine["memory_gb"] >= memory_gb:
            return name
    raise LookupError("nothing fits")


def exceeded_quotas(instances, limits, usage, prices):
    total = Counter(usage)
    for instance in instances:
        total.update(
            INSTANCES=1,
            CPUS=prices["machines"][instance.machine]["cpus"],
            GPUS=instance.gpus,
            DISKS_TOTAL_GB=instance.disk_gb,
        )
    return sorted(name for name in limits if total[name] > limits[name])


def hours_left(budget, spent, instances, prices):
    if spent >= budget:
        return 0.0
    per_hour = 0.0
    for instance in instances:
        per_hour += hourly_cost(instance, prices)
    return (budget - spent) / per_hour if per_hour else inf
