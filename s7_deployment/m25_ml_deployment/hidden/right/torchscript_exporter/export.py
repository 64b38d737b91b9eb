"""With the exporter that traces, and a comparison by hand."""

import io
import json
from contextlib import contextmanager

import numpy as np
import onnx
import onnxruntime as ort
import torch


@contextmanager
def evaluating(model):
    modes = [m.training for m in model.modules()]
    model.eval()
    try:
        yield model
    finally:
        for m, mode in zip(model.modules(), modes):
            m.training = mode


def export_model(model, onnx_model_file, random_input, labels):
    buffer = io.BytesIO()
    with evaluating(model):
        torch.onnx.export(
            model,
            random_input,
            buffer,
            dynamo=False,
            opset_version=17,
            input_names=["images"],
            output_names=["logits"],
            dynamic_axes={"images": {0: "N"}, "logits": {0: "N"}},
        )
    onnx_model = onnx.load_from_string(buffer.getvalue())
    entry = onnx_model.metadata_props.add()
    entry.key = "labels"
    entry.value = json.dumps(list(labels))
    with open(onnx_model_file, "wb") as f:
        f.write(onnx_model.SerializeToString())


def check_onnx_model(onnx_model_file, pytorch_model, random_input, rtol=1e-3, atol=1e-5):
    onnx_model = onnx.load(str(onnx_model_file))
    onnx.checker.check_model(onnx_model)
    session = ort.InferenceSession(onnx_model.SerializeToString(), providers=["CPUExecutionProvider"])
    (ours,) = session.run(None, {session.get_inputs()[0].name: random_input.detach().cpu().numpy()})
    with evaluating(pytorch_model), torch.inference_mode():
        theirs = pytorch_model(random_input).numpy()
    difference = np.abs(ours - theirs)
    allowed = atol + rtol * np.abs(theirs)
    if ours.shape != theirs.shape or not (difference <= allowed).all():
        raise AssertionError(f"answers differ by up to {difference.max()}")
