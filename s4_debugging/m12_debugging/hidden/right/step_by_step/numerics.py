"""The same by hand, step by step."""

import math

import torch


def cross_entropy(logits, targets):
    total = logits.new_zeros(())
    for row, target in zip(logits, targets):
        shifted = row - row.max().detach()
        total = total + shifted.exp().sum().log() - shifted[target]
    return total / len(targets)


def clip_gradients(parameters, max_norm):
    parameters = [parameter for parameter in parameters if parameter.grad is not None]
    norm = math.sqrt(math.fsum(float(torch.linalg.vector_norm(p.grad)) ** 2 for p in parameters))
    factor = min(1, max_norm / (norm + 1e-12))
    for parameter in parameters:
        parameter.grad = parameter.grad * factor
    return norm


def loss_history(model, batches):
    losses = torch.nn.CrossEntropyLoss()
    history = []
    for images, targets in batches:
        loss = losses(model(images), targets)
        history.append(loss.tolist())
        del loss
    return history
