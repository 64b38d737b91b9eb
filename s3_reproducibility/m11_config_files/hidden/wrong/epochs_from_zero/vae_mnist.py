"""Train a variational autoencoder on the digits, with every setting taken from the configuration.

python vae_mnist.py experiment=exp2 experiment.lr=1e-2
"""

import logging
from pathlib import Path

import hydra
import torch
from hydra.core.hydra_config import HydraConfig
from model import Decoder, Encoder, Model
from omegaconf import DictConfig
from torch.utils.data import DataLoader, TensorDataset
from vae_mnist_plain import loss_function

from mlops_course.digits import digit_tensors

X_DIM = 784
log = logging.getLogger(__name__)


@hydra.main(version_base=None, config_path="config", config_name="default_config")
def main(config: DictConfig) -> None:
    """Train as `vae_mnist_plain.py` does; leave `trained_model.pt` and a log in the folder of this run."""
    settings = config.experiment
    torch.manual_seed(settings.seed)
    images, _ = digit_tensors("train")
    loader = DataLoader(TensorDataset(images.flatten(1)), batch_size=settings.batch_size, shuffle=True)
    encoder = Encoder(X_DIM, settings.hidden_dim, settings.latent_dim)
    model = Model(encoder, Decoder(settings.latent_dim, settings.hidden_dim, X_DIM))
    optimizer = torch.optim.Adam(model.parameters(), lr=settings.lr)
    for epoch in range(settings.n_epochs):
        total = 0.0
        for (x,) in loader:
            optimizer.zero_grad()
            loss = loss_function(x, *model(x))
            loss.backward()
            optimizer.step()
            total += loss.item()
        log.info("Epoch %d: loss %.2f", epoch, total / len(images))
    torch.save(model.state_dict(), Path(HydraConfig.get().runtime.output_dir) / "trained_model.pt")


if __name__ == "__main__":
    main()
