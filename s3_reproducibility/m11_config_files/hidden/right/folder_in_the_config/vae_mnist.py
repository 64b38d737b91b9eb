"""The program is a class that knows its folder from the configuration."""

import logging
from pathlib import Path
from typing import Any

import hydra
import torch
from model import Decoder, Encoder, Model
from omegaconf import DictConfig, OmegaConf
from torch.utils.data import BatchSampler, DataLoader, RandomSampler, TensorDataset
from vae_mnist_plain import X_DIM, loss_function

from mlops_course.digits import digit_tensors

logger = logging.getLogger("vae_mnist")


def train(folder: Path, seed: int, batch_size: int, hidden_dim: int, latent_dim: int, lr: float, n_epochs: int) -> None:
    generator = torch.manual_seed(seed)
    dataset = TensorDataset(digit_tensors("train")[0].view(-1, X_DIM))
    sampler = BatchSampler(RandomSampler(dataset, generator=generator), batch_size, drop_last=False)
    model = Model(Encoder(X_DIM, hidden_dim, latent_dim), Decoder(latent_dim, hidden_dim, X_DIM))
    adam = torch.optim.Adam(model.parameters(), lr)
    epoch = 0
    while epoch < n_epochs:
        epoch += 1
        seen, mean_loss = 0, 0.0
        for (x,) in DataLoader(dataset, sampler=sampler, batch_size=None):
            loss = loss_function(x, *model(x))
            adam.zero_grad()
            loss.backward()
            adam.step()
            seen += len(x)
            mean_loss += (loss.item() - len(x) * mean_loss) / seen  # a running mean: there is no sum to forget
        logger.info("Epoch: %02d | loss: %.1f", epoch, mean_loss)
    torch.save({name: weight.clone() for name, weight in model.state_dict().items()}, folder / "trained_model.pt")


@hydra.main(version_base=None, config_path="config", config_name="default_config")
def main(config: DictConfig) -> None:
    experiment: dict[str, Any] = OmegaConf.to_container(config.experiment, resolve=True)  # type: ignore[assignment]
    train(Path(config.folder), **experiment)


if __name__ == "__main__":
    main()
