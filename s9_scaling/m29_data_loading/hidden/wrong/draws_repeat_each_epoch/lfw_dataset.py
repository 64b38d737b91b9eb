"""Faces in the wild: a folder of images as a data set, in batches, on the clock."""

import os
import random
import sys
import time
from itertools import islice
from statistics import mean, stdev

import click
import numpy as np
import torch
from PIL import Image
from torch.utils.data import DataLoader, Dataset

from transforms import to_small_tensor

SUFFIXES = (".jpg", ".jpeg", ".png")


class LFWDataset(Dataset):
    """All images of a folder and the folders in it, in the order of their paths."""

    def __init__(self, path_to_folder, transform):
        root = os.fspath(path_to_folder)
        self.files = sorted(
            os.path.join(folder, name)
            for folder, _, names in os.walk(root)
            for name in names
            if name.lower().endswith(SUFFIXES) and os.path.isfile(os.path.join(folder, name))
        )
        self.transform = transform
        if not self.files:
            raise FileNotFoundError(f"no images below {root!r}")

    def __len__(self):
        return len(self.files)

    def __getitem__(self, index):
        file = self.files[index]
        try:
            image = Image.open(file).convert("RGB")
        except Exception as error:  # Pillow raises OSError, SyntaxError, struct.error, ...
            raise ValueError(f"cannot read the image {file}: {error}") from error
        return self.transform(image)


def seed_worker(_):
    """torch is seeded by PyTorch, each worker and each epoch with another seed; the others follow it."""
    seed = 1234 + _
    np.random.seed(seed)
    random.seed(seed)


def make_loader(dataset, batch_size, num_workers=0, seed=0):
    generator = torch.Generator()
    generator.manual_seed(seed)
    return DataLoader(
        dataset,
        batch_size,
        shuffle=True,
        num_workers=num_workers,
        worker_init_fn=seed_worker,
        generator=generator,
    )


def time_loader(loader, batches_to_check=100, repeats=5, clock=time.perf_counter):
    passes = []
    for _ in range(repeats + 1):
        start = clock()
        for _batch in islice(iter(loader), batches_to_check):
            pass
        passes.append(clock() - start)
    return mean(passes[1:]), stdev(passes[1:])


@click.command()
@click.argument("folder")
@click.option("--batch-size", default=64)
@click.option("--num-workers", default=0)
@click.option("--get-timing", is_flag=True)
@click.option("--batches-to-check", default=50)
def main(folder, batch_size, num_workers, get_timing, batches_to_check):
    try:
        dataset = LFWDataset(folder, to_small_tensor)
    except FileNotFoundError as error:
        click.echo(error, err=True)
        sys.exit(2)
    loader = make_loader(dataset, batch_size, num_workers)
    click.echo(f"Images: {len(dataset)}, batches: {len(loader)}")
    if get_timing:
        click.echo("Timing: %.6f +- %.6f" % time_loader(loader, batches_to_check))


if __name__ == "__main__":
    main()
