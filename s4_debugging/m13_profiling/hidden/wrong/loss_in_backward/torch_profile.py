"""A training loop under PyTorch's profiler, with its losses in TensorBoard."""

from collections.abc import Iterable
from pathlib import Path

import torch
from torch import nn
from torch.profiler import ProfilerActivity, profile, record_function, schedule
from torch.utils.tensorboard import SummaryWriter


def profile_training(
    model: nn.Module,
    batches: Iterable[tuple[torch.Tensor, torch.Tensor]],
    folder: str | Path,
    device: str = "cpu",
    wait: int = 1,
    warmup: int = 1,
    active: int = 3,
) -> None:
    """Train the model, one step of SGD (learning rate 0.01) on the cross-entropy of each batch, and profile it."""
    activities = [ProfilerActivity.CPU, *([ProfilerActivity.CUDA] if device.startswith("cuda") else [])]
    model.to(device)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    with (
        SummaryWriter(folder) as writer,
        profile(
            activities=activities,
            schedule=schedule(wait=wait, warmup=warmup, active=active, repeat=1),
            on_trace_ready=lambda profiler: profiler.export_chrome_trace(str(Path(folder, "trace.json"))),
        ) as profiler,
    ):
        for step, (images, targets) in enumerate(batches):
            with record_function("forward"):
                logits = model(images.to(device))
            with record_function("backward"):
                loss = nn.functional.cross_entropy(logits, targets.to(device))
                optimizer.zero_grad()
                loss.backward()
            with record_function("update"):
                optimizer.step()
            writer.add_scalar("loss", loss.item(), step)
            profiler.step()
