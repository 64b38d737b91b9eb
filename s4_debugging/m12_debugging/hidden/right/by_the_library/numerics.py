import torch
import torch.nn.functional as F


def cross_entropy(logits, targets):
    return F.cross_entropy(logits, targets)


def clip_gradients(parameters, max_norm):
    return torch.nn.utils.clip_grad_norm_(parameters, max_norm).item()


@torch.no_grad()
def loss_history(model, batches):
    return [float(F.cross_entropy(model(images), targets)) for images, targets in batches]
