"""Teach a small network what a large one knows."""

import copy
from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch.nn import functional as F


def distillation_loss(
    student_logits: Tensor, teacher_logits: Tensor, targets: Tensor, temperature: float = 2.0, alpha: float = 0.5
) -> Tensor:
    """alpha * T^2 * KL(p_T || q_T) + (1 - alpha) * cross entropy, the mean over the batch."""
    student = F.log_softmax(student_logits / temperature, dim=1)
    teacher = F.log_softmax(teacher_logits.detach() / temperature, dim=1)
    divergence = F.kl_div(student, teacher, reduction="batchmean", log_target=True)
    return alpha * temperature**2 * divergence + (1 - alpha) * F.cross_entropy(student_logits, targets)


def distil(
    teacher: nn.Module,
    student: nn.Module,
    loader: Iterable[tuple[Tensor, Tensor]],
    epochs: int = 5,
    lr: float = 1e-3,
    temperature: float = 2.0,
    alpha: float = 0.5,
) -> list[float]:
    """Train `student` with Adam on the batches (inputs, targets) of `loader`; the teacher is not changed at all."""
    optimiser = torch.optim.Adam(student.parameters(), lr=lr)
    teacher = copy.deepcopy(teacher).eval()
    student.train()
    losses = []
    for _ in range(epochs):
        total, samples = 0.0, 0
        for inputs, targets in loader:
            with torch.no_grad():
                knowledge = teacher(inputs)
            loss = distillation_loss(student(inputs), knowledge, targets, temperature, alpha)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            total += loss.detach() * len(inputs)
            samples += len(inputs)
        losses.append(total / samples)
    return losses
