"""Hidden suite of the target with tensors. @secret suite@"""

import torch

from mlops_grade.suite import Student, assert_close, hint, probe


@hint("Each image by its own mean and deviation.")
def test_normalised(student: Student) -> None:
    """normalised gives each image mean 0 and standard deviation 1"""
    student.patience = 3
    images = torch.rand(5, 1, 7, 9) * torch.arange(1, 6).reshape(5, 1, 1, 1)
    got = student.load("network").normalised(images)
    deviation, mean = torch.std_mean(images, (1, 2, 3), keepdim=True)
    assert_close(got, (images - mean) / deviation, "the normalised images")


@probe
def weights_of(model):
    return {name: parameter.detach() for name, parameter in model.named_parameters()}


@hint("Logits: no softmax.")
def test_network(student: Student) -> None:
    """Network maps images to logits by its layer"""
    student.patience = 3
    model = student.load("network").Network()
    weights = student.run(weights_of, model)
    images = torch.randn(6, 1, 8, 8)
    assert sorted(weights) == ["layer.bias", "layer.weight"]
    assert tuple(weights["layer.weight"].shape) == (10, 64), "the layer has other sizes"
    assert float(weights["layer.weight"].float().std()) > 0.01, "the weights are all the same"
    expected = images.flatten(1) @ weights["layer.weight"].T + weights["layer.bias"]
    assert_close(model(images), expected, "the logits")
