"""From a PyTorch model to a file that runs without PyTorch."""

import copy
import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from torch import Tensor, nn


def _frozen(model: nn.Module) -> nn.Module:
    return copy.deepcopy(model).eval()


def export_model(model: nn.Module, onnx_model_file: str | Path, random_input: Tensor, labels: list[str]) -> None:
    target = str(onnx_model_file)
    torch.onnx.export(
        _frozen(model),
        (random_input,),
        target,
        dynamo=False,
        opset_version=18,
        input_names=["images"],
        output_names=["logits"],
        dynamic_axes={"images": [0], "logits": [0]},
    )
    graph = onnx.load(target)
    onnx.helper.set_model_props(graph, {"labels": json.dumps(list(labels))})
    onnx.save_model(graph, target)


def check_onnx_model(
    onnx_model_file: str | Path, pytorch_model: nn.Module, random_input: Tensor, rtol: float = 1e-3, atol: float = 1e-5
) -> None:
    onnx.checker.check_model(str(onnx_model_file), full_check=True)
    session = onnxruntime.InferenceSession(str(onnx_model_file), providers=["CPUExecutionProvider"])
    [got] = session.run(None, {session.get_inputs()[0].name: random_input.detach().cpu().numpy()})
    with torch.inference_mode():
        expected = _frozen(pytorch_model)(random_input).cpu().numpy()
    np.testing.assert_allclose(got, expected, rtol=rtol, atol=atol)
