"""The digits that exercises share."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from mlops_course import digits


def test_importing_the_package_is_cheap() -> None:
    code = (
        "import sys, mlops_course.digits, mlops_course.device\n"
        "heavy = {'torch', 'sklearn', 'scipy'} & set(sys.modules)\n"
        "sys.exit(f'imported: {heavy}' if heavy else 0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_copy_holds_the_digits_of_scikit_learn() -> None:
    from sklearn.datasets import load_digits

    original = load_digits()
    with np.load(Path(digits.__file__).with_name("digits.npz")) as copy:
        np.testing.assert_array_equal(copy["images"], original.images)
        np.testing.assert_array_equal(copy["labels"], original.target)


def test_images_are_floats_between_0_and_1() -> None:
    images, labels = digits.load_digits()
    assert images.shape == (1797, 28, 28)
    assert images.dtype == np.float32
    assert labels.shape == (1797,)
    assert labels.dtype == np.int64
    assert images.min() == 0
    assert images.max() == 1
    assert set(labels.tolist()) == set(range(10))


def test_enlarging_keeps_the_corners_and_the_shape_of_each_digit() -> None:
    from sklearn.datasets import load_digits

    small = load_digits().images / 16
    images, _ = digits.load_digits()
    corners = images[:, [0, 0, -1, -1], [0, -1, 0, -1]].sum(axis=0)
    np.testing.assert_allclose(corners, small[:, [0, 0, -1, -1], [0, -1, 0, -1]].sum(axis=0), rtol=1e-4)
    np.testing.assert_allclose(images.mean(), small.mean(), atol=0.05)


def test_splits_are_disjoint_and_hold_every_class() -> None:
    images, labels = digits.load_digits()
    train_images, train_labels = digits.load_digits("train")
    test_images, test_labels = digits.load_digits("test")
    np.testing.assert_array_equal(np.concatenate([train_images, test_images]), images)
    np.testing.assert_array_equal(np.concatenate([train_labels, test_labels]), labels)
    assert len(test_labels) == digits.TEST_SIZE
    assert min(np.bincount(test_labels, minlength=10)) >= 15


def test_a_caller_cannot_spoil_the_digits_for_the_next() -> None:
    images, labels = digits.load_digits()
    images[:], labels[:] = 7, 7
    fresh_images, fresh_labels = digits.load_digits()
    assert fresh_images.max() == 1
    assert fresh_labels.min() == 0


def test_digit_tensors_have_a_channel() -> None:
    images, labels = digits.digit_tensors("test")
    assert images.shape == (297, 1, 28, 28)
    assert images.dtype == torch.float32
    assert labels.dtype == torch.int64


def test_corrupted_digits_are_rotated_noisy_and_still_in_range() -> None:
    images, _ = digits.load_digits("test")
    corrupted = digits.corrupt(images, seed=3)
    assert corrupted.dtype == np.float32
    assert corrupted.shape == images.shape
    assert corrupted.min() == 0
    assert corrupted.max() == 1
    assert 0.1 < np.abs(corrupted - images).mean() < 0.3
    np.testing.assert_array_equal(corrupted, digits.corrupt(images, seed=3))
    assert not np.array_equal(corrupted, digits.corrupt(images, seed=4))


def test_rotation_by_nothing_and_by_a_quarter_turn() -> None:
    images, _ = digits.load_digits("test")
    grid = np.arange(28.0)
    down, right = np.meshgrid(grid, grid, indexing="ij")
    np.testing.assert_array_equal(digits._bilinear(images, down[np.newaxis], right[np.newaxis]), images)
    turned = digits._bilinear(images, right[np.newaxis], 27 - down[np.newaxis])
    np.testing.assert_array_equal(turned, np.rot90(images, k=1, axes=(1, 2)))


def test_outside_of_an_image_all_is_0() -> None:
    images, _ = digits.load_digits("test")
    far = np.full((1, 4, 4), 40.0)
    assert not digits._bilinear(images + 1, far, -far).any()


@pytest.mark.parametrize("files", [1, 3, 12])
def test_files_of_the_course(tmp_path: Path, files: int) -> None:
    folder = tmp_path / "not yet" / "there"
    paths = digits.write_corrupt_mnist(folder, files=files, train=101, test=33, seed=5)
    assert sorted(paths) == sorted(folder.iterdir())
    expected = {"test_images.pt", "test_target.pt"}
    expected |= {f"train_{kind}_{number}.pt" for kind in ("images", "target") for number in range(files)}
    assert {path.name for path in paths} == expected
    images = [torch.load(folder / f"train_images_{n}.pt", weights_only=True) for n in range(files)]
    targets = [torch.load(folder / f"train_target_{n}.pt", weights_only=True) for n in range(files)]
    assert [len(part) for part in images] == [len(part) for part in targets]
    assert sum(map(len, images)) == 101
    test_images = torch.load(folder / "test_images.pt", weights_only=True)
    assert test_images.shape == (33, 28, 28)
    assert test_images.dtype == torch.float32
    assert torch.load(folder / "test_target.pt", weights_only=True).dtype == torch.int64


def test_a_saved_file_holds_its_own_rows_only(tmp_path: Path) -> None:
    digits.write_corrupt_mnist(tmp_path, files=5, train=50, test=10)
    assert (tmp_path / "test_images.pt").stat().st_size < 2 * 10 * 28 * 28 * 4


def test_same_arguments_same_tensors() -> None:
    first, again, other = (digits.corrupt_mnist_tensors(2, 40, 9, seed) for seed in (1, 1, 2))
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not torch.equal(first["test_images.pt"], other["test_images.pt"])


@pytest.mark.parametrize("sizes", [(0, 10, 10), (5, 4, 10), (1, 1797, 1), (1, 10, 0)])
def test_impossible_sizes(sizes: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="1797 digits in all"):
        digits.corrupt_mnist_tensors(*sizes)


def test_command_writes_the_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    digits.main([str(tmp_path / "data"), "--files", "2"])
    assert "6 files" in capsys.readouterr().out
    images = [torch.load(tmp_path / "data" / f"train_images_{n}.pt", weights_only=True) for n in range(2)]
    assert [len(part) for part in images] == [750, 750]


def test_command_says_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        digits.main([str(tmp_path), "--files", "0"])
    assert stopped.value.code == 2
    assert "files=0" in capsys.readouterr().err
