"""What is rented, and for how much. Given: the numbers are made up, their shape is that of a real price list."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HOURS_PER_MONTH = 730

Prices = dict[str, Any]


@dataclass(frozen=True)
class Instance:
    """One virtual machine."""

    machine: str
    disk_gb: int = 10
    gpu: str | None = None
    gpus: int = 0
    spot: bool = False
    """Cheaper, and may be taken away at any time. The disk costs the same."""


def load_prices(path: str | Path = "prices.json") -> Prices:
    """The price list: `machines` and `gpus` by name, in dollars an hour, and `disk_gb_month` in dollars."""
    prices: Prices = json.loads(Path(path).read_text())
    return prices
