"""Nothing is put back, since nothing is touched: one copy is exported, another one compared."""

import copy
import json
import pathlib
import tempfile

import onnx
import onnxruntime
import torch


def export_model(model, onnx_model_file, random_input, labels):
    frozen = copy.deepcopy(model).eval().requires_grad_(False)
    two = random_input[:1].expand(2, *random_input.shape[1:]).contiguous()
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder, "network.onnx")
        torch.onnx.export(
            frozen,
            (two,),
            file,
            input_names=["images"],
            output_names=["logits"],
            dynamo=True,
            dynamic_shapes=({0: torch.export.Dim("batch")},),
            external_data=False,
            verbose=False,
        )
        network = onnx.load(file)
    onnx.helper.set_model_props(network, {"labels": json.dumps(labels), "made by": "export.py"})
    onnx.save(network, onnx_model_file)


def check_onnx_model(onnx_model_file, pytorch_model, random_input, rtol=1e-3, atol=1e-5):
    onnx.checker.check_model(str(onnx_model_file), full_check=True)
    session = onnxruntime.InferenceSession(str(onnx_model_file))
    [answers] = session.run(["logits"], {"images": random_input.numpy()})
    reference = copy.deepcopy(pytorch_model).train(False)
    with torch.no_grad():
        wanted = reference(random_input)
    apart = (torch.as_tensor(answers) - wanted).abs()
    assert answers.shape == wanted.shape and bool((apart <= atol + rtol * wanted.abs()).all()), f"{apart.max()} apart"
