"""Hidden suite of m12: a training script with planted bugs, and numerical trouble. Each bug has its own check."""

from typing import Any

import numpy as np
import pytest
import torch
from torch.distributions import Normal, kl_divergence

from mlops_grade.suite import Student, assert_close, hint, probe

IMAGE, HIDDEN, LATENT = 30, 17, 5

# ----------------------------------------------------------------------------------------------- vae_mnist_bugs.py


@probe
def make_model(image: int, hidden: int, latent: int) -> Any:
    from vae_mnist_bugs import Decoder, Encoder, Model

    return Model(Encoder(image, hidden, latent), Decoder(latent, hidden, image))


@hint("Build the model with sizes that all differ, and print each shape on its way through the encoder.")
def test_sizes_may_differ(student: Student) -> None:
    """The model works when the hidden and the latent size are not the same"""
    x_hat, mean, log_var = student.run(make_model, IMAGE, HIDDEN, LATENT)(torch.rand(3, IMAGE))
    assert tuple(x_hat.shape) == (3, IMAGE), f"the shape of x_hat, for 3 images of {IMAGE} pixels"
    assert tuple(mean.shape) == (3, LATENT), f"the shape of mean, for 3 images and latent size {LATENT}"
    assert tuple(log_var.shape) == (3, LATENT), f"the shape of log_var, for 3 images and latent size {LATENT}"


@probe
def devices_of_forward(sizes: tuple[int, int, int], device: str) -> list[str]:
    import torch
    from vae_mnist_bugs import Decoder, Encoder, Model

    torch.distributions.Distribution.set_default_validate_args(False)  # it looks at values, and "meta" has none
    image, hidden, latent = sizes
    model = Model(Encoder(image, hidden, latent), Decoder(latent, hidden, image)).to(device)
    return [output.device.type for output in model(torch.rand(3, image, device=device))]


@hint("A tensor that is made on the way needs a device as well: that of the tensors which it meets.")
def test_works_on_any_device(student: Student, device: str) -> None:
    """The forward pass stays on the device of the model and the images, whichever that is"""
    same = (LATENT, LATENT, LATENT)  # sizes are another check's business
    assert student.run(devices_of_forward, same, "meta") == ["meta"] * 3, (
        "the devices of x_hat, mean and log_var, with model and images on meta"
    )
    if device == "cuda":
        assert student.run(devices_of_forward, same, "cuda") == ["cuda"] * 3, (
            "the devices of x_hat, mean and log_var, with model and images on cuda"
        )


@probe
def draw(mean: Any, log_var: Any) -> dict[str, Any]:
    import torch
    from vae_mnist_bugs import Decoder, Encoder, Model

    size = mean.shape[1]
    model = Model(Encoder(size, size, size), Decoder(size, size, size))
    mean.requires_grad_()
    log_var.requires_grad_()
    drawn = model.reparameterise(mean, log_var)
    by_mean = by_log_var = None
    if drawn.requires_grad:
        by_mean, by_log_var = torch.autograd.grad(drawn.sum(), [mean, log_var], allow_unused=True)
    return {"drawn": drawn.detach(), "by mean": by_mean, "by log_var": by_log_var}


