"""With a sampler of its own, recursion and iterators by hand."""

from pathlib import Path
from time import perf_counter

import click
import torch
from PIL import Image, ImageFile
from torch.utils.data import DataLoader, Dataset, RandomSampler
from transforms import to_small_tensor

ImageFile.LOAD_TRUNCATED_IMAGES = False


def images_below(folder: Path) -> list[Path]:
    found = []
    for entry in folder.iterdir():
        if entry.is_dir():
            found += images_below(entry)
        elif entry.suffix.casefold() in {".jpg", ".jpeg", ".png"}:
            found.append(entry)
    return found


class LFWDataset(Dataset):
    def __init__(self, path_to_folder, transform):
        self._images = sorted(images_below(Path(path_to_folder)), key=lambda path: path.as_posix())  # or it raises
        if not self._images:
            raise FileNotFoundError(path_to_folder)
        self._transform = transform

    def __len__(self):
        return len(self._images)

    def __getitem__(self, index):
        path = self._images[index]
        image = None
        try:
            image = Image.open(path)
            image = image.convert("RGB")
        except (OSError, SyntaxError) as problem:
            raise ValueError("unreadable image: " + str(path)) from problem
        return self._transform(image)


def make_loader(dataset, batch_size, num_workers=0, seed=0):
    order = RandomSampler(dataset, generator=torch.Generator().manual_seed(seed + 17))
    workers = torch.Generator().manual_seed(seed)
    return DataLoader(dataset, batch_size=batch_size, sampler=order, num_workers=num_workers, generator=workers)


def one_pass(loader, batches, clock):
    begin = clock()
    iterator = iter(loader)
    for _ in range(batches):
        try:
            next(iterator)
        except StopIteration:
            break
    return clock() - begin


def time_loader(loader, batches_to_check=100, repeats=5, clock=perf_counter):
    one_pass(loader, batches_to_check, clock)
    passes = torch.tensor([one_pass(loader, batches_to_check, clock) for _ in range(repeats)], dtype=torch.float64)
    return passes.mean().item(), passes.std().item()


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False))
@click.option("--batch-size", default=16)
@click.option("--num-workers", default=0)
@click.option("--get-timing", is_flag=True)
@click.option("--batches-to-check", default=100)
def main(folder, batch_size, num_workers, get_timing, batches_to_check):
    dataset = LFWDataset(folder, to_small_tensor)
    loader = make_loader(dataset, batch_size, num_workers, seed=3)
    click.echo(f"Images: {len(dataset)}, batches: {-(-len(dataset) // batch_size)}")
    if get_timing:
        mean, deviation = time_loader(loader, batches_to_check)
        click.echo(f"Timing: {mean:.4f} +- {deviation:.4f}")


if __name__ == "__main__":
    main()
