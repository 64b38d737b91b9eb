import click
import torch
import wandb
from data import corrupt_mnist
from logger import make_logger
from model import MyAwesomeModel

log = make_logger("train", "train.log")


class Trainer:
    def __init__(self, run):
        self.run = run
        self.settings = run.config
        torch.manual_seed(self.settings.seed)
        self.train_set, self.test_set = corrupt_mnist()
        self.model = MyAwesomeModel()

    def fit(self):
        optimizer = torch.optim.SGD(self.model.parameters(), lr=self.settings.lr)
        loader = torch.utils.data.DataLoader(self.train_set, batch_size=self.settings.batch_size, shuffle=True)
        step = 0
        for epoch in range(self.settings.epochs):
            for images, targets in loader:
                logits = self.model(images)
                loss = torch.nn.functional.cross_entropy(logits, targets)
                self.model.zero_grad()
                loss.backward()
                optimizer.step()
                row = {
                    "train_loss": float(loss),
                    "train_accuracy": float((logits.argmax(-1) == targets).double().mean()),
                    "epoch": epoch,
                }
                if step == 0:
                    row["images"] = [wandb.Image(image) for image in images[:3]]
                self.run.log(row, step=step)
                step += 1
            log.info("epoch %s finished", epoch)

    @torch.no_grad()
    def test(self):
        loader = torch.utils.data.DataLoader(self.test_set, batch_size=10)
        return sum(int((self.model(x).argmax(1) == y).sum()) for x, y in loader) / len(self.test_set)


@click.command()
@click.option("--lr", default=0.05)
@click.option("--batch-size", "--batch_size", "batch_size", default=32)
@click.option("--epochs", default=2)
@click.option("--seed", default=1)
def main(**settings):
    run = wandb.init(config=settings)
    trainer = Trainer(run)
    trainer.fit()
    torch.save(trainer.model.state_dict(), "model.pth")
    artifact = wandb.Artifact(
        "corrupt_mnist_model", "model", metadata={"epochs": settings["epochs"], "test_accuracy": trainer.test()}
    )
    artifact.add_file("model.pth", name="model.pth")
    artifact.add_file("model.py")
    run.log_artifact(artifact, aliases=["latest"])
    run.finish()


if __name__ == "__main__":
    main()
