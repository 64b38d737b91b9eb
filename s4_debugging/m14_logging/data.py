"""The corrupted digits as two data sets: about mean 0 and standard deviation 1."""

from torch.utils.data import TensorDataset

from mlops_course.digits import corrupt_mnist_tensors

N_TRAIN = 1500
N_TEST = 297
SEED = 0
MEAN = 0.34
STD = 0.32


def corrupt_mnist() -> tuple[TensorDataset, TensorDataset]:
    """Training set and test set: images float32 [N, 1, 28, 28], targets int64 [N]."""
    files = corrupt_mnist_tensors(files=1, train=N_TRAIN, test=N_TEST, seed=SEED)
    return (
        TensorDataset((files["train_images_0.pt"].unsqueeze(1) - MEAN) / STD, files["train_target_0.pt"]),
        TensorDataset((files["test_images.pt"].unsqueeze(1) - MEAN) / STD, files["test_target.pt"]),
    )
