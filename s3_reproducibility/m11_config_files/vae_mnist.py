"""Train a variational autoencoder on the digits, with every setting taken from the configuration.

python vae_mnist.py experiment=exp2 experiment.lr=1e-2
"""

import hydra
from omegaconf import DictConfig


@hydra.main(version_base=None, config_path="config", config_name="default_config")
def main(config: DictConfig) -> None:
    """Train as `vae_mnist_plain.py` does; leave `trained_model.pt` and a log in the folder of this run."""
    raise NotImplementedError("TODO: train with the settings in config.experiment")


if __name__ == "__main__":
    main()