def distributions(rng: np.random.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """Return 20,000 rows of the same means and log-variances."""
    mean = torch.tensor(rng.uniform(-3, 3, size=LATENT), dtype=torch.float32)
    log_var = torch.tensor([-3.0, -1.0, 0.5, 1.0, 2.0])
    return mean.repeat(20_000, 1), log_var.repeat(20_000, 1)


@hint("What is log_var the logarithm of, and what does the noise have to be multiplied by?")
def test_noise_has_the_right_spread(student: Student, rng: np.random.Generator) -> None:
    """reparameterise draws from a normal distribution with the mean and the variance given"""
    mean, log_var = distributions(rng)
    drawn = student.run(draw, mean, log_var)["drawn"]
    deviation = log_var[0].mul(0.5).exp()
    spread = drawn.std(0) / deviation
    assert_close(spread, torch.ones(LATENT), "the standard deviation of 20,000 draws, relative", atol=0.05)
    standard = (drawn - mean) / deviation
    assert_close(standard.mean(0), torch.zeros(LATENT), "the mean of the noise in 20,000 draws", atol=0.05)
    near = (standard.abs() < 1).double().mean().item()
    assert_close(near, 0.683, "the share of draws within one standard deviation of the mean", atol=0.02)


@hint("The noise is a constant for autograd; the mean and the log-variance are not.")
def test_gradients_reach_mean_and_variance(student: Student, rng: np.random.Generator) -> None:
    """Gradients pass through reparameterise to the mean and the log-variance"""
    mean, log_var = distributions(rng)
    seen = student.run(draw, mean, log_var)
    for name in ("by mean", "by log_var"):
        arrived = seen[name] is not None and seen[name].abs().sum() > 0
        assert arrived, f"no gradient arrives (the gradient of the draws {name})"


@probe
def compute_loss(x: Any, x_hat: Any, mean: Any, log_var: Any) -> Any:
    from vae_mnist_bugs import loss_function

    return loss_function(x, x_hat, mean, log_var)


@hint("torch.distributions knows the KL divergence of two normal distributions: compare.")
def test_loss(student: Student) -> None:
    """loss_function is binary cross-entropy plus KL divergence, both summed over the batch"""
    x, x_hat = torch.rand(7, IMAGE), torch.rand(7, IMAGE) * 0.98 + 0.01
    mean, log_var = torch.randn(7, LATENT), torch.randn(7, LATENT)
    reproduction = torch.nn.functional.binary_cross_entropy(x_hat, x, reduction="sum")
    divergence = kl_divergence(Normal(mean, log_var.mul(0.5).exp()), Normal(0.0, 1.0)).sum()
    got = student.run(compute_loss, x, x_hat, mean, log_var)
    assert_close(got, reproduction + divergence, "the loss of seven images")


@probe
def watch_training(batches: list[Any], lr: float) -> dict[str, Any]:
    import torch
    from vae_mnist_bugs import Decoder, Encoder, Model, train_epoch

    size = batches[0].shape[1]
    model = Model(Encoder(size, size, size), Decoder(size, size, size))
    with torch.no_grad():
        model.decoder.hidden.weight.zero_()  # whatever is drawn: the decoded image is the same
    weight, seen = model.decoder.output.weight, {"own": [], "gathered": [], "weights": []}
    weight.register_hook(lambda gradient: seen["own"].append(gradient.clone()))
    weight.register_post_accumulate_grad_hook(lambda weight: seen["gathered"].append(weight.grad.clone()))
    model.register_forward_pre_hook(lambda *_: seen["weights"].append(weight.detach().clone()))
    first = {name: value.clone() for name, value in model.state_dict().items()}
    mean_loss = train_epoch(model, iter(batches), torch.optim.SGD(model.parameters(), lr=lr))
    return seen | {"first": first, "loss": mean_loss}


@hint("`backward` adds to what is in `.grad` already.")
def test_each_step_has_its_own_gradient(student: Student) -> None:
    """train_epoch takes one step per batch, with the gradient of that batch alone"""
    seen = student.run(watch_training, [torch.rand(size, LATENT) for size in (6, 6, 3)], lr=0.01)
    assert len(seen["own"]) == len(seen["gathered"]) == len(seen["weights"]) == 3, "three batches, but not three steps"
    for own, gathered in zip(seen["own"], seen["gathered"]):
        assert_close(gathered, own, "`.grad` at a step, beside the gradient of its batch")
    for before, after, own in zip(seen["weights"], seen["weights"][1:], seen["own"]):
        assert_close(before - after, 0.01 * own, "the step of plain SGD with learning rate 0.01", atol=1e-5)


@hint("A sum over all batches, divided by the number of all images: batches may differ in size.")
def test_mean_loss_per_image(student: Student) -> None:
    """train_epoch returns the mean loss per image"""
    batches = [torch.rand(size, LATENT) for size in (6, 6, 3)]
    seen = student.run(watch_training, batches, lr=0.0)
    x, weights = torch.cat(batches), seen["first"]
    hidden = torch.relu(x @ weights["encoder.hidden.weight"].T + weights["encoder.hidden.bias"])
    mean, log_var = (
        hidden @ weights[f"encoder.{name}.weight"].T + weights[f"encoder.{name}.bias"] for name in ("mean", "log_var")
    )
    hidden = torch.relu(weights["decoder.hidden.bias"])
    logits = (hidden @ weights["decoder.output.weight"].T + weights["decoder.output.bias"]).expand_as(x)
    reproduction = torch.nn.functional.binary_cross_entropy_with_logits(logits, x, reduction="sum")
    divergence = kl_divergence(Normal(mean, log_var.mul(0.5).exp()), Normal(0.0, 1.0)).sum()
    assert_close(seen["loss"], (reproduction + divergence).item() / len(x), "the mean loss per image")


# ------------------------------------------------------------------------------------------------------ numerics.py


@probe
def cross_entropy_with_gradient(logits: Any, targets: Any) -> tuple[Any, Any]:
    import torch
    from numerics import cross_entropy

    logits.requires_grad_()
    loss = cross_entropy(logits, targets)
    return loss, torch.autograd.grad(loss, logits)[0]


@hint("exp of 100 is too large for float32, and the logarithm of 0 is no number. Can the two be avoided together?")
@pytest.mark.parametrize("size", [1.0, 80.0, 30_000.0], ids=["small logits", "large logits", "huge logits"])
def test_cross_entropy_of_any_logits(student: Student, size: float) -> None:
    """cross_entropy and its gradient are right for small logits and for huge ones"""
    logits, targets = torch.randn(9, 4) * size, torch.randint(4, (9,))
    expected = torch.nn.functional.cross_entropy(logits.requires_grad_(), targets)
    expected.backward()
    loss, gradient = student.run(cross_entropy_with_gradient, logits.detach(), targets)
    assert_close(loss, expected, "the cross-entropy", rtol=1e-3)
    assert_close(gradient, logits.grad, "the gradient", rtol=1e-3, atol=1e-5)


@probe
def clip(gradients: list[Any], max_norm: float) -> tuple[float, list[Any]]:
    import torch
    from numerics import clip_gradients

    parameters = [torch.nn.Parameter(torch.zeros(3))]
    for gradient in gradients:
        parameters.append(torch.nn.Parameter(torch.zeros_like(gradient)))
        parameters[-1].grad = gradient.clone()
    norm = clip_gradients(iter(parameters), max_norm)
    return float(norm), [parameter.grad for parameter in parameters]


@hint("Try it with gradients that are small already, and with a large one beside a small one.")
@pytest.mark.parametrize("scale", [0.01, 50.0], ids=["small gradients", "large gradients"])
def test_clipping(student: Student, scale: float) -> None:
    """clip_gradients shrinks all gradients by one factor when their joint norm is too large, and else does nothing"""
    gradients = [torch.randn(4, 3) * scale, torch.randn(5) * scale, torch.randn(2, 2) * scale * 0.1]
    joint = torch.cat([gradient.flatten() for gradient in gradients]).norm().item()
    norm, (none, *clipped) = student.run(clip, gradients, 1.5)
    assert_close(norm, joint, "the norm that clip_gradients returns")
    assert none is None, "a parameter without a gradient got one"
    for got, gradient in zip(clipped, gradients, strict=True):
        assert_close(got, gradient * min(1.0, 1.5 / joint), "a clipped gradient")


@probe
def keep_history(weight: Any, images: Any, targets: Any) -> tuple[list[float], int]:
    import gc
    import weakref

    import torch
    from numerics import loss_history

    model = torch.nn.Linear(images.shape[2], len(weight), bias=False)
    model.weight.data = weight
    references = []

    def batches():
        for number in range(len(images)):
            batch = images[number].clone()
            references.append(weakref.ref(batch))
            yield batch, targets[number]

    history = loss_history(model, batches())
    gc.collect()
    losses = [loss.item() if isinstance(loss, torch.Tensor) else float(loss) for loss in history]
    return losses, sum(reference() is not None for reference in references)


@hint("A loss tensor holds on to all that its gradient would need. What of it do you need for a plot?")
def test_history_keeps_no_graphs(student: Student) -> None:
    """loss_history returns the losses, and none of the batches stays in memory"""
    weight, images, targets = torch.randn(4, 6), torch.randn(20, 5, 6), torch.randint(4, (20, 5))
    history, alive = student.run(keep_history, weight, images, targets)
    expected = [torch.nn.functional.cross_entropy(x @ weight.T, y).item() for x, y in zip(images, targets)]
    assert_close(history, expected, "the losses")
    assert alive == 0, f"{alive} of 20 batches are still in memory after loss_history has returned"
