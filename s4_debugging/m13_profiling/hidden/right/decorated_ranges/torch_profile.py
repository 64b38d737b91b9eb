"""Training under the profiler; the losses are kept and written when everything is over."""

from pathlib import Path

import torch
import torch.nn.functional as F
from torch.profiler import ProfilerActivity, profile, record_function, schedule
from torch.utils.tensorboard import SummaryWriter


def profile_training(model, batches, folder, device="cpu", wait=1, warmup=1, active=3):
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    model.to(device)
    sgd = torch.optim.SGD(model.parameters(), 0.01)

    @record_function("forward")
    def forward(x, y):
        return F.cross_entropy(model(x), y)

    @record_function("backward")
    def backward(loss):
        loss.backward()

    @record_function("update")
    def update():
        sgd.step()

    activities = [ProfilerActivity.CPU] + [ProfilerActivity.CUDA] * device.startswith("cuda")
    losses = []
    with profile(
        activities=activities,
        schedule=schedule(wait=wait, warmup=warmup, active=active, repeat=1),
        on_trace_ready=lambda p: p.export_chrome_trace(str(folder / "trace.json")),
    ) as profiler:
        for x, y in batches:
            x, y = x.to(device), y.to(device)
            loss = forward(x, y)
            sgd.zero_grad()
            backward(loss)
            update()
            losses.append(loss.detach())
            profiler.step()

    with SummaryWriter(str(folder)) as writer:
        for number, loss in enumerate(losses):
            writer.add_scalar("loss", loss.item(), number)
