import logging

import hydra
import torch
from model import Decoder, Encoder, Model
from torch.nn import functional as F

from mlops_course.digits import load_digits


def loss(x, x_hat, mean, log_var):
    return F.binary_cross_entropy(x_hat, x, reduction="sum") + 0.5 * (mean**2 + log_var.exp() - log_var - 1).sum()


def build(cfg):
    e = cfg.experiment
    return Model(Encoder(cfg.x_dim, e.hidden_dim, e.latent_dim), Decoder(e.latent_dim, e.hidden_dim, cfg.x_dim))


def one_epoch(model, optimizer, images, batch_size):
    summed = 0
    for batch in images[torch.randperm(len(images))].split(batch_size):
        value = loss(batch, *model(batch))
        model.zero_grad()
        value.backward()
        optimizer.step()
        summed += float(value)
    return summed / len(images)


@hydra.main(version_base="1.3", config_path="config", config_name="default_config")
def main(cfg):
    torch.manual_seed(cfg.experiment.seed)
    images = torch.from_numpy(load_digits("train")[0]).reshape(-1, cfg.x_dim)
    model = build(cfg)
    optimizer = torch.optim.AdamW(model.parameters(), cfg.experiment.lr)
    for epoch in range(cfg.experiment.n_epochs):
        average = one_epoch(model, optimizer, images, cfg.experiment.batch_size)
        logging.info(f"epoch {epoch + 1} of {cfg.experiment.n_epochs} done, loss = {average}")
    torch.save(model.state_dict(), "trained_model.pt")  # Hydra has changed into the folder of the run


main()
