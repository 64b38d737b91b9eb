"""From a PyTorch model to a file that runs without PyTorch."""

from pathlib import Path

from torch import Tensor, nn


def export_model(model: nn.Module, onnx_model_file: str | Path, random_input: Tensor, labels: list[str]) -> None:
    """Write `model`, as it answers when it is evaluated, to one ONNX file that takes batches of any size.

    Args:
        model: one input, one output; is left in the mode in which it came.
        onnx_model_file: where to; the weights go into the same file.
        random_input: [N, ...], an input of the right shape; the exported model takes any N.
        labels: the names of the classes, kept in the file's metadata under "labels", as JSON.

    The input is called "images", the output "logits". Opset 17 or newer.
    """
    raise NotImplementedError("TODO: export the model")


def check_onnx_model(
    onnx_model_file: str | Path, pytorch_model: nn.Module, random_input: Tensor, rtol: float = 1e-3, atol: float = 1e-5
) -> None:
    """Do the file and the model give the same answers to `random_input`?

    The PyTorch model is evaluated, and is left in the mode in which it came. Two numbers are the same when they differ
    by at most `atol + rtol * |PyTorch's|`.

    Raises:
        AssertionError: they do not.
        Exception: the file is no valid ONNX model.
    """
    raise NotImplementedError("TODO: compare the two")
