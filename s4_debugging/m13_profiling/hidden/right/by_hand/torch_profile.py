import os

import torch
import torch.nn.functional as F
from torch import profiler
from torch.utils import tensorboard


class Profiled:
    def __init__(self, model, folder, device):
        self.model = model.to(device)
        self.sgd = torch.optim.SGD(model.parameters(), 0.01)
        self.device = device
        self.writer = tensorboard.SummaryWriter(log_dir=str(folder))
        self.done = 0

    def step(self, images, targets):
        images, targets = images.to(self.device), targets.to(self.device)
        self.sgd.zero_grad(set_to_none=False)
        with profiler.record_function("forward"):
            logits = self.model(images)
            loss = F.cross_entropy(logits, targets)
        with profiler.record_function("backward"):
            loss.backward()
        with profiler.record_function("update"):
            self.sgd.step()
        self.writer.add_scalar("loss", loss, self.done, new_style=True)
        self.done += 1


def profile_training(model, batches, folder, device="cpu", wait=1, warmup=1, active=3):
    os.makedirs(folder, exist_ok=True)
    kinds = {profiler.ProfilerActivity.CPU}
    if device == "cuda":
        kinds.add(profiler.ProfilerActivity.CUDA)

    def keep(prof):
        prof.export_chrome_trace(os.path.join(folder, "trace.json"))

    run = Profiled(model, folder, device)
    plan = profiler.schedule(skip_first=wait, wait=0, warmup=warmup, active=active, repeat=1)
    recording = profiler.profile(activities=kinds, schedule=plan, on_trace_ready=keep, record_shapes=True)
    recording.start()
    for images, targets in batches:
        run.step(images, targets)
        recording.step()
    recording.stop()
    run.writer.close()
