"""Teach a small network what a large one knows."""

from collections.abc import Iterable

from torch import Tensor, nn


def distillation_loss(
    student_logits: Tensor, teacher_logits: Tensor, targets: Tensor, temperature: float = 2.0, alpha: float = 0.5
) -> Tensor:
    """alpha * T^2 * KL(p_T || q_T) + (1 - alpha) * cross entropy, the mean over the batch.

    p_T and q_T are the teacher's and the student's softmax at temperature T; the cross entropy is the student's, with
    the targets, at temperature 1. No gradient flows to the teacher.
    Source: Hinton, Vinyals, Dean, Distilling the Knowledge in a Neural Network (2015).

    Args:
        student_logits: [N, classes].
        teacher_logits: [N, classes].
        targets: int64 [N].
        temperature: T.
        alpha: how much the teacher's word counts.

    Returns:
        The loss, a scalar.
    """
    raise NotImplementedError("TODO: compute the loss")


def distil(
    teacher: nn.Module,
    student: nn.Module,
    loader: Iterable[tuple[Tensor, Tensor]],
    epochs: int = 5,
    lr: float = 1e-3,
    temperature: float = 2.0,
    alpha: float = 0.5,
) -> list[float]:
    """Train `student` with Adam on the batches (inputs, targets) of `loader`; the teacher is not changed at all.

    Returns:
        The mean loss over all samples of each epoch.
    """
    raise NotImplementedError("TODO: train the student")
