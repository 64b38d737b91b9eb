"""Is this training able to learn at all? Checks that take seconds, for before the training that takes days.

A check that finds a fault raises an AssertionError, and its message says what was found.
"""

from collections.abc import Callable, Mapping

from torch import Tensor, nn
from training import Batch, Training


def smoke(training: Training, steps: int = 2) -> None:
    """Go once along every path of a training, on a few batches: train, evaluate, save, load.

    Raises:
        AssertionError: something that the exercise's task 1 lists is not so.
    """
    raise NotImplementedError("TODO: train, evaluate, save and load")


def memorise(training: Training, batch: Batch, max_steps: int = 300, target: float = 0.01) -> int:
    """Train a new model on this batch alone, dropout off, until a step's loss is below the target.

    Returns:
        How many steps were made, the one with that loss included.

    Raises:
        AssertionError: none of `max_steps` steps had a loss below the target. The message holds the last one's loss.
    """
    raise NotImplementedError("TODO: learn one batch by heart")


def check_initial_loss(model: nn.Module, batch: Batch, classes: int, tolerance: float = 0.5) -> None:
    """Ask whether a model that has learned nothing knows nothing.

    Raises:
        AssertionError: the mean cross-entropy is not a number within `tolerance` of ln(classes).
    """
    raise NotImplementedError("TODO: compare the loss with that of a guess")


def parameters_that_learn_nothing(model: nn.Module, batch: Batch) -> list[str]:
    """Return the names (of `named_parameters`) of what the mean cross-entropy of this batch will not train, or break.

    That is each parameter whose gradient is absent, zero everywhere, or somewhere not finite. A parameter that is
    frozen on purpose (`requires_grad` is False) is none of them.
    """
    raise NotImplementedError("TODO: look at the gradients")


def check_independence(model: nn.Module, inputs: Tensor) -> None:
    """Ask whether, in eval mode, the logits of each input depend on that input alone.

    Args:
        model: maps inputs to logits [B, classes].
        inputs: float32 [B, ...], at least two, each different from the others.

    Raises:
        AssertionError: the logits of one input change with another one.
    """
    raise NotImplementedError("TODO: find out what the logits depend on")


def check_reproducible(train: Callable[[int], Mapping[str, Tensor]], seed: int) -> None:
    """Ask whether `train(seed)`, which returns what it has learned by name, depends on its seed and nothing else.

    Raises:
        AssertionError: one seed gave two results that are not equal to the last bit, or two seeds gave the same one.
    """
    raise NotImplementedError("TODO: train more than once")
