"""Train the autoencoder of vae_mnist_bugs.py on the digits. Given.

python train.py
"""

import torch
from vae_mnist_bugs import Decoder, Encoder, Model, train_epoch

from mlops_course.digits import digit_tensors

if __name__ == "__main__":
    torch.manual_seed(0)
    digits = digit_tensors("train")[0].flatten(1)
    model = Model(Encoder(784, 64, 64), Decoder(64, 64, 784))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for epoch in range(10):
        print(f"Epoch {epoch}: loss {train_epoch(model, digits.split(100), optimizer):.1f}")
