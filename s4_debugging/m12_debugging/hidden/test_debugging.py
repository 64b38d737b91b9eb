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
def draw_in_forward(mean: Any, log_var: Any) -> list[Any]:
    import torch
    from vae_mnist_bugs import Model

    class Known(torch.nn.Module):
        def forward(self, x):
            return mean, log_var

    class Same(torch.nn.Module):
        def forward(self, z):
            return z

    return [output.detach() for output in Model(Known(), Same())(torch.zeros_like(mean))]


@hint("The encoder gives the mean first, then the log-variance; the model gives x_hat, mean and log_var.")
def test_model_decodes_a_draw(student: Student, rng: np.random.Generator) -> None:
    """The model's x_hat is what the decoder makes of a point drawn near the encoder's mean"""
    means, log_vars = distributions(rng)
    mean, log_var = means[:, [0, 2, 4]], log_vars[:, [0, 2, 4]]
    narrow = log_var - 8  # how far a draw may lie from its mean is another check's business
    drawn, got_mean, got_log_var = student.run(draw_in_forward, mean, narrow)
    assert_close(got_mean, mean, "the second output of the model, beside the encoder's mean")
    assert_close(got_log_var, narrow, "the third output of the model, beside the encoder's log-variance")
    near = "x_hat, for a decoder that gives back what it is given: it should be near the encoder's mean"
    assert_close(drawn.mean(0), mean[0], near, rtol=0, atol=0.01)
    assert drawn.std(0).min() > 0, "x_hat is the same in each draw: the point should be drawn at random"


@probe
def decode(points: Any, image: int) -> tuple[Any, Any]:
    import torch
    from vae_mnist_bugs import Decoder, Encoder

    latent = points.shape[1]
    mean, log_var = Encoder(image, 17, latent)(torch.rand(len(points), image) * 20)
    return Decoder(latent, 17, image)(points).detach(), torch.cat([mean, log_var]).detach()


@hint("The original of the decoder ends in a sigmoid: the loss takes the logarithm of x_hat and of 1 - x_hat.")
def test_values_of_an_image(student: Student) -> None:
    """The decoder's images lie between 0 and 1, the encoder's numbers anywhere"""
    images, numbers = student.run(decode, torch.randn(50, LATENT) * 20, IMAGE)
    assert images.min() >= 0 and images.max() <= 1, "some values of x_hat do not lie between 0 and 1"
    assert images.std(0).min() > 1e-4, "the decoder makes the same image of different points"
    assert numbers.min() < 0, "the encoder gives no mean and no log-variance below 0"


