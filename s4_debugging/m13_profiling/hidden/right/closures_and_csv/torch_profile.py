"""The profiler is started and stopped by hand; the loss is written out in full."""

import os
from collections.abc import Iterable

import torch
from torch import nn
from torch.profiler import ProfilerAction, ProfilerActivity, profile, record_function
from torch.utils.tensorboard.writer import SummaryWriter


class Run:
    def __init__(self, model: nn.Module, folder: str, device: str) -> None:
        self.model = model.to(device)
        self.folder = folder
        self.device = device
        self.losses: list[torch.Tensor] = []
        self.optimizer = torch.optim.SGD([{"params": list(model.parameters())}], lr=0.01, foreach=True)

    @record_function("forward")
    def forward(self, images: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        scores = self.model(images)
        return nn.NLLLoss()(scores.log_softmax(dim=-1), targets)

    @record_function("backward")
    def backward(self, loss: torch.Tensor) -> None:
        for weight in self.model.parameters():
            weight.grad = None
        torch.autograd.backward([loss])

    @record_function("update")
    def update(self) -> None:
        self.optimizer.step()

    def step(self, images: torch.Tensor, targets: torch.Tensor) -> None:
        loss = self.forward(images.to(self.device), targets.to(self.device))
        self.backward(loss)
        self.update()
        self.losses.append(loss.detach())


def profile_training(
    model: nn.Module,
    batches: Iterable[tuple[torch.Tensor, torch.Tensor]],
    folder: str,
    device: str = "cpu",
    wait: int = 1,
    warmup: int = 1,
    active: int = 3,
) -> None:
    os.makedirs(folder, exist_ok=True)

    def action(step: int) -> ProfilerAction:
        if step < wait or step >= wait + warmup + active:
            return ProfilerAction.NONE
        if step < wait + warmup:
            return ProfilerAction.WARMUP
        return ProfilerAction.RECORD_AND_SAVE if step == wait + warmup + active - 1 else ProfilerAction.RECORD

    kinds = [ProfilerActivity.CPU] + [ProfilerActivity.CUDA] * (torch.device(device).type == "cuda")
    run = Run(model, folder, device)
    profiler = profile(activities=kinds, schedule=action)
    profiler.on_trace_ready = lambda done: done.export_chrome_trace(os.path.join(folder, "trace.json"))
    profiler.start()
    try:
        for images, targets in batches:
            run.step(images, targets)
            profiler.step()
    finally:
        profiler.stop()
    writer = SummaryWriter(log_dir=os.path.join(folder, "tensorboard"))
    for number, loss in enumerate(run.losses):
        writer.add_scalars("all", {}, number)
        writer.add_scalar("loss", loss, global_step=number)
    writer.close()
