"""Train the classifier, and let Weights & Biases keep what was tried and how it went."""

from typing import Annotated

import torch
import typer
import wandb
from torch.nn.functional import cross_entropy
from torch.utils.data import DataLoader

from data import corrupt_mnist
from logger import make_logger
from model import MyAwesomeModel


def hits(logits, targets):
    return (logits.argmax(dim=1) == targets).float()


def train(
    lr: Annotated[float, typer.Option("--lr")] = 0.1,
    batch_size: Annotated[int, typer.Option("--batch-size", "--batch_size", min=1)] = 50,
    epochs: Annotated[int, typer.Option()] = 4,
    seed: Annotated[int, typer.Option(help="of weights and order")] = 1,
) -> None:
    """Train with SGD; leave model.pth, train.log and a run with its artifact."""
    log = make_logger("training", "train.log")
    with wandb.init(project="corrupt-mnist") as run:
        run.config.update({"lr": lr, "batch_size": batch_size, "epochs": epochs, "seed": seed}, allow_val_change=True)
        torch.manual_seed(seed)
        training, test = corrupt_mnist()
        net = MyAwesomeModel()
        sgd = torch.optim.SGD(net.parameters(), lr=lr)

        examples = [wandb.Image(picture[0].numpy(), caption=str(int(digit))) for picture, digit in list(training)[:6]]
        run.log({"images": examples}, commit=False)  # goes into the first step's row
        for epoch in range(1, epochs + 1):
            for pictures, digits in DataLoader(training, batch_size, shuffle=True):
                logits = net(pictures)
                loss = cross_entropy(logits, digits)
                run.log({"train_loss": loss.item(), "train_accuracy": hits(logits, digits).mean().item()})
                sgd.zero_grad()
                loss.backward()
                sgd.step()
            log.info(f"epoch {epoch}/{epochs}: last loss {loss.item():.4f}")

        net.eval()
        with torch.inference_mode():
            accuracy = hits(net(test.tensors[0]), test.tensors[1]).mean().item()
        torch.save(net.state_dict(), "model.pth")
        artifact = wandb.Artifact("corrupt_mnist_model", "model", metadata={"test_accuracy": accuracy, "epochs": epochs})
        artifact.add_file("model.pth")
        run.log_artifact(artifact)
        log.debug(f"accuracy on the test set: {accuracy}")


if __name__ == "__main__":
    typer.run(train)
