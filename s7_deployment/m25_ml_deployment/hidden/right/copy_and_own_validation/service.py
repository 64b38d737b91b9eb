"""Numbers come in as lists; what has another shape is refused by hand."""

from __future__ import annotations

import json
import os

import bentoml
import numpy as np
import onnx
import onnxruntime
from bentoml.exceptions import InvalidArgument


@bentoml.service(traffic={"timeout": 20}, workers=1)
class DigitClassifier:
    def __init__(self) -> None:
        network = onnx.load(os.getenv("MODEL_FILE") or "model.onnx")
        self.classes = json.loads(next(one.value for one in network.metadata_props if one.key == "labels"))
        self.run = onnxruntime.InferenceSession(network.SerializeToString()).run

    @bentoml.api(batchable=True, batch_dim=(0, 0), max_latency_ms=500)
    def predict(self, images: np.ndarray) -> np.ndarray:
        if images.ndim != 4 or images.shape[1:] != (1, 28, 28):
            raise InvalidArgument(f"images are [N, 1, 28, 28], not {list(images.shape)}")
        logits = self.run(None, {"images": np.asarray(images, dtype=np.float32)})[0].astype(float)
        return np.stack([np.exp(row - np.logaddexp.reduce(row)) for row in logits])

    @bentoml.api
    def labels(self) -> list[str]:
        return self.classes


app = DigitClassifier.to_asgi()
