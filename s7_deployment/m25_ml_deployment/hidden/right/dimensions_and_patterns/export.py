"""From a PyTorch model to a file that runs without PyTorch."""

import contextlib
import json
from pathlib import Path

import onnx
import onnxruntime as ort
import torch


@contextlib.contextmanager
def evaluated(model):
    """The model in evaluation mode; each of its modules goes back to its own mode."""
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        with torch.no_grad():
            yield model
    finally:
        for module, mode in modes:
            module.training = mode


def export_model(model, onnx_model_file, random_input, labels):
    batch = torch.export.Dim("batch")
    example = torch.cat([random_input, random_input])  # at least two: a batch of one would be taken for a constant
    with evaluated(model):
        program = torch.onnx.export(
            model, (example,), dynamo=True, dynamic_shapes=({0: batch},),
            input_names=["images"], output_names=["logits"], verbose=False,
        )
    proto = program.model_proto
    entry = proto.metadata_props.add()
    entry.key, entry.value = "labels", json.dumps(labels, ensure_ascii=False)
    Path(onnx_model_file).write_bytes(proto.SerializeToString())


def check_onnx_model(onnx_model_file, pytorch_model, random_input, rtol=1e-3, atol=1e-5):
    content = Path(onnx_model_file).read_bytes()
    onnx.checker.check_model(onnx.load_model_from_string(content))
    answers = ort.InferenceSession(content).run(["logits"], {"images": random_input.numpy(force=True)})[0]
    with evaluated(pytorch_model):
        wanted = pytorch_model(random_input).double()
    answers = torch.from_numpy(answers).double()
    if wanted.shape != answers.shape:
        raise AssertionError(f"shapes: {tuple(answers.shape)} instead of {tuple(wanted.shape)}")
    far = ~((answers - wanted).abs() <= atol + rtol * wanted.abs())
    if far.any():
        raise AssertionError(f"{int(far.sum())} numbers differ")
