"""With hooks on the model itself, taken off again."""

import torch
from torch import nn


def count_flops(model, input_shape):
    counts = []

    def convolution(layer, inputs, output):
        height, width = layer.kernel_size
        counts.append(output.numel() * layer.in_channels // layer.groups * height * width)

    def linear(layer, inputs, output):
        counts.append(output.numel() * layer.in_features)

    handles = []
    modes = [module.training for module in model.modules()]
    for module in model.modules():
        if isinstance(module, nn.Conv2d):
            handles.append(module.register_forward_hook(convolution))
        elif isinstance(module, nn.Linear):
            handles.append(module.register_forward_hook(linear))
    model.eval()
    with torch.inference_mode():
        model(torch.zeros(*input_shape))
    for handle in handles:
        handle.remove()
    for module, mode in zip(model.modules(), modes):
        module.training = mode
    return 2 * sum(counts)
