"""No loader: an order drawn by a generator of its own, and the program's files go where Hydra's handler writes."""

import logging
import random

import hydra
import numpy as np
import torch
from hydra.types import RunMode
from model import Decoder, Encoder, Model
from torch.nn.functional import binary_cross_entropy

from mlops_course.digits import load_digits


def folder() -> str:
    settings = hydra.core.hydra_config.HydraConfig.get()
    if settings.mode == RunMode.MULTIRUN:
        return f"{settings.sweep.dir}/{settings.sweep.subdir}"
    return str(settings.run.dir)


@hydra.main(config_path="config", config_name="default_config.yaml", version_base="1.2")
def main(config):
    e = config["experiment"]
    for seed in (random.seed, np.random.seed, torch.manual_seed):
        seed(e["seed"])
    order = np.random.default_rng(e["seed"])
    x = torch.as_tensor(load_digits("train")[0]).flatten(1)
    model = Model(
        encoder=Encoder(784, e["hidden_dim"], e["latent_dim"]), decoder=Decoder(e["latent_dim"], e["hidden_dim"], 784)
    )
    optimizer = torch.optim.Adam(
        [{"params": model.parameters(), "lr": e["lr"], "betas": tuple(e.get("betas", (0.9, 0.999)))}]
    )
    for epoch in range(e["n_epochs"]):
        losses = np.zeros(len(x))
        for start in range(0, len(x), e["batch_size"]):
            if start == 0:
                permutation = order.permutation(len(x))
            rows = permutation[start : start + e["batch_size"]]
            x_hat, mean, log_var = model(x[rows])
            each = binary_cross_entropy(x_hat, x[rows], reduction="none").sum(1)
            each = each + 0.5 * (mean.square() + log_var.exp() - 1 - log_var).sum(1)
            optimizer.zero_grad()
            each.sum().backward()
            optimizer.step()
            losses[rows] = each.detach()
        logging.warning("Epoch %d (of %d): loss %s", epoch + 1, e["n_epochs"], f"{losses.mean():e}")
    torch.save(model.state_dict(), f"{folder()}/trained_model.pt")


if __name__ == "__main__":
    main()
