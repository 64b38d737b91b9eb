"""What will it cost, what is the cheapest machine that will do, and will the cloud let us have it?"""

from collections.abc import Mapping, Sequence

from resources import Instance, Prices


def hourly_cost(instance: Instance, prices: Prices) -> float:
    """Dollars an hour for machine, GPUs and disk while the instance runs.

    Raises:
        ValueError: the machine or the GPU is not in the price list.
    """
    raise NotImplementedError("TODO: add up machine, GPUs and disk")


def cheapest_machine(prices: Prices, cpus: int, memory_gb: float, region: str) -> str:
    """The machine with the lowest hourly price among those of the region with so many CPUs and so much memory.

    Raises:
        LookupError: there is none.
    """
    raise NotImplementedError("TODO: find the cheapest machine that will do")


def exceeded_quotas(
    instances: Sequence[Instance], limits: Mapping[str, int], usage: Mapping[str, int], prices: Prices
) -> list[str]:
    """The quotas, sorted by name, that these instances together with what is in use would exceed.

    Quotas: INSTANCES, CPUS, GPUS and DISKS_TOTAL_GB. One without a limit is not exceeded; one that `usage` does not
    name is unused. To reach a limit is not to exceed it.
    """
    raise NotImplementedError("TODO: compare what is wanted and what is in use with the limits")


def hours_left(budget: float, spent: float, instances: Sequence[Instance], prices: Prices) -> float:
    """How many hours the instances can all run until the budget is spent: 0 when it is, infinity when none runs."""
    raise NotImplementedError("TODO: divide what is left by what an hour costs")
