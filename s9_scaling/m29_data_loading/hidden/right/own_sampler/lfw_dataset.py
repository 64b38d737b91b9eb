"""A sampler that knows its epoch, and a context of timing: no generator is shared with the loader's workers."""

import argparse
import contextlib
import os
import random
import sys
import time

import numpy as np
import torch
from PIL import Image, UnidentifiedImageError
from torch.utils.data import BatchSampler, DataLoader, Dataset, Sampler, get_worker_info
from transforms import to_small_tensor


class LFWDataset(Dataset):
    def __init__(self, path_to_folder, transform):
        found = []
        for folder, _, files in os.walk(path_to_folder):
            found += [os.path.join(folder, file) for file in files if file.lower().endswith((".jpg", ".jpeg", ".png"))]
        if not found:
            reason = "has no images" if os.path.isdir(path_to_folder) else "does not exist"
            raise FileNotFoundError(f"{path_to_folder} {reason}")
        self.files = np.array(sorted(found, key=lambda path: path.split(os.sep)))
        self.transform = transform

    def __len__(self):
        return self.files.size

    def __getitem__(self, index):
        path = str(self.files[index])
        try:
            with open(path, "rb") as file, Image.open(file) as image:
                image.load()
                picture = image.convert(mode="RGB")
        except (UnidentifiedImageError, OSError, SyntaxError, Image.DecompressionBombError) as problem:
            raise ValueError(f"cannot read {path}: {problem}") from problem
        return self.transform(picture)


class Shuffled(Sampler):
    """Another order in each epoch, from the seed and the number of the epoch."""

    def __init__(self, length, seed):
        self.length, self.seed, self.epoch = length, seed, 0

    def __len__(self):
        return self.length

    def __iter__(self):
        order = np.random.default_rng([self.seed % 2**32, self.epoch]).permutation(self.length)
        self.epoch += 1
        yield from order.tolist()


def seed_worker(worker):
    seed = get_worker_info().seed
    random.seed(seed)
    np.random.seed(seed % 2**32)
    torch.manual_seed(seed)


def make_loader(dataset, batch_size, num_workers=0, seed=0):
    batches = BatchSampler(Shuffled(len(dataset), seed), batch_size, drop_last=False)
    generator = torch.Generator()
    generator.manual_seed(seed)
    return DataLoader(
        dataset,
        batch_sampler=batches,
        num_workers=num_workers,
        generator=generator,
        worker_init_fn=seed_worker,
        persistent_workers=False,
    )


def time_loader(loader, batches_to_check=100, repeats=5, clock=time.perf_counter):
    times = torch.zeros(repeats + 1, dtype=torch.float64)
    for number in range(len(times)):
        before = clock()
        batches = iter(loader)
        with contextlib.suppress(StopIteration):
            for _ in range(batches_to_check):
                next(batches)
        times[number] = clock() - before
    return times[1:].mean().item(), times[1:].std(unbiased=True).item()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--num-workers", type=int, default=0)
    parser.add_argument("--get-timing", action="store_true")
    parser.add_argument("--batches-to-check", type=int, default=100)
    given = parser.parse_args()
    try:
        images = LFWDataset(given.folder, to_small_tensor)
    except FileNotFoundError as error:
        sys.exit(f"error: {error}")
    loader = make_loader(images, given.batch_size, given.num_workers)
    print(f"Images: {len(images)}, batches: {len(loader)}")
    if given.get_timing:
        print("Timing: {:f} +- {:f}".format(*time_loader(loader, given.batches_to_check)))
