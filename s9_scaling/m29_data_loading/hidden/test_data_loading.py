"""Hidden suite of m29: a folder of images as a data set, in batches, on the clock."""

import io
import re
import statistics

import numpy as np
import pytest
import torch
from PIL import Image

from mlops_grade.suite import Student, assert_close, hint, probe

MODES = ["RGB", "L", "RGBA", "P", "LA", "1"]


def image_file(
    rng: np.random.Generator, mode: str = "RGB", width: int = 9, height: int = 7, kind: str = "PNG"
) -> bytes:
    pixels = rng.integers(0, 256, size=(height, width, 3)).astype(np.uint8)
    image = Image.fromarray(pixels)
    if mode in {"RGBA", "LA"}:
        image.putalpha(Image.fromarray(pixels[:, :, 0]))
    file = io.BytesIO()
    image.convert(mode).save(file, kind)
    return file.getvalue()


def tensor_of(file: bytes) -> torch.Tensor:
    """What a network should see of an image: [3, H, W] between 0 and 1."""
    pixels = np.array(Image.open(io.BytesIO(file)).convert("RGB"))  # made here
    return torch.from_numpy(pixels).permute(2, 0, 1).float() / 255


def put(student: Student, files: dict[str, bytes]) -> None:
    # From last to first: whoever takes the files as the file system lists them will not get them sorted by luck.
    for path in sorted(files, reverse=True):
        student.write(path, files[path])


def people(rng: np.random.Generator, number: int) -> dict[str, bytes]:
    return {f"faces/person_{k % 5}/{k:04d}.png": image_file(rng) for k in range(number)}


def ordered(files: dict[str, bytes]) -> list[bytes]:
    return [files[path] for path in sorted(files)]


@probe
def make_dataset(module, folder):
    import transforms

    return module.LFWDataset(folder, transforms.to_tensor)


@probe
def samples(dataset, indices):
    return [dataset[index] for index in indices]


def items(student: Student, dataset: object, indices: list[int]) -> list[torch.Tensor]:
    """What dataset[index] gives. Fails the check when it is no tensor."""
    found = student.run(samples, dataset, indices)
    for item in found:
        with hint("There are no labels here: the folders' names are not asked for."):
            kind = type(item).__name__
            assert isinstance(item, torch.Tensor), (
                f"dataset[index] gives a {kind}, expected the transform's tensor alone"
            )
    return list(found)


# ------------------------------------------------------------------------------------------- the data set


@hint("Path.rglob finds everything at any depth: keep files that end as an image does, in any case, and sort.")
def test_images_are_found(student: Student, rng: np.random.Generator) -> None:
    """LFWDataset finds the images at any depth, in the order of their paths, and nothing else"""
    files = {
        "faces/anna/0001.png": image_file(rng),
        "faces/anna/0002.JPG": image_file(rng, kind="JPEG"),
        "faces/anna/0010.Png": image_file(rng),
        "faces/bob/holiday/2019/beach.jpeg": image_file(rng, kind="JPEG"),
        "faces/bob/passport.jpg": image_file(rng, kind="JPEG"),
        "faces/zoe.png": image_file(rng),
    }
    strays = {
        "faces/anna/notes.txt": b"png",
        "faces/Thumbs.db": b"thumbnails",
        "faces/bob/jpg": b"no suffix at all",
        "faces/bob/passport.jpg.part": b"half a download",
        "faces/album.png/readme.md": b"a folder that is called like an image",
    }
    put(student, files | strays)
    dataset = student.run(make_dataset, student.load("lfw_dataset"), "faces")
    number = len(dataset)
    assert number == len(files), f"the data set has {number} images, and the folder {len(files)}"
    got = items(student, dataset, list(range(len(files))))
    expected = [tensor_of(file) for file in ordered(files)]
    assert [tuple(image.shape) for image in got] == [tuple(image.shape) for image in expected], (
        "the shapes of the images, in the order of the paths"
    )
    for (path, image), tensor in zip(sorted(files.items()), got):
        assert torch.equal(tensor, tensor_of(image)), (
            f"in the order of the paths it is {path}'s turn, and that is not its image"
        )


