"""The corrupted digits, read from their files."""

from torch.utils.data import Dataset


def corrupt_mnist() -> tuple[Dataset, Dataset]:
    """Read the training set and the test set from the folder `data/corruptmnist` (relative to the current folder).

    The folder holds `train_images_0.pt` with `train_target_0.pt`, `train_images_1.pt` with `train_target_1.pt` and so
    on, however many there are, and `test_images.pt` with `test_target.pt`. Images are stored as float32 [N, 28, 28],
    targets as int64 [N].

    Returns:
        The training set and the test set. Item `i` of either is a pair: an image, float32 [1, 28, 28], with the values
        of the file, and its target, int64 [].
    """
    raise NotImplementedError("TODO: read the files and return two datasets")
