"""Hidden suite of m31: a network pruned, quantised, distilled, and its operations counted."""

import math

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from mlops_grade.suite import Student, assert_close, hint, probe

State = dict[str, Tensor]
PLAIN_NUMBER = "A tensor of one number is no number yet: it has a method that gives it."


class Tiny(nn.Module):
    """Convolutions and linear layers within layers, batch normalisation between them; no two shapes alike.

    The probes build it in the worker, by the same lines as here.
    """

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(2, 6, 3), nn.BatchNorm2d(6), nn.ReLU(), nn.Sequential(nn.Conv2d(6, 5, 2, bias=False), nn.ReLU())
        )
        self.head = nn.Sequential(nn.Flatten(), nn.Linear(80, 13), nn.ReLU(), nn.Sequential(nn.Linear(13, 7)))

    def forward(self, images: Tensor) -> Tensor:
        return self.head(self.body(images))


@probe
def tiny(state):
    import torch
    from torch import nn

    class Tiny(nn.Module):
        def __init__(self):
            super().__init__()
            self.body = nn.Sequential(
                nn.Conv2d(2, 6, 3),
                nn.BatchNorm2d(6),
                nn.ReLU(),
                nn.Sequential(nn.Conv2d(6, 5, 2, bias=False), nn.ReLU()),
            )
            self.head = nn.Sequential(nn.Flatten(), nn.Linear(80, 13), nn.ReLU(), nn.Sequential(nn.Linear(13, 7)))

        def forward(self, images):
            return self.head(self.body(images))

    model = Tiny().eval()
    model.load_state_dict({name: torch.as_tensor(tensor) for name, tensor in state.items()})
    return model


WEIGHTS = ["body.0.weight", "body.3.0.weight", "head.1.weight", "head.3.0.weight"]  # of Conv2d and Linear: 1439 numbers


def random_state(rng: np.random.Generator) -> State:
    """Weights of the network above, each layer on a scale of its own, no two of them equally large."""
    model = Tiny()
    state = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    total = sum(state[name].numel() for name in WEIGHTS)
    sizes = torch.from_numpy(rng.permutation(np.linspace(0.01, 1, total))).float()
    signs = torch.from_numpy(rng.choice([-1.0, 1.0], size=total)).float()
    first = 0
    for name, scale in zip(WEIGHTS, [0.4, 1.0, 2.0, 0.7]):
        last = first + state[name].numel()
        state[name] = (scale * sizes * signs)[first:last].reshape(state[name].shape)
        first = last
    # Small weights elsewhere: they are not up for pruning.
    state["body.1.weight"] = torch.linspace(0.001, 0.003, 6)
    state["head.1.bias"] = torch.linspace(-0.002, 0.002, 13)
    return state


@probe
def state_of(model):
    import torch

    return {
        "state": {name: tensor.detach().clone() for name, tensor in model.state_dict().items()},
        "parameters": {name: bool(parameter.requires_grad) for name, parameter in model.named_parameters()},
        "hooks": [
            name
            for name, module in model.named_modules()
            if module._forward_pre_hooks or module._forward_hooks or module._backward_hooks
        ],
        "training": [bool(module.training) for module in model.modules()],
        "outputs": model(torch.ones(1, 2, 7, 7)) if not model.training else None,
    }


def flat_weights(state: State) -> Tensor:
    return torch.cat([state[name].flatten() for name in WEIGHTS])


# -------------------------------------------------------------------------------------------------- pruning


