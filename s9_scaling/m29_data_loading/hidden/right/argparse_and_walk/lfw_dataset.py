"""With os.walk and argparse."""

import argparse
import os
import random
import time

import numpy as np
import torch
import transforms
from PIL import Image
from torch.utils.data import DataLoader, Dataset


class LFWDataset(Dataset):
    def __init__(self, path_to_folder, transform):
        self.transform = transform
        self.images = []
        for folder, _, names in os.walk(path_to_folder):
            for name in names:
                if name.lower().endswith((".jpg", ".jpeg", ".png")):
                    self.images.append(os.path.join(folder, name))
        self.images.sort()
        if len(self.images) == 0:
            raise FileNotFoundError("No images below " + str(path_to_folder))

    def __len__(self):
        return len(self.images)

    def __getitem__(self, index):
        path = self.images[index]
        try:
            with Image.open(path) as image:
                image.load()
                rgb = image.convert("RGB")
        except Exception as e:
            raise ValueError(f"Cannot read image {path}: {e}") from e
        return self.transform(rgb)


def seed_worker(worker_id):
    # torch has given every worker a seed of its own
    worker_seed = torch.initial_seed() % 2**32
    np.random.seed(worker_seed)
    random.seed(worker_seed)


def make_loader(dataset, batch_size, num_workers=0, seed=0):
    g = torch.Generator()
    g.manual_seed(seed)
    return DataLoader(
        dataset,
        batch_size=batch_size,
        shuffle=True,
        num_workers=num_workers,
        worker_init_fn=seed_worker,
        generator=g,
        persistent_workers=False,
    )


def time_loader(loader, batches_to_check=100, repeats=5, clock=time.perf_counter):
    res = []
    for repeat in range(repeats + 1):
        start = clock()
        for batch_idx, _batch in enumerate(loader, start=1):
            if batch_idx == batches_to_check:
                break
        end = clock()
        if repeat > 0:
            res.append(end - start)
    return float(np.mean(res)), float(np.std(res, ddof=1))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("path_to_folder")
    parser.add_argument("--batch-size", default=16, type=int)
    parser.add_argument("--num-workers", default=0, type=int)
    parser.add_argument("--get-timing", action="store_true")
    parser.add_argument("--batches-to-check", default=100, type=int)
    args = parser.parse_args()
    dataset = LFWDataset(args.path_to_folder, transforms.to_small_tensor)
    loader = make_loader(dataset, args.batch_size, args.num_workers)
    print(f"Images: {len(dataset)}, batches: {len(loader)}")
    if args.get_timing:
        print("Timing: {} +- {}".format(*time_loader(loader, args.batches_to_check)))
