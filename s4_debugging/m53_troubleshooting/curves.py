"""What is known of a training that has ended. Given."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Curves:
    """The losses of one training, one number for each epoch, twenty epochs or more; lower is better.

    train: on the training data. validation: on held-out data from the same source. production: on labelled data from
    where the model is used, measured after each epoch as well; None as long as there is no such data. goal: the loss
    that would be good enough, say what people reach.
    """

    train: list[float]
    validation: list[float]
    production: list[float] | None
    goal: float
