"""What will it cost, what is the cheapest machine that will do, and will the cloud let us have it?"""

import math
from collections.abc import Mapping, Sequence

from resources import HOURS_PER_MONTH, Instance, Prices


def hourly_cost(instance: Instance, prices: Prices) -> float:
    """Dollars an hour for machine, GPUs and disk while the instance runs.

    Raises:
        ValueError: the machine or the GPU is not in the price list.
    """
    rate = "spot" if instance.spot else "hourly"
    cost = instance.disk_gb * prices["disk_gb_month"] / HOURS_PER_MONTH
    cost += _entry(prices["machines"], instance.machine)[rate]
    if instance.gpu is not None:
        cost += instance.gpus * _entry(prices["gpus"], instance.gpu)[rate]
    return cost


def _entry(table: Prices, name: str) -> Prices:
    if name not in table:
        raise ValueError(f"{name} is not in the price list")
    return table[name]


def cheapest_machine(prices: Prices, cpus: int, memory_gb: float, region: str) -> str:
    """The machine with the lowest hourly price among those of the region with so many CPUs and so much memory.

    Raises:
        LookupError: there is none.
    """
    fitting = [
        (machine["hourly"], name)
        for name, machine in prices["machines"].items()
        if machine["cpus"] >= cpus and machine["memory_gb"] >= memory_gb and region in machine["regions"]
    ]
    if not fitting:
        raise LookupError(f"no machine in {region} has {cpus} CPUs and {memory_gb} GB")
    return min(fitting)[1]


def exceeded_quotas(
    instances: Sequence[Instance], limits: Mapping[str, int], usage: Mapping[str, int], prices: Prices
) -> list[str]:
    """The quotas, sorted by name, that these instances together with what is in use would exceed.

    Quotas: INSTANCES, CPUS, GPUS and DISKS_TOTAL_GB. One without a limit is not exceeded; one that `usage` does not
    name is unused. To reach a limit is not to exceed it.
    """
    wanted = {
        "INSTANCES": len(instances),
        "CPUS": sum(_entry(prices["machines"], instance.machine)["cpus"] for instance in instances),
        "GPUS": sum(instance.gpus for instance in instances),
        "DISKS_TOTAL_GB": sum(instance.disk_gb for instance in instances),
    }
    return sorted(
        name for name, amount in wanted.items() if name in limits and amount > limits[name]
    )


def hours_left(budget: float, spent: float, instances: Sequence[Instance], prices: Prices) -> float:
    """How many hours the instances can all run until the budget is spent: 0 when it is, infinity when none runs."""
    hourly = sum(hourly_cost(instance, prices) for instance in instances)
    left = max(budget - spent, 0.0)
    if hourly == 0:
        return math.inf if left else 0.0
    return left / hourly
