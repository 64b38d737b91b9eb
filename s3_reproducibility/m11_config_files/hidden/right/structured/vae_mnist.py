"""Settings with types, checked by a dataclass, and an optimiser made by Hydra."""

import logging
import os
from dataclasses import dataclass, field
from typing import Any

import torch
from hydra import main as hydra_main
from hydra.core.config_store import ConfigStore
from hydra.core.hydra_config import HydraConfig
from hydra.utils import instantiate
from model import Decoder, Encoder, Model
from omegaconf import MISSING
from torch.utils.data import DataLoader
from vae_mnist_plain import loss_function

from mlops_course.digits import digit_tensors


@dataclass
class Experiment:
    seed: int = MISSING
    batch_size: int = MISSING
    hidden_dim: int = MISSING
    latent_dim: int = MISSING
    lr: float = MISSING
    n_epochs: int = MISSING


@dataclass
class Config:
    experiment: Experiment = field(default_factory=Experiment)
    optimizer: dict[str, Any] = field(default_factory=dict)


ConfigStore.instance().store(name="schema", node=Config)


class Trainer:
    def __init__(self, config: Config) -> None:
        settings = config.experiment
        torch.random.manual_seed(settings.seed)
        self.images = digit_tensors("train")[0].flatten(start_dim=1)
        self.model = Model(
            encoder=Encoder(784, settings.hidden_dim, settings.latent_dim),
            decoder=Decoder(settings.latent_dim, settings.hidden_dim, 784),
        )
        self.optimizer = instantiate(config.optimizer, params=self.model.parameters())
        self.loader = DataLoader(self.images, settings.batch_size, shuffle=True)

    def epoch(self) -> float:
        losses = []
        for images in self.loader:
            self.optimizer.zero_grad(set_to_none=False)
            losses.append(loss_function(images, *self.model(images)))
            losses[-1].backward()
            self.optimizer.step()
        return sum(loss.item() for loss in losses) / len(self.images)


@hydra_main(version_base=None, config_path="config", config_name="default_config")
def main(config: Config) -> None:
    trainer = Trainer(config)
    for number in range(1, config.experiment.n_epochs + 1):
        logging.getLogger("vae").info("Epoch %s/%s: loss %s", number, config.experiment.n_epochs, trainer.epoch())
    torch.save(trainer.model.state_dict(), os.path.join(HydraConfig.get().runtime.output_dir, "trained_model.pt"))


if __name__ == "__main__":
    main()
