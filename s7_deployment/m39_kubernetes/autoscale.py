"""How many pods should there be? The arithmetic of the horizontal pod autoscaler."""

from collections.abc import Sequence

Metric = tuple[float, Sequence[float | None]]  # the target, and the value of each pod: None where it is missing


def desired_replicas(
    current: int, metrics: Sequence[Metric], ready: Sequence[bool], low: int, high: int, tolerance: float = 0.1
) -> int:
    """Return the number of pods that the autoscaler would ask for, within `low` and `high`.

    There are `current` pods: `ready` and the values of each metric have one entry for each, in the same order.
    """
    raise NotImplementedError("TODO: compute the number of pods")
