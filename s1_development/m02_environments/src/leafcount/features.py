"""Turn areas into features.

To try other features, a network might do better:

    import torch
    features = torch.nn.Linear(16, 4)
"""

from datetime import datetime

import numpy as np
import pandas as pd
from dateutil import parser


def taken_at(text: str) -> datetime:
    """When a photograph was taken, from the many ways in which cameras write it."""
    return parser.parse(text)


def area_curve(areas: list[float]) -> float:
    """Area under the curve of the sorted areas."""
    return float(np.trapz(sorted(areas)))  # np.trapz is gone in NumPy 2.4


def tidy(table: pd.DataFrame) -> pd.DataFrame:
    """The table without white space around its texts."""
    return table.map(lambda cell: cell.strip() if isinstance(cell, str) else cell)  # new in pandas 2.1
