"""The trace is exported after the loop, from one profiler that was given its schedule as a function."""

from pathlib import Path

import torch
from torch.profiler import ProfilerAction, ProfilerActivity, profile, record_function
from torch.utils.tensorboard import SummaryWriter


def profile_training(model, batches, folder, device="cpu", wait=1, warmup=1, active=3):
    last = wait + warmup + active - 1

    def schedule(step: int) -> ProfilerAction:
        if step < wait or step > last:
            return ProfilerAction.NONE
        if step < wait + warmup:
            return ProfilerAction.WARMUP
        return ProfilerAction.RECORD if step < last else ProfilerAction.RECORD_AND_SAVE

    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    model.to(device)
    model.train()
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-2)
    criterion = torch.nn.CrossEntropyLoss()
    losses = []
    with profile(
        activities=[ProfilerActivity.CPU] + [ProfilerActivity.CUDA] * device.startswith("cuda"),
        schedule=schedule,
        on_trace_ready=lambda p: p.export_chrome_trace(f"{folder}/trace.json"),
        with_stack=False,
    ) as p:
        for batch in batches:
            images, targets = (tensor.to(device) for tensor in batch)
            with record_function("forward"):
                loss = criterion(model(images), targets)
            with record_function("backward"):
                loss.backward()
            with record_function("update"):
                optimizer.step()
                optimizer.zero_grad()
            losses.append(loss.detach())
            p.step()
    writer = SummaryWriter(folder / "scalars")
    for number, loss in enumerate(losses):
        writer.add_scalar("loss", float(loss), global_step=number)
    writer.flush()
