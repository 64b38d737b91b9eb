"""With KLDivLoss summed, and a copy of the teacher as a function."""

import torch
import torch.nn.functional as F
from torch import nn
from torch.func import functional_call


def distillation_loss(student_logits, teacher_logits, targets, temperature=2.0, alpha=0.5):
    n = student_logits.size(0)
    divergence = nn.KLDivLoss(reduction="sum")(
        F.log_softmax(student_logits / temperature, dim=-1),
        F.softmax(teacher_logits.detach() / temperature, dim=-1),
    )
    return (divergence / n) * (alpha * temperature**2) + F.cross_entropy(student_logits, targets) * (1 - alpha)


def distil(teacher, student, loader, epochs=5, lr=1e-3, temperature=2.0, alpha=0.5):
    state = {k: v.detach().clone() for k, v in teacher.state_dict().items()}
    was_training = {name: m.training for name, m in teacher.named_modules()}
    optimiser = torch.optim.Adam(student.parameters(), lr)
    means = []
    for _ in range(epochs):
        student.train()
        losses, sizes = [], []
        for x, y in loader:
            teacher.eval()
            with torch.no_grad():
                answer = functional_call(teacher, state, (x,))
            loss = distillation_loss(student(x), answer, y, temperature, alpha)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            losses.append(loss.detach())
            sizes.append(len(x))
        weights = torch.tensor(sizes, dtype=torch.float64)
        means.append(float((torch.stack(losses).double() * weights).sum() / weights.sum()))
    for name, m in teacher.named_modules():
        m.training = was_training[name]
    return means
