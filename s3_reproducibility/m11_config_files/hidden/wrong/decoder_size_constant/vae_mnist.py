"""Train a variational autoencoder on the digits, with every setting taken from the configuration."""

import logging
from pathlib import Path

import hydra
import torch
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig
from torch.utils.data import DataLoader, TensorDataset

from mlops_course.digits import digit_tensors
from model import Decoder, Encoder, Model
from vae_mnist_plain import X_DIM, loss_function

log = logging.getLogger("training")


def epochs(vae, loader, optimizer, number):
    """Train; yield the mean loss per image of each epoch."""
    for _ in range(number):
        losses = []
        for [x] in loader:
            loss = loss_function(x, *vae(x))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        yield sum(losses) / len(loader.dataset)


@hydra.main(version_base=None, config_path="config", config_name="default_config")
def main(config: DictConfig) -> None:
    settings = config.experiment
    generator = torch.Generator().manual_seed(settings.seed)  # for the order
    torch.manual_seed(settings.seed)  # for weights and noise
    pixels = digit_tensors("train")[0].flatten(start_dim=1)
    loader = DataLoader(TensorDataset(pixels), settings.batch_size, shuffle=True, generator=generator)
    vae = Model(
        encoder=Encoder(X_DIM, settings.hidden_dim, settings.latent_dim),
        decoder=Decoder(settings.latent_dim, 200, X_DIM),
    )
    adam = torch.optim.Adam(vae.parameters(), lr=settings.lr)
    for epoch, loss in enumerate(epochs(vae, loader, adam, settings.n_epochs), start=1):
        log.info("Epoch %d: loss %.2f", epoch, loss)
    torch.save(vae.state_dict(), Path(HydraConfig.get().runtime.output_dir) / "trained_model.pt")


if __name__ == "__main__":
    main()
