from math import ceil
from pathlib import Path

import torch
import torch.nn.functional as F
import typer
import wandb
from data import corrupt_mnist
from logger import make_logger
from model import MyAwesomeModel

app = typer.Typer()


def evaluate(model, dataset):
    hits = sum(int(model(image[None]).argmax() == target) for image, target in dataset)
    return hits / len(dataset)


@app.command()
def main(lr: float = 0.05, batch_size: int = 50, epochs: int = 2, seed: int = 7) -> None:
    log = make_logger("training", "train.log", level="WARNING")
    wandb.init(project="digits")
    wandb.config.update({"lr": lr, "batch_size": batch_size, "epochs": epochs, "seed": seed})
    generator = torch.Generator().manual_seed(seed)
    torch.manual_seed(seed)
    train, test = corrupt_mnist()
    images, targets = train.tensors
    wandb.log({"images": wandb.Image(images[0])}, commit=False)
    model = MyAwesomeModel()
    optimizer = torch.optim.SGD(model.parameters(), lr)
    for epoch in range(1, epochs + 1):
        order = torch.randperm(len(images), generator=generator)
        for rows in order.split(batch_size):
            logits = model(images[rows])
            loss = F.cross_entropy(logits, targets[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            hits = logits.argmax(dim=1).eq(targets[rows]).sum()
            wandb.log({"train_loss": loss, "train_accuracy": hits / len(rows)})
        log.info(f"epoch {epoch} of {epochs}, {ceil(len(images) / batch_size)} steps")
    torch.save(model.state_dict(), "model.pth")
    artifact = wandb.Artifact(name="corrupt_mnist_model", type="model")
    artifact.metadata = {"test_accuracy": evaluate(model, test), "epochs": epochs, "lr": lr}
    with artifact.new_file("model.pth", mode="wb") as file:
        file.write(Path("model.pth").read_bytes())
    wandb.log_artifact(artifact)
    wandb.finish()


if __name__ == "__main__":
    app()
