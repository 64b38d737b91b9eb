"""The broken packages: each is the given one with one edit, and breaks one promise of the exercise's text."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Broken:
    """One edit of one file: every `old` becomes `new`."""

    promise: str
    file: str
    old: str
    new: str

    def apply(self, source: str) -> str:
        if self.old not in source:
            raise LookupError(f"{self.file} no longer holds {self.old!r}")
        return source.replace(self.old, self.new)


BROKEN = {
    # data
    "part_forgotten": Broken(
        "1: corrupt_mnist reads every part of the training set",
        "data.py",
        "    train_images = torch.cat(",
        "    parts = parts[:-1]\n    train_images = torch.cat(",
    ),
    "channel_missing": Broken("2: an image is float32 [1, 28, 28]", "data.py", ".unsqueeze(1)", ""),
    "float_targets": Broken("3: a target is int64", "data.py", ".long()", ".float()"),
    "digit_lost": Broken(
        "3: all ten digits occur in both sets", "data.py", 'test_target.pt").long()', 'test_target.pt").long() % 9'
    ),
    "not_normalised": Broken(
        "4: the training images have mean 0 and standard deviation 1",
        "data.py",
        "normalize(train_images, mean, std)",
        "train_images",
    ),
    "variance_for_std": Broken(
        "5: normalize makes 0 of mean and 1 of mean + std",
        "data.py",
        "(images - mean) / std",
        "(images - mean) / std**2",
    ),
    "absent_is_empty": Broken(
        "6: a folder without training images is a FileNotFoundError",
        "data.py",
        'raise FileNotFoundError(f"no train_images_*.pt in {data_dir}: write the digits there first")',
        "return (TensorDataset(torch.empty(0, 1, 28, 28), torch.empty(0).long()),) * 2",
    ),
    # model
    "one_image_squeezed": Broken(
        "7: [N, 1, 28, 28] becomes [N, 10] for any N, also for a single image",
        "model.py",
        "self.second(self.dropout(features))",
        "self.second(self.dropout(features)).squeeze()",
    ),
    "three_dimensions_taken": Broken(
        "8: a tensor that has not four dimensions is a ValueError",
        "model.py",
        'raise ValueError(f"Expected a tensor of 4 dimensions, got {images.ndim}")',
        "images = images.reshape(-1, 1, 28, 28)",
    ),
    "other_shape_taken": Broken(
        "9: an image that is not [1, 28, 28] is a ValueError",
        "model.py",
        "if tuple(images.shape[1:]) != (1, 28, 28):",
        "if images.shape[0] == 0:",
    ),
    "probabilities": Broken(
        "10: the outputs are logits, not probabilities",
        "model.py",
        "self.second(self.dropout(features))",
        "self.second(self.dropout(features)).softmax(1)",
    ),
    "dropout_stays_on": Broken(
        "11: in eval mode the same images give the same logits",
        "model.py",
        "self.dropout(features)",
        "nn.functional.dropout(features, self.dropout.p)",
    ),
    "detached": Broken(
        "12: every parameter gets a gradient", "model.py", "self.dropout(features)", "self.dropout(features.detach())"
    ),
    # training
    "no_step": Broken("13: an epoch changes the parameters", "train.py", "        optimizer.step()\n", ""),
    "gradients_pile_up": Broken(
        "14: each step uses the gradients of its own batch only", "train.py", "        optimizer.zero_grad()\n", ""
    ),
    "mean_of_means": Broken(
        "15: the loss of an epoch counts each image once, also with a smaller last batch",
        "train.py",
        "        total += loss.item() * len(target)\n        count += len(target)\n    return total / count",
        "        total += loss.item()\n        count += 1\n    return total / count",
    ),
    "trains_in_eval_mode": Broken("16: an epoch trains in train mode", "train.py", "    model.train()\n", ""),
    "accuracy_of_full_batches": Broken(
        "17: accuracy is a fraction of all images, also with a smaller last batch",
        "train.py",
        "            correct += int((model(images).argmax(1) == target).sum())\n            count += len(target)\n",
        "            correct += float((model(images).argmax(1) == target).float().mean())\n            count += 1\n",
    ),
    "accuracy_with_dropout": Broken("18: accuracy switches dropout off", "train.py", "    model.eval()\n", ""),
    "mode_not_restored": Broken(
        "18: accuracy leaves the model in the mode in which it came", "train.py", "    model.train(was_training)\n", ""
    ),
    "mode_always_train": Broken(
        "18: accuracy leaves the model in the mode in which it came",
        "train.py",
        "    model.train(was_training)\n",
        "    model.train()\n",
    ),
    "seed_ignored": Broken("19: the same seed gives the same weights", "train.py", "    torch.manual_seed(seed)\n", ""),
    "seed_fixed": Broken(
        "19: another seed gives other weights", "train.py", "torch.manual_seed(seed)", "torch.manual_seed(0)"
    ),
    "learning_rate_zero": Broken(
        "20: a learning rate that is not above 0 is a ValueError", "train.py", "if lr <= 0:", "if lr < 0:"
    ),
}