@hint("torch.nn.utils.prune has a method that prunes several layers as if they were one, by L1.")
def test_prune_takes_the_smallest(student: Student, rng: np.random.Generator) -> None:
    """prune_model zeroes exactly the smallest weights of all layers together"""
    state = random_state(rng)
    module = student.load("prune")
    before = flat_weights(state)
    order = before.abs().argsort()
    for amount in [None, 0.37]:
        model = student.run(tiny, state)
        pruned = module.prune_model(model) if amount is None else module.prune_model(model, amount)
        number = round((0.2 if amount is None else amount) * before.numel())
        found = student.run(state_of, pruned)["state"]
        missing = [name for name in WEIGHTS if name not in found]
        assert not missing, f"the pruned model has no parameter {missing[0]} any more"
        after = flat_weights(found)
        zeros = int((after == 0).sum())
        assert zeros == number, f"{zeros} of {before.numel()} weights are zero; they should be {number}"
        expected = before.clone()
        expected[order[:number]] = 0
        larger = int(((after == 0) & (expected != 0)).sum())
        assert larger == 0, f"{larger} weights are gone although smaller ones in some layer stayed"
        assert torch.equal(after, expected), "weights that were to stay have other values"


@hint("Which layers are pruned? Biases and normalisation layers have small numbers too, and need them.")
def test_prune_leaves_the_rest(student: Student, rng: np.random.Generator) -> None:
    """prune_model leaves biases and other layers alone, and the model that it is given"""
    state = random_state(rng)
    model = student.run(tiny, state)
    pruned = student.load("prune").prune_model(model, 0.5)
    original = student.run(state_of, model)["state"]
    changed = [name for name in state if name not in original or not torch.equal(original[name], state[name])]
    assert not changed, f"the model that was handed in has been changed: {changed[0]}"
    after = student.run(state_of, pruned)["state"]
    for name in sorted(set(state) - set(WEIGHTS)):
        assert name in after, f"the pruned model has no {name} any more"
        assert torch.equal(after[name], state[name]), (
            f"{name} was changed: only weights of Conv2d and Linear are pruned"
        )


@hint("While masks are on, a weight is computed from weight_orig and weight_mask: make the pruning permanent.")
def test_prune_leaves_no_masks(student: Student, rng: np.random.Generator) -> None:
    """A pruned model has plain parameters under the same names: no masks, no hooks"""
    state = random_state(rng)
    found = student.run(state_of, student.load("prune").prune_model(student.run(tiny, state), 0.3))
    assert sorted(found["state"]) == sorted(state), "the names in the state dict of the pruned model"
    expected = [name for name, _ in Tiny().named_parameters()]
    assert sorted(found["parameters"]) == sorted(expected), "the names of the pruned model's parameters"
    assert all(found["parameters"].values()), "some parameters cannot be trained any more"
    assert found["hooks"] == [], "layers of the pruned model that have hooks"


@hint("Zeros over all weights, in all layers; a layer has no more say than its number of weights.")
def test_sparsity(student: Student, rng: np.random.Generator) -> None:
    """sparsity is the share of zeros among the weights of Conv2d and Linear layers"""
    state = random_state(rng)
    prune = student.load("prune")
    none = prune.sparsity(student.run(tiny, state))
    assert none == 0, f"the sparsity of a model without zeros is {none!r}, expected 0"
    zeros = 0
    for name, share in zip(WEIGHTS, [0.9, 0.1, 0.5, 0.0]):
        keep = torch.from_numpy(rng.random(state[name].shape) >= share)
        state[name] = state[name] * keep
        zeros += int((~keep).sum())
    state["head.1.bias"] = torch.zeros(13)
    got = prune.sparsity(student.run(tiny, state))
    with hint(PLAIN_NUMBER):
        assert not isinstance(got, Tensor), "sparsity returns a tensor, where its signature says float"
    assert_close(got, zeros / flat_weights(state).numel(), "the sparsity")


# --------------------------------------------------------------------------------------------- quantisation


def quantised(values: Tensor) -> tuple[Tensor, float]:
    scale = float(values.abs().max()) / 127 or 1.0
    return torch.round(values / scale), scale


