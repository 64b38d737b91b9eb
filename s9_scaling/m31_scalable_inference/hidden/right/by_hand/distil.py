"""With soft cross entropy less the teacher's entropy."""

import torch


def distillation_loss(student_logits, teacher_logits, targets, temperature=2.0, alpha=0.5):
    with torch.no_grad():
        p = torch.softmax(teacher_logits / temperature, dim=-1)
        entropy = torch.special.entr(p).sum(dim=-1)
    log_q = torch.log_softmax(student_logits / temperature, dim=-1)
    soft = -(p * log_q).sum(dim=-1) - entropy
    hard = torch.nn.CrossEntropyLoss(reduction="none")(student_logits, targets)
    return torch.mean(alpha * temperature * temperature * soft + (1.0 - alpha) * hard)


def distil(teacher, student, loader, epochs=5, lr=1e-3, temperature=2.0, alpha=0.5):
    modes = {module: module.training for module in teacher.modules()}
    teacher.eval()
    try:
        with torch.no_grad():
            batches = [(inputs, targets, teacher(inputs)) for inputs, targets in loader]
    finally:
        for module, mode in modes.items():
            module.training = mode
    optimizer = torch.optim.Adam(params=student.parameters(), lr=lr)
    student.train(True)
    history = []
    for _epoch in range(epochs):
        seen = []
        for inputs, targets, answers in batches:
            optimizer.zero_grad(set_to_none=True)
            loss = distillation_loss(student(inputs), answers, targets, temperature=temperature, alpha=alpha)
            loss.backward()
            optimizer.step()
            seen += [float(loss)] * inputs.shape[0]
        history.append(sum(seen) / len(seen))
    return history
