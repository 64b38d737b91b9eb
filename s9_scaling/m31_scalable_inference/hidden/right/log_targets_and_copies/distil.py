"""Teach a small network what a large one knows."""

import copy

import torch
import torch.nn.functional as F


def distillation_loss(student_logits, teacher_logits, targets, temperature=2.0, alpha=0.5):
    q = F.log_softmax(student_logits / temperature, dim=-1)
    p = F.log_softmax(teacher_logits.detach() / temperature, dim=-1)
    soft = F.kl_div(q, p, reduction="batchmean", log_target=True)
    return torch.lerp(F.cross_entropy(student_logits, targets), temperature**2 * soft, alpha)


def distil(teacher, student, loader, epochs=5, lr=1e-3, temperature=2.0, alpha=0.5):
    wise = copy.deepcopy(teacher).eval()  # the teacher itself is never touched
    optimizer = torch.optim.Adam(student.parameters(), lr)
    student.train()
    history = []
    for _ in range(epochs):
        losses, sizes = [], []
        for inputs, targets in loader:
            with torch.no_grad():
                advice = wise(inputs)
            loss = distillation_loss(student(inputs), advice, targets, temperature, alpha)
            student.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
            sizes.append(len(targets))
        history.append(sum(a * b for a, b in zip(losses, sizes)) / sum(sizes))
    return history
