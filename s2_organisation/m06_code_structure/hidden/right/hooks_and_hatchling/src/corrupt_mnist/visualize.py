import argparse
import os

import matplotlib

matplotlib.use("Agg")
import torch
from matplotlib import pyplot
from sklearn import manifold

from . import data, model


def visualize(model_checkpoint, figure_name="embeddings.png", data_dir="data/processed", figure_dir="reports/figures"):
    network = model.MyAwesomeModel()
    network.load_state_dict(torch.load(model_checkpoint))
    network.train(False)
    collected = []
    network.fc.register_forward_pre_hook(lambda layer, inputs: collected.append(inputs[0].detach()))
    test = data.MyDataset(data_dir, train=False)
    targets = []
    for images, target in torch.utils.data.DataLoader(test, batch_size=10):
        network(images)
        targets.extend(target.tolist())
    tsne = manifold.TSNE(n_components=2, init="random", random_state=0)
    tsne.fit(torch.cat(collected).numpy())
    for digit in range(10):
        points = tsne.embedding_[[target == digit for target in targets]]
        pyplot.scatter(points[:, 0], points[:, 1], label=str(digit))
    pyplot.legend()
    os.makedirs(figure_dir, exist_ok=True)
    pyplot.savefig(os.path.join(figure_dir, figure_name))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("model_checkpoint")
    parser.add_argument("figure_name", nargs="?", default="embeddings.png")
    visualize(**vars(parser.parse_args()))
