import argparse

import torch

from . import data, model


def evaluate(model_checkpoint, data_dir="data/processed"):
    network = model.MyAwesomeModel()
    network.load_state_dict(torch.load(model_checkpoint))
    for module in network.modules():
        module.training = False
    right = [int(network(image[None]).argmax() == target) for image, target in data.MyDataset(data_dir, train=False)]
    accuracy = sum(right) / len(right)
    print("Test accuracy:", round(accuracy, 4))
    return accuracy


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("model_checkpoint")
    parser.add_argument("--data-dir", default="data/processed")
    evaluate(**vars(parser.parse_args()))
