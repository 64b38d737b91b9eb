"""Faces in the wild: a folder of images as a data set, in batches, on the clock."""

import argparse
import random
import time
from pathlib import Path

import numpy
import torch
from PIL import Image
from torch.utils.data import DataLoader, Dataset, Sampler

import transforms


class LFWDataset(Dataset[torch.Tensor]):
    def __init__(self, path_to_folder, transform):
        self._transform = transform
        self._paths = [p for p in Path(path_to_folder).rglob("*") if self._is_image(p)]
        self._paths.sort()
        if len(self) == 0:
            raise FileNotFoundError(path_to_folder)

    @staticmethod
    def _is_image(path):
        return path.name.casefold().endswith((".png", ".jpeg", ".jpg")) and path.is_file()

    def __len__(self):
        return len(self._paths)

    def __getitem__(self, index):
        path = self._paths[index]
        try:
            with path.open("rb") as stream, Image.open(stream) as picture:
                picture.load()
                rgb = picture if picture.mode == "RGB" else picture.convert("RGB")
                rgb = rgb.copy()
        except Exception as problem:
            raise ValueError(f"{path} is no readable image ({type(problem).__name__})") from problem
        return self._transform(rgb)


class SeededOrder(Sampler):
    """A permutation by numpy, another one each epoch."""

    def __init__(self, size, seed):
        self.size, self.random = size, numpy.random.default_rng([seed, 1])

    def __len__(self):
        return self.size

    def __iter__(self):
        yield from self.random.permutation(self.size).tolist()


class _SeedAll:
    """In each worker: all three generators, from the seed PyTorch gives it."""

    def __call__(self, worker):
        state = torch.utils.data.get_worker_info().seed
        random.seed(state)
        numpy.random.seed([state % 2**32, state >> 32, worker])
        torch.manual_seed(state)


def make_loader(dataset, batch_size, num_workers=0, seed=0):
    return DataLoader(
        dataset,
        batch_size=batch_size,
        sampler=SeededOrder(len(dataset), seed),
        num_workers=num_workers,
        worker_init_fn=_SeedAll(),
        generator=torch.Generator().manual_seed(seed),
        drop_last=False,
    )


def _one_pass(loader, count, clock):
    begin = clock()
    batches = iter(loader)
    taken = 0
    while taken < count and next(batches, None) is not None:
        taken += 1
    return clock() - begin


def time_loader(loader, batches_to_check=100, repeats=5, clock=time.perf_counter):
    _one_pass(loader, batches_to_check, clock)
    times = numpy.array([_one_pass(loader, batches_to_check, clock) for _ in range(repeats)])
    return float(times.mean()), float(times.std(ddof=1))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--batch-size", type=int, default=8)
    parser.add_argument("--num-workers", type=int, default=0)
    parser.add_argument("--get-timing", action="store_true")
    parser.add_argument("--batches-to-check", type=int, default=10)
    o = parser.parse_args()
    data = LFWDataset(o.folder, transforms.to_small_tensor)
    loader = make_loader(data, o.batch_size, o.num_workers)
    print("Images: ", len(data), ", batches: ", len(loader), sep="")
    if o.get_timing:
        average, deviation = time_loader(loader, o.batches_to_check)
        print(f"Timing: {average:f} +- {deviation:f}")
