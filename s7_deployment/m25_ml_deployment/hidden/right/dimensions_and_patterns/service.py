"""A BentoML service that answers with an ONNX model."""

from __future__ import annotations

import json
import os

import bentoml
import numpy as np
import onnx
import onnxruntime
from bentoml.validators import DType
from pydantic import AfterValidator
from typing_extensions import Annotated


def _check(images):
    match np.shape(images):
        case (_, 1, 28, 28):
            return np.asarray(images, dtype="float32")
        case other:
            raise ValueError(f"images of shape {other}")


Images = Annotated[np.ndarray, DType("float32"), AfterValidator(_check)]


@bentoml.service
class DigitClassifier:
    def __init__(self) -> None:
        with open(os.environ.get("MODEL_FILE") or "model.onnx", "rb") as stream:
            content = stream.read()
        self._run = onnxruntime.InferenceSession(content).run
        self._labels = next(
            json.loads(p.value) for p in onnx.load_model_from_string(content).metadata_props if p.key == "labels"
        )

    @bentoml.api(batchable=True, batch_dim=(0, 0), max_latency_ms=5000)
    def predict(self, images: Images) -> np.ndarray:
        (logits,) = self._run(None, {"images": images})
        powers = np.exp(logits - logits.max(-1, keepdims=True))
        return powers / powers.sum(-1, keepdims=True)

    @bentoml.api
    def labels(self) -> list[str]:
        return list(self._labels)


app = DigitClassifier.to_asgi()
