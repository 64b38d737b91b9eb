"""With the exporter's program object, and torch's own comparison."""

import json
import os
from pathlib import Path

import onnx
import torch
from onnx.reference import ReferenceEvaluator
from torch import Tensor, nn


def export_model(model: nn.Module, onnx_model_file: str | Path, random_input: Tensor, labels: list[str]) -> None:
    was_training = {name: module.training for name, module in model.named_modules()}
    model.eval()
    # The tracer takes a batch of one for a constant.
    example = random_input if len(random_input) > 1 else torch.cat([random_input, random_input])
    program = torch.onnx.export(
        model, (example,), dynamic_shapes=[{0: "batch"}], dynamo=True, opset_version=18, verbose=False
    )
    for name, module in model.named_modules():
        module.training = was_training[name]
    program.model.graph.inputs[0].name = "images"
    program.model.graph.outputs[0].name = "logits"
    program.model.metadata_props["labels"] = json.dumps(labels)
    Path(onnx_model_file).write_bytes(program.model_proto.SerializeToString())


def check_onnx_model(
    onnx_model_file: str | Path, pytorch_model: nn.Module, random_input: Tensor, rtol: float = 1e-3, atol: float = 1e-5
) -> None:
    onnx.checker.check_model(os.fspath(onnx_model_file))
    evaluator = ReferenceEvaluator(os.fspath(onnx_model_file))
    answers = evaluator.run(None, {evaluator.input_names[0]: random_input.numpy()})[0]
    training = [module.training for module in pytorch_model.modules()]
    with torch.no_grad():
        expected = pytorch_model.eval()(random_input)
    for module, mode in zip(pytorch_model.modules(), training):
        module.training = mode
    torch.testing.assert_close(torch.from_numpy(answers), expected, rtol=rtol, atol=atol)
