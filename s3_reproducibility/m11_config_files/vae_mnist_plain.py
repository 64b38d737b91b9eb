"""Train a variational autoencoder on the digits. Given: this program works, and every setting is a constant in it."""

import torch
from model import Decoder, Encoder, Model
from torch.utils.data import DataLoader, TensorDataset

from mlops_course.digits import digit_tensors

X_DIM = 784
SEED = 123
BATCH_SIZE = 64
HIDDEN_DIM = 200
LATENT_DIM = 20
LR = 1e-3
N_EPOCHS = 5


def loss_function(x: torch.Tensor, x_hat: torch.Tensor, mean: torch.Tensor, log_var: torch.Tensor) -> torch.Tensor:
    """Return the summed reconstruction loss plus KL divergence to a standard normal (Kingma and Welling 2014)."""
    reproduction = torch.nn.functional.binary_cross_entropy(x_hat, x, reduction="sum")
    divergence = -0.5 * torch.sum(1 + log_var - mean.pow(2) - log_var.exp())
    return reproduction + divergence


if __name__ == "__main__":
    torch.manual_seed(SEED)
    images, _ = digit_tensors("train")
    loader = DataLoader(TensorDataset(images.flatten(1)), batch_size=BATCH_SIZE, shuffle=True)
    model = Model(Encoder(X_DIM, HIDDEN_DIM, LATENT_DIM), Decoder(LATENT_DIM, HIDDEN_DIM, X_DIM))
    optimizer = torch.optim.Adam(model.parameters(), lr=LR)
    for epoch in range(1, N_EPOCHS + 1):
        total = 0.0
        for (x,) in loader:
            optimizer.zero_grad()
            loss = loss_function(x, *model(x))
            loss.backward()
            optimizer.step()
            total += loss.item()
        print(f"Epoch {epoch}: loss {total / len(images):.2f}")
    torch.save(model.state_dict(), "trained_model.pt")
