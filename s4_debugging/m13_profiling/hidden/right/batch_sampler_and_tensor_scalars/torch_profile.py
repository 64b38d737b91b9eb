"""A training loop under PyTorch's profiler; TensorBoard's own writer, without torch.utils.tensorboard."""
import os

import torch
from tensorboard.summary import Writer
from torch import nn, profiler


class _Trainer:
    def __init__(self, model, device):
        self.model = model.to(device)
        self.device = device
        self.criterion = nn.CrossEntropyLoss()
        self.optimizer = torch.optim.SGD(params=self.model.parameters(), lr=1e-2)

    def __call__(self, images, targets):
        images, targets = images.to(self.device), targets.to(self.device)
        self.optimizer.zero_grad(set_to_none=False)
        with profiler.record_function("forward"):
            logits = self.model(images)
            loss = self.criterion(logits, targets)
        with profiler.record_function("backward"):
            loss.backward()
        with profiler.record_function("update"):
            self.optimizer.step()
        return loss.item()


def profile_training(model, batches, folder, device="cpu", wait=1, warmup=1, active=3):
    os.makedirs(folder, exist_ok=True)
    board = Writer(str(folder))
    step_of = _Trainer(model, device)
    activities = {profiler.ProfilerActivity.CPU}
    if torch.device(device).type == "cuda":
        activities.add(profiler.ProfilerActivity.CUDA)

    def save(finished):
        finished.export_chrome_trace(os.path.join(folder, "trace.json"))

    prof = profiler.profile(
        activities=activities,
        schedule=profiler.schedule(skip_first=wait, wait=0, warmup=warmup, active=active, repeat=1),
        on_trace_ready=save,
        record_shapes=True,
    )
    prof.start()
    try:
        for step, (images, targets) in enumerate(batches):
            board.add_scalar("loss", step_of(images, targets), step)
            prof.step()
    finally:
        prof.stop()
        board.close()
