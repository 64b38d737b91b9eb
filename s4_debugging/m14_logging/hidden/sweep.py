"""A wandb sweep, as far as it can be known without wandb's service: what it draws, and how its agent calls the script.

The meaning of the distributions: https://docs.wandb.ai/guides/sweeps/sweep-config-keys
"""

import math
from typing import Any

import numpy as np

DEFAULT_COMMAND = ["${env}", "${interpreter}", "${program}", "${args}"]
DISTRIBUTIONS = (
    "constant", "categorical", "int_uniform", "uniform", "q_uniform",
    "log_uniform", "q_log_uniform", "inv_log_uniform",
    "log_uniform_values", "q_log_uniform_values", "inv_log_uniform_values",
    "normal", "q_normal", "log_normal", "q_log_normal",
)  # fmt: skip


def distribution(parameter: dict[str, Any]) -> str:
    """The distribution of a parameter, inferred as wandb does when it is not given. Raises ValueError."""
    if "distribution" in parameter:
        name = parameter["distribution"]
    elif "values" in parameter:
        name = "categorical"
    elif "value" in parameter:
        name = "constant"
    elif "min" in parameter and "max" in parameter:
        whole = isinstance(parameter["min"], int) and isinstance(parameter["max"], int)
        name = "int_uniform" if whole else "uniform"
    else:
        raise ValueError("neither value, values, nor min and max")
    if name not in DISTRIBUTIONS:
        raise ValueError(f"there is no distribution {name!r}")
    if "uniform" in name and not {"min", "max"} <= set(parameter):
        raise ValueError(f"{name} needs min and max")
    return str(name)


def limits(parameter: dict[str, Any]) -> tuple[float, float]:
    """The smallest and the largest number that a parameter on a log scale can take."""
    low, high = float(parameter["min"]), float(parameter["max"])
    name = distribution(parameter)
    if name in ("log_uniform", "q_log_uniform"):
        return math.exp(low), math.exp(high)  # these two take exponents
    if name == "inv_log_uniform":
        return math.exp(-high), math.exp(-low)
    return low, high


def draw(parameter: dict[str, Any], rng: np.random.Generator) -> Any:
    """A value that the sweep could draw."""
    name = distribution(parameter)
    if name == "constant":
        return parameter["value"]
    if name == "categorical":
        return parameter["values"][rng.integers(len(parameter["values"]))]
    if name == "int_uniform":
        return int(rng.integers(parameter["min"], parameter["max"], endpoint=True))
    value = _continuous(parameter, name, rng)
    if name.startswith("q_"):
        q = parameter.get("q", 1)
        rounded = round(value / q) * q
        return int(rounded) if isinstance(q, int) else float(rounded)
    return value


def _continuous(parameter: dict[str, Any], name: str, rng: np.random.Generator) -> float:
    if "log_uniform" in name:
        low, high = limits(parameter)
        return float(np.exp(rng.uniform(math.log(low), math.log(high))))
    if "normal" in name:
        mean = float(parameter.get("mu", 0))
        return math.exp(mean) if "log" in name else mean
    return float(rng.uniform(parameter["min"], parameter["max"]))


def arguments(sweep: dict[str, Any], values: dict[str, Any]) -> list[str]:
    """What the agent's command line holds after the program's name."""
    spelled = {
        "${args}": [f"--{name}={value}" for name, value in values.items()],
        "${args_no_hyphens}": [f"{name}={value}" for name, value in values.items()],
        "${args_no_boolean_flags}": [
            f"--{name}" if value is True else f"--{name}={value}"
            for name, value in values.items()
            if value is not False
        ],
    }
    command = [str(word) for word in sweep.get("command", DEFAULT_COMMAND)]
    program = next((n for n, word in enumerate(command) if word in ("${program}", sweep.get("program"))), len(command))
    return [argument for word in command[program + 1 :] for argument in spelled.get(word, [word])]