@hint("The largest absolute value becomes 127, nothing -128; conversion to int8 alone cuts off instead of rounding.")
def test_quantise_tensor(student: Student, rng: np.random.Generator) -> None:
    """quantise_tensor rounds to int8 with the smallest scale that fits"""
    module = student.load("quantise")
    for size, shape in [(3.7, (5, 9)), (0.0004, (33,)), (250.0, (2, 3, 4))]:
        values = torch.from_numpy(rng.normal(0, size, size=shape)).float()
        for signed in [values, -values.abs(), values.abs()]:
            got, scale = module.quantise_tensor(signed)
            _, expected_scale = quantised(signed)
            assert str(got.dtype) == "torch.int8", "the dtype of the quantised tensor"
            assert tuple(got.shape) == shape, "the shape of the quantised tensor"
            with hint(PLAIN_NUMBER):
                assert not isinstance(scale, Tensor), "the scale is a tensor, where the signature says float"
            assert_close(float(scale), expected_scale, "the scale")
            # Where a value lies between two whole numbers, either is right to floating point accuracy.
            off = (got.float() - signed / float(scale)).abs().max()
            assert off <= 0.5 + 1e-3, f"a value is {off:.2f} steps away from its whole number: it was not rounded"
            largest = int(got.abs().max())
            assert largest == 127, f"the largest absolute value of the quantised tensor is {largest}, expected 127"
    got, scale = module.quantise_tensor(torch.zeros(4))
    assert got.tolist() == [0, 0, 0, 0], "four zeros, quantised"
    assert float(scale) == 1.0, f"the scale of a tensor of zeros is {float(scale)}, expected 1.0"


@probe
def linear_layer(module, weight, bias, inputs):
    import torch

    linear = torch.nn.Linear(weight.shape[1], weight.shape[0], bias=bias is not None)
    with torch.no_grad():
        linear.weight.copy_(weight)
        if bias is not None:
            linear.bias.copy_(bias)
    layer = module.QuantisedLinear(linear)
    return dict(layer.state_dict()), [layer(one).detach() for one in inputs]


def linear_case(rng: np.random.Generator, biased: bool) -> tuple[Tensor, Tensor | None]:
    weight = torch.from_numpy(rng.normal(size=(6, 150))).float()
    weight *= torch.tensor([0.01, 0.3, 1.0, 5.0, 40.0, 2.0])[:, None]  # one scale for all rows would drown the first
    return weight, torch.from_numpy(rng.normal(size=6)).float() if biased else None


@hint("Each row of the weights has its own scale. What else than parameters does a state dict hold?")
def test_quantised_weights(student: Student, rng: np.random.Generator) -> None:
    """QuantisedLinear keeps int8 weights and one scale per row"""
    weight, bias = linear_case(rng, biased=True)
    state, _ = student.run(linear_layer, student.load("quantise"), weight, bias, [])
    assert sorted(state) == ["bias", "scale", "weight"], "the names in the layer's state dict"
    assert str(state["weight"].dtype) == "torch.int8", "the dtype of weight in the state dict"
    assert tuple(state["weight"].shape) == (6, 150), "the shape of weight in the state dict"
    assert tuple(state["scale"].shape) == (6,), "the shape of scale in the state dict"
    assert_close(state["scale"], weight.abs().amax(1) / 127, "the scales of the rows")
    off = (state["weight"] * state["scale"][:, None] - weight).abs().amax(1) / state["scale"]
    assert float(off.max()) <= 0.5 + 1e-3, "the whole numbers times their scales are not the weights"
    assert_close(state["bias"], bias, "the bias")


