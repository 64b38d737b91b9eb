"""The loss by its cross entropies, the teacher under hooks of a context that puts everything back."""

import contextlib
from collections.abc import Iterable, Iterator

import torch
from torch import Tensor, nn


def distillation_loss(
    student_logits: Tensor, teacher_logits: Tensor, targets: Tensor, temperature: float = 2.0, alpha: float = 0.5
) -> Tensor:
    with torch.no_grad():
        p = torch.softmax(teacher_logits / temperature, dim=-1)
        entropy = torch.special.entr(p).sum(dim=-1).mean()
    soft = nn.functional.cross_entropy(student_logits / temperature, p) - entropy
    return torch.lerp(nn.CrossEntropyLoss()(student_logits, targets), temperature * temperature * soft, alpha)


@contextlib.contextmanager
def evaluating(model: nn.Module) -> Iterator[nn.Module]:
    modes = {module: module.training for module in model.modules()}
    try:
        yield model.eval()
    finally:
        for module, mode in modes.items():
            module.training = mode


def distil(
    teacher: nn.Module,
    student: nn.Module,
    loader: Iterable[tuple[Tensor, Tensor]],
    epochs: int = 5,
    lr: float = 1e-3,
    temperature: float = 2.0,
    alpha: float = 0.5,
) -> list[float]:
    student.train()
    adam = torch.optim.Adam([{"params": student.parameters()}], lr=lr, foreach=False)

    def epoch() -> float:
        seen: list[tuple[float, int]] = []
        for x, y in loader:
            adam.zero_grad()
            with torch.no_grad():
                said = teacher(x)
            loss = distillation_loss(student(x), said, y, temperature, alpha)
            loss.backward()
            adam.step()
            seen.append((float(loss), y.numel()))
        return sum(loss * size for loss, size in seen) / sum(size for _, size in seen)

    with evaluating(teacher):
        return [epoch() for _ in range(epochs)]
