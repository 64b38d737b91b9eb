"""Teach a small network what a large one knows."""

import torch
from torch import nn


def distillation_loss(student_logits, teacher_logits, targets, temperature=2.0, alpha=0.5):
    with torch.no_grad():
        p = (teacher_logits / temperature).softmax(1)
        entropy = torch.special.entr(p).sum(1)
    q = (student_logits / temperature).log_softmax(1)
    divergence = -(p * q).sum(1) - entropy
    hard = nn.CrossEntropyLoss(reduction="none")(student_logits, targets)
    return (alpha * temperature * temperature * divergence + (1 - alpha) * hard).mean()


def distil(teacher, student, loader, epochs=5, lr=1e-3, temperature=2.0, alpha=0.5):
    modes = {m: m.training for m in teacher.modules()}
    adam = torch.optim.Adam(params=student.parameters(), lr=lr)
    means = torch.zeros(epochs, dtype=torch.float64)
    teacher.eval()
    try:
        student.train(True)
        for epoch in range(epochs):
            seen = 0
            for x, y in loader:
                adam.zero_grad(set_to_none=False)
                with torch.inference_mode():
                    t = teacher(x)
                loss = distillation_loss(student(x), t.clone(), y, temperature, alpha)
                loss.backward()
                adam.step()
                seen += y.numel()
                means[epoch] += (loss.detach() - means[epoch]) * y.numel() / seen
    finally:
        for m, mode in modes.items():
            m.training = mode
    return means.tolist()
