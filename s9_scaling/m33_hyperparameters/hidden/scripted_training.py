"""Stands in for the given training: accuracies by script, and a journal of what was asked for."""

import json
from pathlib import Path
from typing import Any

EPOCHS = 4
_NAMES = {1: "training", 2: "validation", 3: "test"}


def _note(word: str, **content: Any) -> None:
    with Path("journal.txt").open("a") as journal:
        print(word, json.dumps(content), file=journal)


def _describe(data: Any) -> dict[str, Any]:
    origins = sorted({_NAMES[int(number) // 1000] for number in data.images[:, 0, 0, 0].tolist()})
    return {"sets": origins, "size": len(data.target)}


class Classifier:
    def __init__(
        self,
        lr: float,
        hidden: int,
        dropout: float,
        optimizer: str,
        momentum: float = 0.0,
        seed: int = 0,
    ) -> None:
        made = Path("journal.txt").read_text().count("made ") if Path("journal.txt").exists() else 0
        _note("made", lr=lr, hidden=hidden, dropout=dropout, optimizer=optimizer, momentum=momentum)
        script = json.loads(Path("script.json").read_text())
        self._curve = script[made % len(script)]
        self._epoch = 0

    def fit_epoch(self, data: Any) -> None:
        _note("fit", **_describe(data))
        if self._curve == "fail":
            raise FloatingPointError("the loss is nan")
        self._epoch += 1

    def accuracy(self, data: Any) -> float:
        told = _describe(data)
        _note("score", **told)
        # Each set has its own answers, so that a number says where it comes from.
        offset = {"training": 0.0005, "validation": 0.0, "test": 0.0002}[told["sets"][0]]
        return float(self._curve[self._epoch - 1]) + offset if self._epoch else 0.1 + offset