def quantised_product(inputs: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    whole, scale = quantised(inputs)
    rows = [quantised(row) for row in weight]
    products = whole.double() @ torch.stack([row for row, _ in rows]).double().T
    outputs = products * scale * torch.tensor([row_scale for _, row_scale in rows]).double()
    return outputs if bias is None else outputs + bias


@hint("The inputs are quantised as well, anew in each call; and a sum of products of bytes is no byte.")
def test_quantised_product(student: Student, rng: np.random.Generator) -> None:
    """QuantisedLinear multiplies quantised inputs with quantised weights, for any leading dimensions"""
    module = student.load("quantise")
    for biased in [True, False]:
        weight, bias = linear_case(rng, biased)
        inputs = [
            torch.from_numpy(rng.normal(0, size, size=shape)).float()
            for size, shape in [(1.0, (5, 150)), (60.0, (1, 150)), (0.02, (2, 3, 150)), (1.0, (150,))]
        ]
        inputs.append(torch.zeros(2, 150))
        _, got = student.run(linear_layer, module, weight, bias, inputs)
        for one, outputs in zip(inputs, got):
            expected = quantised_product(one, weight, bias)
            assert tuple(outputs.shape) == tuple(expected.shape), (
                f"the shape of the outputs for inputs of shape {list(one.shape)}"
            )
            # A value half way between two whole numbers may go either way: one step of one input, per row.
            step = float(one.abs().max()) / 127 * weight.abs().amax(1).double()
            error = ((outputs.double() - expected).abs() / (step + 1e-9)).max()
            exact = one.double() @ weight.double().T + (0 if bias is None else bias.double())
            assert error <= 1.1, (
                f"an output is {error:.1f} steps away from the product of the quantised numbers; "
                f"without any quantisation it would be {float(((exact - expected).abs() / (step + 1e-9)).max()):.1f}"
            )
        # No number is ever exactly half way in these: here not one step is forgiven.
        plain = torch.tensor(rng.integers(-127, 128, size=(4, 150))).float()
        plain[:, 0] = 127
        spread = plain * 0.5 + 0.2 * torch.from_numpy(rng.choice([-1.0, 1.0], size=(4, 150))).float()
        spread[:, 0] = 63.5
        _, [outputs] = student.run(linear_layer, module, weight, bias, [spread])
        assert_close(outputs.double(), quantised_product(spread, weight, bias), "the product")


@probe
def bytes_of_layers(module, model):
    kinds = [type(layer).__name__ for layer in model.modules()]
    return kinds, int(module.size_in_bytes(model))


@hint("named_children gives the layers of one level; those within them need to be visited, too.")
def test_quantise_model(student: Student, rng: np.random.Generator) -> None:
    """quantise_model replaces each linear layer of a copy, at any depth; the answers stay nearly the same"""
    state = random_state(rng)
    state["body.1.weight"] = torch.ones(6)
    quantise = student.load("quantise")
    model = student.run(tiny, state)
    copy = quantise.quantise_model(model)
    kinds, size = student.run(bytes_of_layers, quantise, copy)
    assert kinds.count("Linear") == 0, f"{kinds.count('Linear')} linear layers were not replaced"
    replaced = kinds.count("QuantisedLinear")
    assert replaced == 2, f"the quantised model has {replaced} layers of the class QuantisedLinear, expected 2"
    assert kinds.count("Conv2d") == 2, "only linear layers are to be replaced"
    kinds, original_size = student.run(bytes_of_layers, quantise, model)
    assert kinds.count("Linear") == 2, "the model that was handed in has been changed"
    with hint("Parameters and buffers, each with its number of elements and the bytes of one."):
        assert original_size == sum(tensor.numel() * tensor.element_size() for tensor in state.values()), (
            "size_in_bytes of a model that is not quantised"
        )
    linear = 80 * 13 + 13 * 7
    expected_size = original_size - 3 * linear + 4 * (13 + 7)  # a byte for four, and a scale for each row
    with hint("Which dtypes do the three buffers have, and is a float copy of the weights left anywhere?"):
        assert size == expected_size, "size_in_bytes of the quantised model"
    images = torch.from_numpy(rng.normal(size=(41, 2, 7, 7))).float()
    expected = Tiny().eval()
    expected.load_state_dict(state)
    with torch.no_grad():
        logits = expected(images)
    got = copy(images)
    assert tuple(got.shape) == (41, 7), "the shape of the quantised model's logits"
    error = float((got - logits).abs().max() / logits.abs().max())
    assert error < 0.05, f"the logits are off by {error:.0%} of the largest"


# --------------------------------------------------------------------------------------------- distillation


def loss_of(student: Tensor, teacher: Tensor, targets: Tensor, temperature: float, alpha: float) -> float:
    """The definition, in double precision and without torch's own losses."""
    q = torch.log_softmax(student.double() / temperature, 1)
    p = torch.softmax(teacher.double() / temperature, 1)
    divergence = (p * (p.log() - q)).sum(1)
    cross_entropy = -torch.log_softmax(student.double(), 1)[torch.arange(len(targets)), targets]
    return float((alpha * temperature**2 * divergence + (1 - alpha) * cross_entropy).mean())


@hint("Go through the formula term by term: who is p, which temperature has the cross entropy, where is the square?")
def test_distillation_loss(student: Student, rng: np.random.Generator) -> None:
    """distillation_loss is the formula, for any temperature and weight"""
    loss = student.load("distil").distillation_loss
    for temperature, alpha in [(2.0, 0.5), (1.0, 1.0), (5.0, 0.0), (3.3, 0.8), (0.7, 1.0)]:
        ours, theirs = torch.from_numpy(rng.normal(0, 2, size=(2, 7, 5))).float()
        targets = torch.from_numpy(rng.integers(0, 5, size=7))
        got = loss(ours, theirs, targets, temperature, alpha)
        assert_close(
            float(got),
            loss_of(ours, theirs, targets, temperature, alpha),
            f"the loss at T={temperature}, alpha={alpha}",
        )
    assert_close(float(loss(ours, theirs, targets)), loss_of(ours, theirs, targets, 2.0, 0.5), "the loss with defaults")


@probe
def gradients(module, ours, theirs, targets):
    ours = ours.clone().requires_grad_()
    theirs = theirs.clone().requires_grad_()
    module.distillation_loss(ours, theirs, targets, 3.0, 0.6).backward()
    return ours.grad, theirs.grad


@hint("The teacher's logits are given numbers: detach them.")
def test_gradient_reaches_the_student_only(student: Student, rng: np.random.Generator) -> None:
    """The loss has a gradient for the student, none for the teacher"""
    ours, theirs = torch.from_numpy(rng.normal(size=(2, 7, 5))).float()
    targets = torch.from_numpy(rng.integers(0, 5, size=7))
    got, of_teacher = student.run(gradients, student.load("distil"), ours, theirs, targets)
    # By hand: each term's gradient is a difference of two distributions.
    hard = torch.softmax(ours, 1) - F.one_hot(targets, 5)
    soft = 3.0 * (torch.softmax(ours / 3.0, 1) - torch.softmax(theirs / 3.0, 1))
    assert got is not None, "no gradient reaches the student"
    assert_close(got, (0.6 * soft + 0.4 * hard) / 7, "the gradient of the student's logits")
    assert of_teacher is None or float(of_teacher.abs().max()) == 0, "a gradient flows to the teacher"


@probe
def taught(module, weights, batches, settings, training):
    """Distil a linear teacher (behind dropout and batch normalisation) into a linear student."""
    import torch
    from torch import nn

    teacher = nn.Sequential(nn.BatchNorm1d(12), nn.Dropout(0.5), nn.Linear(12, 5))
    teacher[0].running_mean.copy_(weights["mean"])
    student = nn.Sequential(nn.BatchNorm1d(12, affine=False, momentum=0.5), nn.Linear(12, 5))
    with torch.no_grad():
        teacher[2].weight.copy_(weights["teacher"])
        student[1].weight.copy_(weights["student"])
        student[1].bias.zero_()
        teacher[2].bias.zero_()
    teacher.train(training)
    student.eval()
    before = {name: tensor.clone() for name, tensor in teacher.state_dict().items()}
    losses = module.distil(teacher, student, batches, **settings)
    return {
        "losses": [float(loss) for loss in losses],
        "types": sorted({type(loss).__name__ for loss in losses}),
        "before": before,
        "after": dict(teacher.state_dict()),
        "training": bool(teacher.training),
        "gradients": [name for name, parameter in teacher.named_parameters() if parameter.grad is not None],
        "trainable": all(parameter.requires_grad for parameter in teacher.parameters()),
        "student": dict(student.state_dict()),
    }


def distil_case(rng: np.random.Generator, batches: int) -> tuple[dict[str, Tensor], list[tuple[Tensor, Tensor]]]:
    weights = {
        "teacher": torch.from_numpy(rng.normal(size=(5, 12))).float(),
        "student": torch.from_numpy(0.1 * rng.normal(size=(5, 12))).float(),
        "mean": torch.from_numpy(rng.normal(size=12)).float(),
    }
    sizes = [24] * (batches - 1) + [7]
    inputs = [torch.from_numpy(rng.normal(size=(size, 12))).float() for size in sizes]
    targets = [torch.from_numpy(rng.integers(0, 5, size=size)) for size in sizes]
    return weights, list(zip(inputs, targets))


def teacher_logits(weights: dict[str, Tensor], inputs: Tensor) -> Tensor:
    """What the teacher says when it is evaluated: no dropout, running statistics."""
    return ((inputs - weights["mean"]) / math.sqrt(1 + 1e-5)) @ weights["teacher"].T


@hint("In which mode is the teacher while it answers, and who owns the statistics of its batch normalisation?")
def test_teacher_is_not_changed(student: Student, rng: np.random.Generator) -> None:
    """distil leaves the teacher exactly as it was, in whichever mode it came"""
    weights, batches = distil_case(rng, 3)
    for training in [True, False]:
        found = student.run(taught, student.load("distil"), weights, batches, {"epochs": 2}, training)
        for name, tensor in found["before"].items():
            assert torch.equal(found["after"][name], tensor), f"the teacher's {name} was changed"
        assert found["training"] is training, "the teacher was handed back in another mode than it came"
        assert found["gradients"] == [], "the teacher collected gradients"
        assert found["trainable"], "the teacher's parameters cannot be trained any more"


@hint("A learning rate of 0 shows what is averaged: is the teacher evaluating, the student training, a batch small?")
def test_losses_of_the_epochs(student: Student, rng: np.random.Generator) -> None:
    """distil returns the mean loss over all samples of each epoch"""
    weights, batches = distil_case(rng, 4)
    module = student.load("distil")
    chosen = {"epochs": 3, "temperature": 3.0, "alpha": 0.7}
    defaults = {"epochs": 5, "temperature": 2.0, "alpha": 0.5}
    for given, used in [(chosen, chosen), ({}, defaults)]:
        found = student.run(taught, module, weights, batches, {"lr": 0.0, **given}, True)
        total = 0.0
        for inputs, targets in batches:
            normal = (inputs - inputs.mean(0)) / torch.sqrt(inputs.var(0, correction=0) + 1e-5)
            ours, theirs = normal @ weights["student"].T, teacher_logits(weights, inputs)
            total += loss_of(ours, theirs, targets, used["temperature"], used["alpha"]) * len(inputs)
        expected = total / sum(len(inputs) for inputs, _ in batches)
        epochs = int(used["epochs"])
        assert len(found["losses"]) == epochs, f"{len(found['losses'])} losses for {epochs} epochs"
        with_what = ", ".join(f"{name}={value}" for name, value in given.items()) or "all else by default"
        with hint(PLAIN_NUMBER):
            assert "Tensor" not in found["types"], "distil returns a list of tensors, where its signature says floats"
        assert_close(found["losses"], [expected] * epochs, f"the loss of each epoch (with lr=0, {with_what})")


@hint("Gradients add up until they are cleared; the options have to reach the optimiser and the loss.")
def test_student_learns(student: Student, rng: np.random.Generator) -> None:
    """With alpha 1 the student follows its teacher, with alpha 0 the targets"""
    weights, batches = distil_case(rng, 14)
    inputs = torch.cat([inputs for inputs, _ in batches])
    other = torch.from_numpy(rng.normal(size=(5, 12))).float()
    # Targets that follow a rule, but not the teacher's.
    batches = [(one, (one @ other.T).argmax(1)) for one, _ in batches]
    module = student.load("distil")
    rules = {1.0: teacher_logits(weights, inputs).argmax(1), 0.0: (inputs @ other.T).argmax(1)}
    for alpha, wanted in rules.items():
        settings = {"epochs": 25, "lr": 0.05, "temperature": 2.0, "alpha": alpha}
        found = student.run(taught, module, weights, batches, settings, False)
        state = found["student"]
        # Running statistics lean on the last, small batch: normalise by those of all samples.
        normal = (inputs - inputs.mean(0)) / inputs.std(0)
        answers = (normal @ state["1.weight"].T + state["1.bias"]).argmax(1)
        agreement = float((answers == wanted).double().mean())
        whom = "teacher" if alpha == 1.0 else "targets"
        assert agreement > 0.85, (
            f"with alpha={alpha} the student agrees with the {whom} on {agreement:.0%} of the samples"
        )
        assert found["losses"][-1] < found["losses"][0], "the loss did not fall"


# ---------------------------------------------------------------------------------------------------- FLOPs


@probe
def counted(module):
    """FLOPs of five networks, and what was left behind in the last of them."""
    import torch
    from torch import nn

    class Twice(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Linear(9, 9)
            self.out = nn.Linear(9, 4)

        def forward(self, inputs):
            return self.out(self.layer(torch.relu(self.layer(inputs))))

    deep = nn.Sequential(
        nn.Conv2d(2, 4, 3), nn.BatchNorm2d(4), nn.Sequential(nn.Dropout(), nn.Flatten()), nn.Linear(16, 3)
    )
    before = {name: tensor.clone() for name, tensor in deep.state_dict().items()}
    deep.train()
    numbers = [
        module.count_flops(nn.Sequential(nn.Linear(11, 7), nn.ReLU(), nn.Linear(7, 3, bias=False)), (1, 11)),
        module.count_flops(nn.Conv2d(3, 8, (3, 5), stride=(2, 1), padding=(1, 0), dilation=(1, 2)), (1, 3, 13, 17)),
        module.count_flops(nn.Conv2d(6, 12, 3, groups=3), (2, 6, 9, 8)),
        module.count_flops(Twice(), (1, 5, 9)),
        module.count_flops(deep, (1, 2, 4, 4)),
    ]
    left = {
        "changed": [name for name, tensor in deep.state_dict().items() if not torch.equal(tensor, before[name])],
        "hooks": [name for name, layer in deep.named_modules() if layer._forward_hooks or layer._forward_pre_hooks],
        "training": all(layer.training for layer in deep.modules()),
    }
    return [int(number) for number in numbers], left


@hint("Two operations for each product: how many numbers leave the layer, and how many products are in each of them?")
def test_flops(student: Student) -> None:
    """count_flops equals the count by hand: strides, groups, sequences, a layer that is called twice"""
    numbers, _ = student.run(counted, student.load("flops"))
    expected = {
        "two linear layers": 2 * (11 * 7 + 7 * 3),
        "a convolution with stride, padding and dilation": 2 * 8 * (7 * 9) * (3 * 3 * 5),
        "a convolution in three groups, for a batch of two": 2 * 2 * 12 * (7 * 6) * (2 * 3 * 3),
        "a layer called twice on a sequence of five, and another one": 2 * 5 * (2 * 9 * 9 + 9 * 4),
        "layers within layers": 2 * (4 * 4 * (2 * 3 * 3) + 16 * 3),
    }
    for number, (what, by_hand) in zip(numbers, expected.items()):
        assert number == by_hand, f"{what}: {number}, by hand {by_hand}"


@hint("Hooks can be removed, modes put back; in training mode a forward pass changes statistics.")
def test_flops_leave_the_model_alone(student: Student) -> None:
    """count_flops leaves weights, statistics, mode and hooks of the model as they were"""
    _, left = student.run(counted, student.load("flops"))
    assert left["changed"] == [], "counting changed numbers in the model"
    assert left["hooks"] == [], "hooks of the count are still on the model"
    assert left["training"] is True, "the model came in training mode and left in another"
