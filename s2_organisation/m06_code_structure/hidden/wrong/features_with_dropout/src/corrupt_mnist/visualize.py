"""Draw what the network has learned: its features of the test digits in two dimensions."""

from pathlib import Path

import matplotlib.pyplot as plt
import torch
import typer
from sklearn.manifold import TSNE

from corrupt_mnist.data import MyDataset
from corrupt_mnist.model import MyAwesomeModel


@torch.inference_mode()
def visualize(
    model_checkpoint: Path,
    figure_name: str = "embeddings.png",
    data_dir: Path = Path("data/processed"),
    figure_dir: Path = Path("reports/figures"),
) -> None:
    """Embed the features that enter the last layer with t-SNE and save a scatter plot, coloured by target."""
    model = MyAwesomeModel()
    model.load_state_dict(torch.load(model_checkpoint))
    model.fc = torch.nn.Identity()
    test_set = MyDataset(data_dir, train=False)
    embeddings = TSNE().fit_transform(model(test_set.images).numpy())

    figure, axes = plt.subplots()
    axes.scatter(*embeddings.T, c=test_set.target, cmap="tab10")
    figure_dir.mkdir(parents=True, exist_ok=True)
    figure.savefig(figure_dir / figure_name)


if __name__ == "__main__":
    typer.run(visualize)
