"""What happens during an update: how many pods of the old and of the new version there are, move by move."""


def rollout_states(replicas: int, max_surge: int | str, max_unavailable: int | str) -> list[tuple[int, int]]:
    """Return (old, new) at the beginning and after each move that changes something, until all pods are new.

    The limits are numbers of pods, or texts such as "25%". Raises ValueError if both are written as zero.
    """
    raise NotImplementedError("TODO: play the update through")