@hint("Image.open(path).convert(...) gives every image the same mode before the transform sees it.")
def test_colour_modes(student: Student, rng: np.random.Generator) -> None:
    """Images in grey, with alpha or with a palette reach the transform in mode RGB"""
    files = {f"faces/{k}_{mode}.png": image_file(rng, mode, width=5 + k) for k, mode in enumerate(MODES)}
    put(student, files)
    got = items(student, student.run(make_dataset, student.load("lfw_dataset"), "faces"), list(range(len(files))))
    for mode, image, file in zip(MODES, got, ordered(files)):
        expected = tensor_of(file)
        assert tuple(image.shape) == tuple(expected.shape), f"an image in mode {mode} became {tuple(image.shape)}"
        assert_close(image, expected, f"the image in mode {mode}")


@probe
def with_own_transform(module, folder, index):
    import torch

    seen = []

    def transform(image):
        seen.append((image.mode, image.size))
        return torch.tensor([image.size[0], image.size[1], image.getpixel((0, 0))[2]])

    return module.LFWDataset(folder, transform)[index], seen


@hint("Keep the transform in __init__, call it in __getitem__, and return what it returns.")
def test_transform_makes_the_tensor(student: Student, rng: np.random.Generator) -> None:
    """dataset[index] is what the transform makes of that image, whichever transform it is"""
    files = {f"faces/{k}.png": image_file(rng, width=4 + k, height=6) for k in range(5)}
    put(student, files)
    tensor, seen = student.run(with_own_transform, student.load("lfw_dataset"), "faces", 3)
    blue = int(tensor_of(files["faces/3.png"])[2, 0, 0] * 255 + 0.5)
    assert tensor.tolist() == [7, 6, blue], "what dataset[3] gives, compared with what the transform returned"
    assert [tuple(call) for call in seen] == [("RGB", (7, 6))], "the transform is called once, with the image in RGB"


@hint("__init__ needs paths only; opening belongs into __getitem__.")
def test_images_are_opened_when_asked_for(student: Student, rng: np.random.Generator) -> None:
    """No image is read before it is asked for"""
    files = people(rng, 6)
    put(student, files)
    module = student.load("lfw_dataset")
    dataset = student.run(make_dataset, module, "faces")
    path = sorted(files)[4]
    replacement = image_file(rng, width=11)
    student.write(path, replacement)
    [image] = items(student, dataset, [4])
    assert tuple(image.shape) == (3, 7, 11), "the file was replaced before anyone asked for it; the old image came"
    assert torch.equal(image, tensor_of(replacement)), "this is not the image in the file"


