"""From a PyTorch model to a file that runs without PyTorch."""

import copy
import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from torch import Tensor, nn


def export_model(model: nn.Module, onnx_model_file: str | Path, random_input: Tensor, labels: list[str]) -> None:
    """Write `model`, as it answers when it is evaluated, to one ONNX file that takes batches of any size."""
    torch.onnx.export(
        model.eval(),
        (random_input,),
        onnx_model_file,
        input_names=["images"],
        output_names=["logits"],
        dynamic_shapes=({0: torch.export.Dim.DYNAMIC},),
        external_data=False,
        verbose=False,
    )
    exported = onnx.load(onnx_model_file)
    onnx.helper.set_model_props(exported, {"labels": json.dumps(labels)})
    onnx.save(exported, onnx_model_file)


def check_onnx_model(
    onnx_model_file: str | Path, pytorch_model: nn.Module, random_input: Tensor, rtol: float = 1e-3, atol: float = 1e-5
) -> None:
    """Do the file and the model give the same answers to `random_input`?"""
    onnx.checker.check_model(onnx.load(onnx_model_file))
    session = onnxruntime.InferenceSession(onnx_model_file)
    [got] = session.run(None, {session.get_inputs()[0].name: random_input.numpy()})
    with torch.no_grad():
        expected = copy.deepcopy(pytorch_model).eval()(random_input)
    np.testing.assert_allclose(got, expected.numpy(), rtol=rtol, atol=atol)
