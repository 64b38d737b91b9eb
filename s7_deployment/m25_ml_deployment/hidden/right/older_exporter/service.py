"""A BentoML service that answers with an ONNX model."""

import json
import os
from typing import Annotated

import bentoml
import numpy as np
import onnxruntime
from pydantic import AfterValidator
from scipy.special import softmax


def refuse_other_sizes(images: np.ndarray) -> np.ndarray:
    if images.shape[1:] != (1, 28, 28):
        raise ValueError(f"expected [N, 1, 28, 28], got {images.shape}")
    return images


@bentoml.service(name="digits", traffic={"timeout": 30})
class DigitClassifier:
    def __init__(self) -> None:
        self.session = onnxruntime.InferenceSession(os.getenv("MODEL_FILE", "model.onnx"))
        self.names = json.loads(self.session.get_modelmeta().custom_metadata_map["labels"])

    @bentoml.api(batchable=True, batch_dim=0, max_batch_size=64, max_latency_ms=2000)
    def predict(self, images: Annotated[np.ndarray, bentoml.validators.DType("float32"), AfterValidator(refuse_other_sizes)]) -> np.ndarray:
        logits = self.session.run(["logits"], {"images": np.asarray(images, dtype=np.float32)})[0]
        return softmax(logits, axis=1)

    @bentoml.api
    def labels(self) -> list[str]:
        return self.names


app = DigitClassifier.to_asgi()