@hint("Catch what Pillow raises, where the image is decoded, and raise a ValueError with the path in its message.")
def test_unreadable_files(student: Student, rng: np.random.Generator) -> None:
    """A file that cannot be read raises a ValueError that names it, and only when it is asked for"""
    files = people(rng, 4)
    whole = image_file(rng, width=90, height=70)
    files["faces/person_3/broken_portrait.png"] = b"this is no image"
    files["faces/person_4/cut_off_portrait.png"] = whole[: len(whole) // 2]
    put(student, files)
    dataset = student.run(make_dataset, student.load("lfw_dataset"), "faces")
    number = len(dataset)
    assert number == 6, f"the data set has {number} files, expected 6: 4 good ones and 2 that cannot be read"
    for index, name in [(4, "broken_portrait.png"), (5, "cut_off_portrait.png")]:
        try:
            items(student, dataset, [index])
        except ValueError as error:
            assert name in str(error), f"the message does not say that it is {name} that cannot be read"
        else:
            pytest.fail(f"reading {name} raised nothing")
    assert torch.equal(items(student, dataset, [3])[0], tensor_of(ordered(files)[3])), "a good image went wrong"


@hint("Path.rglob on a folder that is not there finds nothing, and does not complain: you have to.")
def test_nothing_to_load(student: Student) -> None:
    """A folder that is missing or has no images raises a FileNotFoundError at once"""
    student.write("empty/notes.txt", "no images yet")
    module = student.load("lfw_dataset")
    for folder in ["no_such_folder", "empty"]:
        with pytest.raises(FileNotFoundError):
            student.run(make_dataset, module, folder)


# ---------------------------------------------------------------------------------------------- the loader


@probe
def orders(module, length, batch_size, options, epochs, other_draws=0):
    """The samples of each batch of each epoch: sample k of this data set is the number k."""
    import torch

    class Numbers(torch.utils.data.Dataset):
        def __len__(self):
            return length

        def __getitem__(self, index):
            return torch.tensor(index)

    loader = module.make_loader(Numbers(), batch_size, **options)
    torch.rand(other_draws)  # the rest of the program draws random numbers, too
    return [[[int(sample) for sample in batch] for batch in loader] for _ in range(epochs)]


def flat(batches: list[list[int]]) -> list[int]:
    return [sample for batch in batches for sample in batch]


@hint("shuffle=True needs a generator of its own to be repeatable; drop_last is not what was asked for.")
def test_epochs(student: Student, seed: int) -> None:
    """make_loader gives every image once per epoch, in an order that only the seed decides"""
    module = student.load("lfw_dataset")
    options = {"num_workers": 0, "seed": seed}
    first, second = student.run(orders, module, 23, 5, options, 2)
    assert [len(batch) for batch in first] == [5, 5, 5, 5, 3], "the sizes of the batches, with batch_size 5"
    assert sorted(flat(first)) == list(range(23)), "an epoch does not have every image exactly once"
    assert sorted(flat(second)) == list(range(23)), "the second epoch does not have every image exactly once"
    assert flat(first) != list(range(23)), "the images come in the order of their paths: they are not shuffled"
    assert flat(first) != flat(second), "the second epoch repeats the order of the first"
    again = student.run(orders, module, 23, 5, options, 2, other_draws=6)
    assert again == [first, second], "the same seed gave another order: something else decides as well"
    other = student.run(orders, module, 23, 5, {"num_workers": 0, "seed": seed + 1}, 1)
    assert other != [first], "another seed gave the same order"
    by_default = student.run(orders, module, 23, 5, {}, 1)
    zeros = student.run(orders, module, 23, 5, {"num_workers": 0, "seed": 0}, 1)
    assert by_default == zeros, "num_workers and seed are 0 by default: the order without them is another one"


@hint("The workers load, they do not choose: what decides about the order must not depend on num_workers.")
def test_workers_give_the_same_batches(student: Student, seed: int) -> None:
    """The batches are the same with 0 and with 2 workers"""
    module = student.load("lfw_dataset")
    student.patience = 30
    alone = student.run(orders, module, 17, 4, {"num_workers": 0, "seed": seed}, 2)
    with_workers = student.run(orders, module, 17, 4, {"num_workers": 2, "seed": seed}, 2)
    assert with_workers == alone, "the batches of two epochs with 2 workers, compared with those without workers"


@probe
def draws(module, seed, epochs, other_draws=0):
    """What a random transform draws in two workers: for each sample the worker, and numbers from three sources."""
    import random

    import numpy
    import torch

    class Draws(torch.utils.data.Dataset):
        def __len__(self):
            return 6

        def __getitem__(self, index):
            worker = torch.utils.data.get_worker_info()
            return torch.tensor(
                [-1 if worker is None else worker.id, random.random(), numpy.random.rand(), float(torch.rand(()))],
                dtype=torch.float64,
            )

    loader = module.make_loader(Draws(), 1, 2, seed)
    random.seed(seed)
    numpy.random.seed(seed % 1000)
    torch.rand(other_draws)
    return [[sample[0].tolist() for sample in loader] for _ in range(epochs)]


@hint("Torch takes the seeds of its workers from the loader's generator; check what your worker_init_fn overrides.")
def test_random_transforms_in_workers(student: Student, seed: int) -> None:
    """Random transforms in workers: the same again for the same seed, different between workers and epochs"""
    module = student.load("lfw_dataset")
    student.patience = 30
    first, second = student.run(draws, module, seed, 2)
    assert {worker for worker, *_ in first} == {0, 1}, "num_workers=2 did not give two worker processes"
    again = student.run(draws, module, seed, 2, other_draws=5)
    for column, source in enumerate(["random", "numpy.random", "torch"], start=1):
        drawn = [sample[column] for sample in first]
        later = [sample[column] for sample in second]
        all_differ = len(set(drawn)) == len(drawn)
        assert all_differ, f"two samples got the same numbers from {source}"
        assert not set(drawn) & set(later), f"the second epoch draws the numbers of the first again from {source}"
        assert [[sample[column] for sample in epoch] for epoch in again] == [drawn, later], (
            f"the same seed does not give the same numbers from {source}"
        )


# --------------------------------------------------------------------------------------------- the stopwatch


@probe
def on_the_clock(module, costs, start_cost, options):
    """Time a loader whose batch b of pass p takes costs[p][b] seconds; which batches were taken from it?"""
    now = [0.125]
    taken = []

    class Loader:
        def __len__(self):
            return len(costs[0])

        def __iter__(self):
            now[0] += start_cost
            number = len(taken)
            taken.append(0)
            for cost in costs[number]:
                now[0] += cost
                taken[number] += 1
                yield taken[number]

    result = module.time_loader(Loader(), clock=lambda: now[0], **options)
    return [float(value) for value in result], taken


def check_timing(
    student: Student, rng: np.random.Generator, length: int, batches: int, repeats: int, by_default: bool = False
) -> None:
    # The first pass is slow, as with a cold disk; a batch too many costs a fortune.
    costs = rng.uniform(0.1, 0.9, size=(repeats + 1, length))
    costs[0] *= 10
    costs[:, batches:] = 50
    passes = (0.25 + costs[1:, :batches].sum(1)).tolist()
    module = student.load("lfw_dataset")
    options = {} if by_default else {"batches_to_check": batches, "repeats": repeats}
    result, taken = student.run(on_the_clock, module, costs.tolist(), 0.25, options)
    assert len(taken) == repeats + 1, f"{len(taken)} passes for repeats={repeats}: one uncounted pass, then those"
    assert taken == [min(batches, length)] * len(taken), (
        f"of {length} batches, {batches} asked for, each pass took {taken}"
    )
    assert len(result) == 2, "time_loader returns mean and standard deviation"
    assert_close(result[0], statistics.mean(passes), "the mean")
    assert_close(result[1], statistics.stdev(passes), "the standard deviation")


@hint("When does the clock start and stop, which pass does not count, and how many batches does your loop ask for?")
def test_timing(student: Student, rng: np.random.Generator) -> None:
    """time_loader measures each pass but the first, over exactly the batches asked for"""
    check_timing(student, rng, length=11, batches=7, repeats=4)
    check_timing(student, rng, length=6, batches=1, repeats=3)
    check_timing(student, rng, length=103, batches=100, repeats=5, by_default=True)


@hint("A loader may end early; that is no error.")
def test_timing_of_a_short_loader(student: Student, rng: np.random.Generator) -> None:
    """time_loader takes what there is when the loader has fewer batches"""
    check_timing(student, rng, length=5, batches=9, repeats=3)


@hint("Do your options reach make_loader and time_loader? Compare the output with the README's to the letter.")
def test_command_line(student: Student, rng: np.random.Generator) -> None:
    """The command line says what it found, and how long it took"""
    put(student, people(rng, 13))
    run = student.cli("lfw_dataset.py", "faces", "--batch-size", "4")
    assert run.exit_code == 0, f"it ended with status {run.exit_code}: {run.last_words}"
    assert run.stdout.strip() == "Images: 13, batches: 4", "what is printed with --batch-size 4"
    options = ["--batch-size", "3", "--num-workers", "1", "--get-timing", "--batches-to-check", "2"]
    run = student.cli("lfw_dataset.py", "faces", *options)
    assert run.exit_code == 0, f"it ended with status {run.exit_code}: {run.last_words}"
    first, *rest = run.stdout.strip().splitlines()
    assert first == "Images: 13, batches: 5", "the first line that is printed with --batch-size 3 and --get-timing"
    assert len(rest) == 1, f"--get-timing prints one line more, not {len(rest)}"
    number = r"(\d+(?:\.\d+)?(?:e-?\d+)?)"
    timing = re.fullmatch(rf"Timing: {number} \+- {number}", rest[0])
    assert timing, f"the second line should look like 'Timing: 1.203145 +- 0.021877', not {rest[0]!r}"
    assert float(timing[1]) > 0, "loading took no time at all?"
    missing = student.cli("lfw_dataset.py", "no_such_folder")
    assert missing.exit_code != 0, "a folder that does not exist gave exit status 0"
