import pytorch_lightning as pl
import torch


def choose_precision(device):
    if device == "cuda":
        major, _ = torch.cuda.get_device_capability()
        return "bf16-mixed" if major >= 8 else "16-mixed"
    return "32-true"


def make_trainer(folder, device="cpu", max_epochs=10, patience=3, fraction=1.0):
    options = dict(default_root_dir=str(folder), max_epochs=max_epochs, logger=False, log_every_n_steps=1)
    if fraction < 1:
        options["limit_train_batches"] = fraction
    if device == "cuda":
        options.update(accelerator="gpu", devices=[0])
    else:
        options.update(accelerator="cpu")
    trainer = pl.Trainer(precision=choose_precision(device), **options)
    keep = pl.callbacks.ModelCheckpoint(str(folder), "best", monitor="val_loss", mode="min", save_top_k=1)
    stop = pl.callbacks.EarlyStopping("val_loss", mode="min", patience=patience, min_delta=0.0)
    trainer.callbacks.extend([stop, keep])
    return trainer
