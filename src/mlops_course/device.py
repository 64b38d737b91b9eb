"""The device that exercises run on."""

import os


def choose_device() -> str:
    """Return the name of the device to compute on: "cuda" where there is one, else "cpu".

    The environment variable MLOPS_DEVICE, when set and not empty, decides instead: any name that `torch.device`
    knows, such as "cpu", "cuda:1" or "mps".

    Raises:
        ValueError: MLOPS_DEVICE names no device.
    """
    import torch

    wanted = os.environ.get("MLOPS_DEVICE", "").strip()
    if not wanted:
        return "cuda" if torch.cuda.is_available() else "cpu"
    try:
        return str(torch.device(wanted))
    except RuntimeError as error:
        raise ValueError(f"MLOPS_DEVICE is {wanted!r}: use a name such as 'cpu', 'cuda' or 'cuda:1'") from error
