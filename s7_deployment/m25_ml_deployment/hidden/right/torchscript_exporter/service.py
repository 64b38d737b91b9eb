"""Softmax by scipy, errors raised by hand."""

import json
import os

import bentoml
import numpy as np
import onnxruntime as ort
from bentoml.exceptions import InvalidArgument
from scipy.special import softmax


@bentoml.service(resources={"cpu": "1"}, traffic={"timeout": 10})
class DigitClassifier:
    session: ort.InferenceSession

    def __init__(self):
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        path = os.getenv("MODEL_FILE") or "model.onnx"
        self.session = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        self.classes = json.loads(self.session.get_modelmeta().custom_metadata_map["labels"])

    @bentoml.api(batchable=True, batch_dim=(0, 0), max_batch_size=64, max_latency_ms=2000)
    def predict(self, images: np.ndarray) -> np.ndarray:
        if images.shape[1:] != (1, 28, 28):
            raise InvalidArgument(f"images of shape {images.shape}, expected [N, 1, 28, 28]")
        return softmax(self.session.run(None, {self.session.get_inputs()[0].name: images.astype("float32")})[0], axis=1)

    @bentoml.api
    async def labels(self) -> list[str]:
        return self.classes


app = DigitClassifier.to_asgi()
