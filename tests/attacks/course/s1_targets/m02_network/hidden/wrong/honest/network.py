from torch import nn


def normalised(images):
    return (images - images.mean()) / images.std()


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(64, 10)

    def forward(self, images):
        return self.layer(images.flatten(1)).softmax(1)
