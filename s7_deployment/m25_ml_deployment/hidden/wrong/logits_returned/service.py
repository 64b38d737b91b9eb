"""A BentoML service that answers with an ONNX model."""

import json
import os
from typing import Annotated

import bentoml
import numpy as np
import onnxruntime
from bentoml.exceptions import InvalidArgument
from bentoml.validators import DType

Images = Annotated[np.ndarray, DType("float32")]


@bentoml.service
class DigitClassifier:
    """Serves the model in the file that the environment's MODEL_FILE names, `model.onnx` by default."""

    def __init__(self) -> None:
        self.session = onnxruntime.InferenceSession(os.environ.get("MODEL_FILE", "model.onnx"))

    @bentoml.api(batchable=True)
    def predict(self, images: Images) -> np.ndarray:
        """Probabilities [N, classes] for images [N, 1, 28, 28]; requests that come together are answered together."""
        if images.shape[1:] != (1, 28, 28):  # Shape((-1, 1, 28, 28)) would make four images of one of 56 by 56
            raise InvalidArgument(f"images have the shape [N, 1, 28, 28], got {list(images.shape)}")
        [logits] = self.session.run(["logits"], {"images": images})
        return logits

    @bentoml.api
    def labels(self) -> list[str]:
        """The names of the classes, from the model's metadata."""
        return json.loads(self.session.get_modelmeta().custom_metadata_map["labels"])


app = DigitClassifier.to_asgi()