@probe
def watch_training(batches: list[Any], parts: dict[str, Any], lr: float) -> dict[str, Any]:
    import torch
    from vae_mnist_bugs import Model, train_epoch

    class Encoder(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.mean = torch.nn.Parameter(parts["mean"].clone())
            self.log_var = torch.nn.Parameter(parts["log_var"].clone())

        def forward(self, x):
            return x @ self.mean, x @ self.log_var

    class Decoder(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.image = torch.nn.Parameter(parts["image"].clone())

        def forward(self, z):
            return torch.sigmoid(self.image).expand(len(z), -1)  # whatever is drawn: the image is the same

    encoder, decoder = Encoder(), Decoder()
    model = Model(encoder, decoder)
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    steps = []
    optimizer.register_step_post_hook(lambda *_: steps.append(1))
    loss = train_epoch(model, iter(batches), optimizer)
    weights = {
        "mean": encoder.mean.detach(),
        "log_var": encoder.log_var.detach(),
        "image": decoder.image.detach(),
    }
    return {"steps": len(steps), "loss": loss, "type": type(loss).__name__, "weights": weights}


PLAIN, PILED_UP, PER_IMAGE = "plain", "piled up", "per image"


def training(batches: list[torch.Tensor], parts: dict[str, torch.Tensor], lr: float, way: str) -> dict[str, Any]:
    """The weights after an epoch of SGD, and the mean loss per image; gradients may pile up, or be means."""
    weights = {name: part.clone().requires_grad_() for name, part in parts.items()}
    total, images = 0.0, 0
    gathered = [torch.zeros_like(weight) for weight in weights.values()]
    for x in batches:
        mean, log_var, image = x @ weights["mean"], x @ weights["log_var"], torch.sigmoid(weights["image"])
        reproduction = torch.nn.functional.binary_cross_entropy(image.expand_as(x), x, reduction="sum")
        loss = reproduction + kl_divergence(Normal(mean, log_var.mul(0.5).exp()), Normal(0.0, 1.0)).sum()
        gradients = list(torch.autograd.grad(loss, list(weights.values())))
        gathered = [a + b for a, b in zip(gathered, gradients)] if way == PILED_UP else gradients
        with torch.no_grad():
            for weight, gradient in zip(weights.values(), gathered):
                weight -= lr * gradient / (len(x) if way == PER_IMAGE else 1)
        total, images = total + loss.item(), images + len(x)
    return {"loss": total / images, "weights": torch.cat([weight.detach().flatten() for weight in weights.values()])}


def small_training() -> tuple[list[torch.Tensor], dict[str, torch.Tensor]]:
    """Batches of different sizes and brightness, and the weights to begin with."""
    sizes = [(7, 1.0), (7, 0.6), (2, 0.1)]
    batches = [torch.rand(size, IMAGE) * brightness for size, brightness in sizes]
    parts = {"mean": torch.randn(IMAGE, LATENT) * 0.2, "log_var": torch.randn(IMAGE, LATENT) * 0.1}
    return batches, parts | {"image": torch.randn(IMAGE)}


@hint("One optimizer.step() for each batch, with the gradient of that batch's loss for all of the model.")
def test_each_step_has_its_own_gradient(student: Student) -> None:
    """train_epoch takes one step per batch, with the gradient of that batch alone"""
    (batches, parts), lr = small_training(), 0.01
    seen = student.run(watch_training, batches, parts, lr)
    assert seen["steps"] == 3, f"the optimiser took {seen['steps']} steps for 3 batches"
    got = torch.cat([seen["weights"][name].flatten() for name in parts])
    with hint("Gradients are added to what is in `.grad` already. Who clears it?"):
        piled_up = training(batches, parts, lr, PILED_UP)["weights"]
        same = torch.allclose(got, piled_up, atol=1e-4)
        assert not same, "a step was taken with the gradients of all batches so far, added up"
    # The text does not say whether a step follows the sum over a batch or its mean.
    per_image = training(batches, parts, lr, PER_IMAGE)["weights"]
    if not torch.allclose(got, per_image, rtol=1e-4, atol=1e-5):
        expected = training(batches, parts, lr, PLAIN)["weights"]
        assert_close(got, expected, "the weights after three batches, plain SGD and learning rate 0.01", atol=1e-5)


@hint("A sum over all batches, divided by the number of all images: batches may differ in size.")
def test_mean_loss_per_image(student: Student) -> None:
    """train_epoch returns the mean loss per image"""
    batches, parts = small_training()
    seen = student.run(watch_training, batches, parts, 0.0)
    with hint("A tensor has a method that gives its one number."):
        assert seen["type"] != "Tensor", "train_epoch returns a tensor, where its signature says float"
    assert_close(seen["loss"], training(batches, parts, 0.0, PLAIN)["loss"], "the mean loss per image")


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
def clip(gradients: list[Any], max_norm: float) -> tuple[Any, str, list[Any]]:
    import torch
    from numerics import clip_gradients

    parameters = [torch.nn.Parameter(torch.zeros(3))]
    for gradient in gradients:
        parameters.append(torch.nn.Parameter(torch.zeros_like(gradient)))
        parameters[-1].grad = gradient.clone()
    norm = clip_gradients(iter(parameters), max_norm)
    return norm, type(norm).__name__, [parameter.grad for parameter in parameters]


@hint("Try it with gradients that are small already, and with a large one beside a small one.")
@pytest.mark.parametrize("scale", [0.01, 50.0], ids=["small gradients", "large gradients"])
def test_clipping(student: Student, scale: float) -> None:
    """clip_gradients shrinks all gradients by one factor when their joint norm is too large, and else does nothing"""
    gradients = [torch.randn(4, 3) * scale, torch.randn(5) * scale, torch.randn(2, 2) * scale * 0.1]
    joint = torch.cat([gradient.flatten() for gradient in gradients]).norm().item()
    norm, kind, (none, *clipped) = student.run(clip, gradients, 1.5)
    with hint("A tensor has a method that gives its one number."):
        assert kind != "Tensor", "clip_gradients returns a tensor, where its signature says float"
    assert_close(norm, joint, "the norm that clip_gradients returns")
    assert none is None, "a parameter without a gradient got one"
    for got, gradient in zip(clipped, gradients, strict=True):
        assert_close(got, gradient * min(1.0, 1.5 / joint), "a clipped gradient")


@probe
def keep_history(weight: Any, images: Any, targets: Any) -> tuple[list[float], list[str], int]:
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
    kinds = [type(loss).__name__ for loss in history]
    return losses, kinds, sum(reference() is not None for reference in references)


@hint("A loss tensor holds on to all that its gradient would need. What of it do you need for a plot?")
def test_history_keeps_no_graphs(student: Student) -> None:
    """loss_history returns the losses, and none of the batches stays in memory"""
    weight, images, targets = torch.randn(4, 6), torch.randn(20, 5, 6), torch.randint(4, (20, 5))
    history, kinds, alive = student.run(keep_history, weight, images, targets)
    expected = [torch.nn.functional.cross_entropy(x @ weight.T, y).item() for x, y in zip(images, targets)]
    assert_close(history, expected, "the losses")
    assert alive == 0, f"{alive} of 20 batches are still in memory after loss_history has returned"
    with hint("A tensor of one number is no number yet: a plot, a JSON file or a sum of floats will trip over it."):
        assert "Tensor" not in kinds, "loss_history returns a list of tensors, where its signature says floats"
