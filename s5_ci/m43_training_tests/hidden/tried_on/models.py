"""Models that the checks are tried on."""

import torch
from torch import nn

FEATURES, CLASSES = 6, 5


class Guess(nn.Module):
    """The same logits for every input."""

    def __init__(self, logits):
        super().__init__()
        self.logits = nn.Parameter(torch.tensor(logits))

    def forward(self, inputs):
        return self.logits + 0 * inputs.sum(1, keepdim=True)


class Three(nn.Module):
    """Three layers; what flows between the first and the second is `between`'s to say."""

    def __init__(self):
        super().__init__()
        self.encoder = nn.Linear(FEATURES, 8)
        self.middle = nn.Linear(8, 8)
        self.head = nn.Linear(8, CLASSES)

    def between(self, features):
        return features

    def forward(self, inputs):
        return self.head(self.middle(self.between(self.encoder(inputs))).tanh())


class Detached(Three):
    def between(self, features):
        return features.detach()


class Spare(Three):
    def __init__(self):
        super().__init__()
        self.spare = nn.Linear(8, 8)


class Dead(Three):
    def between(self, features):
        return (features - 1000).relu()


class Gain(Three):
    """The gradient of one of the gains is not a number."""

    def __init__(self):
        super().__init__()
        self.gain = nn.Parameter(torch.tensor([1.0, 2.0, 3.0, 0.5, 1.5]))

    def forward(self, inputs):
        return super().forward(inputs) * (1 + (self.gain - 1).square().sqrt())


class Offset(Three):
    """The gradient of the offset is infinite."""

    def __init__(self):
        super().__init__()
        self.offset = nn.Parameter(torch.zeros(CLASSES))

    def forward(self, inputs):
        return super().forward(inputs) + self.offset.sqrt()


class Frozen(Three):
    def __init__(self):
        super().__init__()
        self.encoder.requires_grad_(False)


class Bag(nn.Module):
    """Words: most rows of the embedding are in no batch."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(200, 8)
        self.head = nn.Linear(8, CLASSES)

    def forward(self, inputs):
        return self.head(self.embedding(inputs).mean(1))


class Normalised(nn.Sequential):
    def __init__(self):
        super().__init__(
            nn.Linear(FEATURES, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Dropout(0.5), nn.Linear(16, 16),
            nn.BatchNorm1d(16), nn.ReLU(), nn.Linear(16, CLASSES),
        )  # fmt: skip


class Centred(nn.Sequential):
    """Logits whose sum is 0 for every input."""

    def __init__(self):
        super().__init__(nn.Linear(FEATURES, 16), nn.Tanh(), nn.Linear(16, CLASSES))

    def forward(self, inputs):
        logits = super().forward(inputs)
        return logits - logits.mean(1, keepdim=True)


class Attending(nn.Module):
    """Inputs [B, 4, 8]: each word looks at the other words of its sentence."""

    batch_first = True

    def __init__(self):
        super().__init__()
        self.attention = nn.MultiheadAttention(8, 2, batch_first=self.batch_first)
        self.head = nn.Linear(8, CLASSES)

    def forward(self, inputs):
        return self.head(self.attention(3 * inputs, 3 * inputs, inputs)[0].mean(1))


class AttendingOthers(Attending):
    batch_first = False


class Viewed(nn.Module):
    """Inputs [B, 4, 8], whose first two dimensions should have been transposed."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(8, CLASSES)

    def forward(self, inputs):
        return self.layer(inputs.view(inputs.shape[1], inputs.shape[0], -1)).mean(0)


class CentredOverBatch(Centred):
    def forward(self, inputs):
        logits = super().forward(inputs)
        return logits - logits.mean(0)


class LastTwo(nn.Sequential):
    def __init__(self):
        super().__init__(nn.Linear(FEATURES, 16), nn.Tanh(), nn.Linear(16, CLASSES))

    def forward(self, inputs):
        logits = super().forward(inputs)
        return torch.cat([logits[:-2], logits[-2:].flip(0)])


class AlwaysNormalising(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Linear(FEATURES, 16), nn.Linear(16, CLASSES)

    def forward(self, inputs):
        features = self.first(inputs)
        features = (features - features.mean(0)) / (features.var(0, correction=0) + 1e-5).sqrt()
        return self.second(features.relu())


def state(model):
    """Everything of a model that a check could leave other than it was."""
    found = {f"{name} (value)": value.detach().clone() for name, value in model.state_dict().items()}
    for name, weight in model.named_parameters():
        found[f"{name} (gradient)"] = None if weight.grad is None else weight.grad.clone()
        found[f"{name} (requires_grad)"] = weight.requires_grad
    for name, module in model.named_modules():
        found[f"{name or 'the model'} (training)"] = module.training
    return found
