"""Hidden suite of m25: a model that leaves PyTorch, the comparison that says so, and a service that answers with it."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import numpy as np
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

from mlops_grade.suite import Inspector, Student, assert_close, hint, probe

State = dict[str, Tensor]


def network() -> nn.Module:
    """Small, and other than usual while it trains: dropout, batch normalisation. The probe builds the same."""
    return nn.Sequential(
        nn.Conv2d(1, 3, 5, stride=2),
        nn.BatchNorm2d(3),
        nn.ReLU(),
        nn.Dropout(0.5),
        nn.Flatten(),
        nn.Linear(3 * 4 * 5, 7),
    )


def trained_state(seed: int) -> State:
    generator = torch.Generator().manual_seed(seed)
    state = {}
    for name, tensor in network().state_dict().items():
        if tensor.dtype == torch.float32:
            tensor = torch.randn(tensor.shape, generator=generator)
        state[name] = tensor.abs() + 0.5 if name.endswith("running_var") else tensor
    return state


def logits_of(state: State, images: Tensor) -> np.ndarray:
    model = network().eval()
    model.load_state_dict(state)
    with torch.no_grad():
        return model(images).numpy()


# ------------------------------------------------------------------------------------------------ the export


@probe
def export(module, state, images, labels, path):
    """Export a model that comes in training mode; what became of it?"""
    import torch
    from torch import nn

    model = nn.Sequential(
        nn.Conv2d(1, 3, 5, stride=2),
        nn.BatchNorm2d(3),
        nn.ReLU(),
        nn.Dropout(0.5),
        nn.Flatten(),
        nn.Linear(3 * 4 * 5, 7),
    )
    model.load_state_dict({name: torch.as_tensor(tensor) for name, tensor in state.items()})
    model.train()
    module.export_model(model, path, images, labels)
    changed = [
        name for name, tensor in model.state_dict().items() if not torch.equal(tensor, torch.as_tensor(state[name]))
    ]
    return [layer.training for layer in model.modules()], changed


@probe
def description(path):
    """What is in an ONNX file, and what the checker says about it; None where it is no such file."""
    import onnx

    try:
        model = onnx.load(path, load_external_data=False)
    except Exception:
        return None
    complaint = ""
    try:
        onnx.checker.check_model(model, full_check=True)
    except Exception as error:
        complaint = str(error)
    graph = model.graph
    weights = {one.name for one in graph.initializer}
    return {
        "outside": [one.name for one in graph.initializer if one.data_location == onnx.TensorProto.EXTERNAL],
        "complaint": complaint,
        "opsets": [one.version for one in model.opset_import if one.domain in {"", "ai.onnx"}],
        "inputs": [one.name for one in graph.input if one.name not in weights],
        "outputs": [one.name for one in graph.output],
        "dimensions": [
            [dimension.dim_value if dimension.HasField("dim_value") else None for dimension in shape.dim]
            for shape in (one.type.tensor_type.shape for one in graph.input if one.name == "images")
        ],
        "metadata": {one.key: one.value for one in model.metadata_props},
    }


@probe
def answers(path, images):
    """What the model in a file gives for images, or why it cannot be run on them."""
    import onnx
    from onnx.reference import ReferenceEvaluator

    try:
        return ReferenceEvaluator(onnx.load(path)).run(None, {"images": images.numpy()})[0], ""
    except Exception as error:
        return None, str(error)


class Exported:
    """An export that all its checks share: it is the dear part."""

    def __init__(self, student: Student, inspector: Inspector, seed: int) -> None:
        self.state = trained_state(seed)
        self.labels = [f"class {letter} of {seed}" for letter in "abcdefg"]
        images = torch.rand(3, 1, 11, 13, generator=torch.Generator().manual_seed(seed))
        student.patience = 60
        files = set(student.files())
        self.training, self.changed = student.run(export, student.load("export"), self.state, images, self.labels, FILE)
        written = set(student.files()) - files
        self.files = sorted(path for path in written if "/" not in path and not path.endswith(".pyc"))
        assert FILE in self.files, "export_model wrote no file at the path that it was given"
        self._inspector = inspector
        inspector.write(FILE, student.read(FILE))
        self._described = inspector.run(description, FILE)

    @property
    def described(self) -> dict[str, Any]:
        assert self._described is not None, "the exported file is no ONNX model"
        return self._described

    def run(self, images: Tensor) -> np.ndarray:
        logits, trouble = self._inspector.run(answers, FILE, images)
        assert logits is not None, f"the exported model cannot be run on {len(images)} images: {trouble}"
        return logits


FILE = "exported.onnx"


@pytest.fixture(scope="module")
def exported(shared_student: Student, shared_inspector: Inspector, shared_seed: int) -> Exported:
    return Exported(shared_student, shared_inspector, shared_seed)


@hint("external_data is on by default: the weights then lie in a second file beside the first.")
def test_one_valid_file(exported: Exported) -> None:
    """export_model writes one file, weights included, that the ONNX checker accepts"""
    assert exported.files == [FILE], "the files that export_model wrote"
    outside = exported.described["outside"]
    assert not outside, f"the weights {outside[0]} lie in another file"
    complaint = exported.described["complaint"]
    assert not complaint, f"the ONNX checker complains: {complaint}"
    opsets = exported.described["opsets"]
    assert opsets, "the model uses no standard operators"
    assert opsets[0] >= 17, f"the model uses opset {opsets[0]}"


@hint("Name inputs and outputs; tell the exporter which dimension may change, and only that one.")
def test_dynamic_batch(exported: Exported) -> None:
    """The input is images, the output logits; their first dimension is free, the others are fixed"""
    model = exported.described
    assert model["inputs"] == ["images"], "the names of the model's inputs"
    assert model["outputs"] == ["logits"], "the names of the model's outputs"
    [dimensions] = model["dimensions"]
    assert len(dimensions) == 4, f"the input has {len(dimensions)} dimensions"
    assert dimensions[0] is None, f"the batch size is fixed to {dimensions[0]}"
    assert dimensions[1:] == [1, 11, 13], (
        "the dimensions of the input after the first, where None is one that is not fixed"
    )


@pytest.mark.parametrize("batch", [1, 5])
@hint("What dropout and batch normalisation do depends on the mode of the model at export.")
def test_answers_of_the_exported_model(exported: Exported, rng: np.random.Generator, batch: int) -> None:
    """The exported model answers as PyTorch's does when it is evaluated"""
    images = torch.from_numpy(rng.normal(size=(batch, 1, 11, 13))).float()
    assert_close(exported.run(images), logits_of(exported.state, images), f"the logits of {batch} images")


