"""Draw what the network has learned: its features of the test digits in two dimensions."""

from pathlib import Path

import typer


def visualize(
    model_checkpoint: Path,
    figure_name: str = "embeddings.png",
    data_dir: Path = Path("data/processed"),
    figure_dir: Path = Path("reports/figures"),
) -> None:
    """Embed the features of the test digits with t-SNE and save a scatter plot, coloured by target.

    The features are the 32 numbers that enter the last layer, `fc`. The figure is `figure_dir / figure_name`; folders
    that do not exist are made.
    """
    raise NotImplementedError("TODO: collect the features, run t-SNE, save the figure")


if __name__ == "__main__":
    typer.run(visualize)
