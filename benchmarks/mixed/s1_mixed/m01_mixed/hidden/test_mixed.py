"""Nine checks of nine kinds: module, values, gradients, training, Trainer.fit, an API, a program."""

import numpy as np
import torch

from mlops_grade.suite import Student, assert_close, hint, probe


@probe
def gradients(model, x, y):
    import torch

    torch.nn.functional.cross_entropy(model(x), y).backward()
    return {name: parameter.grad for name, parameter in model.named_parameters()}


@probe
def state(model):
    return {name: value.detach() for name, value in model.state_dict().items()}


@probe
def train(model, x, y, steps):
    import torch

    optimiser = torch.optim.SGD(model.parameters(), lr=0.5)
    losses = []
    for _ in range(steps):
        optimiser.zero_grad()
        loss = torch.nn.functional.cross_entropy(model(x), y)
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    return losses


@probe
def fit(module, x, y):
    import pytorch_lightning as pl
    import torch

    before = module.net.layers[0].weight.detach().clone()
    loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(x, y), batch_size=8)
    trainer = pl.Trainer(
        max_epochs=1, accelerator="cpu", logger=False, enable_checkpointing=False, enable_progress_bar=False,
        enable_model_summary=False,
    )  # fmt: skip
    trainer.fit(module, loader)
    return before, module.net.layers[0].weight.detach()


def batch(rows: int = 33) -> tuple[torch.Tensor, torch.Tensor]:
    return torch.randn(rows, 20), torch.randint(0, 3, (rows,))


def forward(weights: dict[str, torch.Tensor], x: torch.Tensor) -> torch.Tensor:
    hidden = torch.relu(x @ weights["layers.0.weight"].T + weights["layers.0.bias"])
    return hidden @ weights["layers.2.weight"].T + weights["layers.2.bias"]


@hint("-")
def test_shape(student: Student) -> None:
    """The net gives logits [N, 3]"""
    assert tuple(student.load("model").Net()(torch.randn(7, 20)).shape) == (7, 3)


@hint("-")
def test_values(student: Student) -> None:
    """The logits are those of the weights"""
    model, (x, _) = student.load("model").Net(), batch()
    assert_close(model(x), forward(student.run(state, model), x), "the logits")


@hint("-")
def test_gradients(student: Student) -> None:
    """The gradients are those of cross-entropy"""
    model, (x, y) = student.load("model").Net(), batch()
    weights = {name: value.requires_grad_() for name, value in student.run(state, model).items()}
    torch.nn.functional.cross_entropy(forward(weights, x), y).backward()
    for name, got in student.run(gradients, model, x, y).items():
        assert_close(got, weights[name].grad, name)


@hint("-")
def test_training(student: Student) -> None:
    """The loss falls"""
    losses = student.run(train, student.load("model").Net(), *batch(), 30)
    assert losses[-1] < losses[0]


@hint("-")
def test_fit(student: Student) -> None:
    """Trainer.fit changes the weights"""
    before, after = student.run(fit, student.load("model").LitNet(), *batch(40))
    assert not torch.equal(before, after), "the weights did not change"


@hint("-")
def test_numbers(student: Student) -> None:
    """Arrays cross as they are"""
    got = student.load("model").torch.as_tensor(np.arange(5.0))
    assert got.tolist() == [0, 1, 2, 3, 4]


@hint("-")
def test_api(student: Student) -> None:
    """The API doubles"""
    with student.serve("app:app") as client:
        assert client.get("/double/21").json() == {"double": 42}


@hint("-")
def test_api_refuses(student: Student) -> None:
    """The API refuses what is no number"""
    with student.serve("app:app") as client:
        assert client.get("/double/x").status_code == 422


@hint("-")
def test_program(student: Student) -> None:
    """The program adds its arguments"""
    run = student.cli("main.py", "20", "22")
    assert (run.exit_code, run.stdout) == (0, "42\n")