@hint("Whoever hands you a model goes on training it: work on a copy, or put the mode back.")
def test_export_leaves_the_model_alone(exported: Exported) -> None:
    """export_model leaves mode, weights and statistics of the model as they were"""
    assert exported.changed == [], "export_model changed the model that it was given"
    assert all(exported.training), "the model came in training mode and was left in another"


@hint("A model in ONNX has metadata_props: pairs of strings, so a list needs to become one.")
def test_labels_in_metadata(exported: Exported) -> None:
    """The labels are in the file's metadata, as JSON"""
    metadata = exported.described["metadata"]
    assert "labels" in metadata, "the metadata of the model has no key labels"
    try:
        labels = json.loads(metadata["labels"])
    except ValueError:
        pytest.fail(f"{metadata['labels']!r} is not JSON")
    assert labels == exported.labels, "the labels in the metadata"


# -------------------------------------------------------------------------------------------- the comparison


def linear_model(weight: np.ndarray, bias: np.ndarray, labels: list[str], shape: list[int]) -> bytes:
    """An ONNX model by hand: flatten, multiply, add."""
    graph = helper.make_graph(
        [
            helper.make_node("Flatten", ["images"], ["flat"]),
            helper.make_node("Gemm", ["flat", "weight", "bias"], ["logits"], transB=1),
        ],
        "linear",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, ["batch", *shape])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", len(bias)])],
        [numpy_helper.from_array(weight, "weight"), numpy_helper.from_array(bias, "bias")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    helper.set_model_props(model, {"labels": json.dumps(labels)})
    return model.SerializeToString()


@probe
def verdicts(module, weight, bias, images, cases):
    """What check_onnx_model says of each file; in which mode the model was left."""
    import torch
    from torch import nn

    # While it trains, this model answers differently each time.
    model = nn.Sequential(nn.Flatten(), nn.Dropout(0.5), nn.Linear(weight.shape[1], weight.shape[0]), nn.Dropout(0.5))
    with torch.no_grad():
        model[2].weight.copy_(weight)
        model[2].bias.copy_(bias)
    model.train()
    results = []
    for path, options in cases:
        try:
            results.append(("returned", repr(module.check_onnx_model(path, model, images, **options))))
        except AssertionError as error:
            results.append(("AssertionError", str(error)))
        except Exception as error:
            results.append(("other", f"{type(error).__name__}: {error}"))
    return results, [layer.training for layer in model.modules()]


class Comparison:
    def __init__(self, rng: np.random.Generator) -> None:
        self.weight = rng.uniform(0.5, 1, size=(4, 6)).astype(np.float32)
        self.bias = rng.uniform(0.5, 1, size=4).astype(np.float32)
        self.images = rng.uniform(0.5, 1, size=(5, 1, 2, 3)).astype(np.float32)
        self.logits = self.images.reshape(5, 6) @ self.weight.T + self.bias

    def file(self, scale: float = 1.0, shift: float = 0.0) -> bytes:
        """A model whose answers are the right ones times `scale`, plus `shift` in the last class."""
        bias = self.bias * np.float32(scale)
        bias[-1] += np.float32(shift)
        return linear_model(self.weight * np.float32(scale), bias, list("abcd"), [1, 2, 3])

    def ask(self, student: Student, cases: list[tuple[str, dict[str, float]]]) -> tuple[list[Any], list[bool]]:
        tensors = [torch.from_numpy(array) for array in (self.weight, self.bias, self.images)]
        return student.run(verdicts, student.load("export"), *tensors, cases)


@hint("Dropout answers at random while it trains: in which mode do you compare, and in which do you leave the model?")
def test_check_accepts_the_same_model(student: Student, rng: np.random.Generator) -> None:
    """check_onnx_model accepts a faithful file, for a model in training mode, and leaves the mode"""
    comparison = Comparison(rng)
    student.write("same.onnx", comparison.file())
    [(outcome, said)], training = comparison.ask(student, [("same.onnx", {})])
    assert outcome == "returned", f"the file is faithful, and check_onnx_model raised {said}"
    assert all(training), "the model came in training mode and was left in another"


@hint("Compare all numbers of all rows; rtol and atol are there to be used.")
def test_check_tolerances(student: Student, rng: np.random.Generator) -> None:
    """check_onnx_model raises AssertionError beyond the tolerances, and only then"""
    comparison = Comparison(rng)
    size = float(comparison.logits[:, -1].min())
    largest = float(comparison.logits[:, -1].max())
    student.write("scaled.onnx", comparison.file(scale=1.01))
    student.write("shifted.onnx", comparison.file(shift=0.005))
    student.write("tiny.onnx", comparison.file(scale=1.0002))
    cases: list[tuple[str, dict[str, float], bool]] = [
        ("tiny.onnx", {}, True),
        ("tiny.onnx", {"rtol": 1e-5, "atol": 1e-7}, False),
        ("scaled.onnx", {}, False),
        ("scaled.onnx", {"rtol": 0.02}, True),
        ("shifted.onnx", {}, False),
        ("shifted.onnx", {"atol": 0.01}, True),
        ("shifted.onnx", {"rtol": 0.002 / largest, "atol": 0.002}, False),
        ("shifted.onnx", {"rtol": 0.003 / size, "atol": 0.0035}, True),
    ]
    results, _ = comparison.ask(student, [(path, options) for path, options, _ in cases])
    for (path, options, accepted), (outcome, said) in zip(cases, results):
        given = ", ".join(f"{name}={value:.3g}" for name, value in options.items()) or "its default tolerances"
        what = {"tiny": "0.02 % too large", "scaled": "1 % too large", "shifted": "0.005 too large in one class"}
        answers = f"with {given} and answers {what[path.removesuffix('.onnx')]}"
        if accepted:
            assert outcome == "returned", f"{answers}, check_onnx_model raised {said[:200]}"
        else:
            assert outcome != "returned", f"{answers}, check_onnx_model found nothing"
            assert outcome == "AssertionError", f"{answers}, check_onnx_model raised {said[:200]}, no AssertionError"


@hint("onnx.checker knows what a valid model is.")
def test_check_refuses_broken_files(student: Student, rng: np.random.Generator) -> None:
    """check_onnx_model raises on a file that is no model, and on one that is cut off"""
    comparison = Comparison(rng)
    student.write("text.onnx", "this is no model")
    student.write("cut.onnx", comparison.file()[:-150])
    student.write("same.onnx", comparison.file())
    paths = ["same.onnx", "text.onnx", "cut.onnx", "missing.onnx"]
    [(faithful, said), *results], _ = comparison.ask(student, [(path, {}) for path in paths])
    with hint("Let it accept a faithful file first; what it refuses says something only then."):
        assert faithful == "returned", f"a faithful file is refused as well: {said[:200]}"
    for path, (outcome, _) in zip(paths[1:], results):
        assert outcome != "returned", f"check_onnx_model found nothing wrong with {path}"


# ----------------------------------------------------------------------------------------------- the service


def content(response: httpx.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        pytest.fail(f"the answer is no JSON: {response.text[:200]!r}")


def holds_nan(answer: Any) -> bool:
    """JSON has no NaN: servers write NaN all the same, or null."""
    if isinstance(answer, list):
        return any(map(holds_nan, answer))
    return answer is None or answer != answer


PATIENCE = 60  # seconds: BentoML holds requests back to join them, up to that long by default (max_latency_ms)


class Served:
    """A service on a model of the judge's, whose answers the judge can compute."""

    def __init__(self, seed: int, classes: int = 6) -> None:
        rng = np.random.default_rng(seed)
        self.weight = rng.normal(0, 0.2, size=(classes, 784)).astype(np.float32)
        self.bias = rng.normal(0, 1, size=classes).astype(np.float32)
        self.labels = [f"label {number}" for number in rng.permutation(100)[:classes]]

    def file(self) -> bytes:
        return linear_model(self.weight, self.bias, self.labels, [1, 28, 28])

    def probabilities(self, images: np.ndarray) -> np.ndarray:
        logits = images.reshape(len(images), -1).astype(np.float64) @ self.weight.T + self.bias
        powers = np.exp(logits - logits.max(1, keepdims=True))
        return powers / powers.sum(1, keepdims=True)

    def check(self, client: httpx.Client, images: np.ndarray) -> None:
        response = client.post("/predict", json={"images": images.tolist()})
        assert response.status_code == 200, (
            f"/predict gave status {response.status_code} for images of shape {list(images.shape)}, expected 200"
        )
        got = content(response)
        with hint(
            "exp of a large logit is infinite. A softmax stays the same when each row's largest logit is taken off."
        ):
            assert not holds_nan(got), f"the probabilities of {len(images)} images hold NaN, which is no number"
        assert_close(got, self.probabilities(images), f"the probabilities of {len(images)} images")


@pytest.fixture(scope="module")
def service(shared_student: Student, shared_seed: int) -> Iterator[tuple[httpx.Client, Served]]:
    served = Served(shared_seed)
    shared_student.write("models/digits.onnx", served.file())
    with shared_student.serve("service:app", env={"MODEL_FILE": "models/digits.onnx"}, timeout=60) as client:
        client.timeout = PATIENCE
        yield client, served


@hint("The model gives logits; the service promises probabilities, which sum to 1 for each image.")
def test_service_answers(service: tuple[httpx.Client, Served], rng: np.random.Generator) -> None:
    """/predict gives probabilities for one image and for five"""
    client, served = service
    for batch in [1, 5]:
        served.check(client, rng.normal(size=(batch, 1, 28, 28)))
    bright = 200 * rng.normal(size=(2, 1, 28, 28))  # logits of some hundreds: exp overflows
    served.check(client, bright)


@probe
def batching(module):
    method = module.DigitClassifier.apis["predict"]
    dimension = method.batch_dim
    return bool(method.batchable), list(dimension) if isinstance(dimension, (tuple, list)) else [dimension, dimension]


@hint("bentoml.api has an option for it; along which dimension are the requests joined, and the answers split?")
def test_micro_batching(
    service: tuple[httpx.Client, Served], shared_student: Student, rng: np.random.Generator
) -> None:
    """Requests that come together are answered together, each with its own answer"""
    client, served = service
    requests = [rng.normal(size=(int(rng.integers(1, 4)), 1, 28, 28)) for _ in range(16)]
    with ThreadPoolExecutor(8) as clients:
        for _ in clients.map(lambda images: served.check(client, images), requests):
            pass
    batchable, dimensions = shared_student.run(batching, shared_student.load("service"))
    assert batchable, "predict is not batchable: requests that come together are answered one by one"
    assert dimensions == [0, 0], "the dimensions along which requests are joined and answers are split (batch_dim)"


@hint("onnxruntime's session knows the metadata of its model.")
def test_service_labels(service: tuple[httpx.Client, Served]) -> None:
    """/labels lists the classes from the model's metadata"""
    client, served = service
    response = client.post("/labels", json={})
    assert response.status_code == 200, f"/labels gave status {response.status_code}, expected 200"
    assert content(response) == served.labels, "the answer of /labels"


@hint(
    "Look at the shape before the model does, and raise bentoml.exceptions.InvalidArgument. BentoML's Shape does not"
    " look: it reshapes what comes, and refuses only what cannot be reshaped."
)
def test_service_refuses_other_sizes(service: tuple[httpx.Client, Served], rng: np.random.Generator) -> None:
    """Images of another size are the client's mistake: 4xx, and the service goes on"""
    client, served = service
    for shape in [(1, 1, 27, 28), (3, 1, 28, 29), (1, 1, 56, 56), (4, 1, 14, 14), (2, 784), (5,)]:
        response = client.post("/predict", json={"images": rng.random(shape).tolist()})
        refused = response.status_code in range(400, 500)
        assert refused, f"images of shape {list(shape)} gave status {response.status_code}, and not one from 400 to 499"
    served.check(client, rng.normal(size=(2, 1, 28, 28)))


@hint("Reading a model takes longer than using it: what belongs into __init__?")
def test_model_is_loaded_once(student: Student, seed: int, rng: np.random.Generator) -> None:
    """The service reads its model once, model.onnx when nothing else is said"""
    served = Served(seed)
    student.write("model.onnx", served.file())
    with student.serve("service:app", timeout=60) as client:
        client.timeout = PATIENCE
        served.check(client, rng.normal(size=(1, 1, 28, 28)))
        student.write("model.onnx", Served(seed + 1).file())
        response = client.post("/predict", json={"images": np.ones((1, 1, 28, 28)).tolist()})
        assert response.status_code == 200, (
            f"after the file was replaced /predict gave status {response.status_code}, expected 200"
        )
        assert_close(
            content(response),
            served.probabilities(np.ones((1, 1, 28, 28))),
            "the answer after the file was replaced (the service should know the model that it started with)",
        )
