"""The network and its softmax apart; the service only carries numbers."""

import json
import os
from pathlib import Path
from typing import Annotated

import bentoml
import numpy as np
import onnxruntime
from numpy.typing import NDArray
from pydantic import AfterValidator

MODEL_FILE = Path(os.environ.get("MODEL_FILE", "model.onnx"))


def of_digits(images: np.ndarray) -> np.ndarray:
    if images.ndim != 4 or images.shape[1:] != (1, 28, 28):
        raise ValueError("a batch of images with one channel and 28 rows of 28 is wanted")
    return images


class Model:
    def __init__(self, content: bytes) -> None:
        self.session = onnxruntime.InferenceSession(content)
        metadata = self.session.get_modelmeta().custom_metadata_map
        self.labels: list[str] = json.loads(metadata["labels"])

    def probabilities(self, images: NDArray[np.float64]) -> NDArray[np.float64]:
        logits = self.session.run(["logits"], {"images": images.astype(np.float32)})[0].astype(np.float64)
        shifted = logits - np.max(logits, axis=-1, keepdims=True)
        return np.exp(shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True)))


class DigitClassifier:
    def __init__(self) -> None:
        self.model = Model(MODEL_FILE.read_bytes())

    @bentoml.api(batchable=True, max_batch_size=32)
    def predict(self, images: Annotated[np.ndarray, AfterValidator(of_digits)]) -> np.ndarray:
        return self.model.probabilities(images)

    @bentoml.api
    def labels(self) -> list[str]:
        return self.model.labels


DigitClassifier = bentoml.service(DigitClassifier, name="digits")
app = DigitClassifier.to_asgi()
