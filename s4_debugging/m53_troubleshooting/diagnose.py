"""What is wrong with a training, by its curves?"""

from curves import Curves


def diagnose(curves: Curves) -> set[str]:
    """Return what is found: "learning rate" alone, or any of "underfitting", "overfitting" and "drift", or nothing.

    A difference between two curves counts only where it is large beside their jitter: see the text.
    """
    raise NotImplementedError("TODO: diagnose the training")
