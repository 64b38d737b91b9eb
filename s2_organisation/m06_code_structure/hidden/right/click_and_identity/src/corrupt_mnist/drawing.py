"""The two figures, drawn with Pillow: no window, no backend."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw

SIZE, MARGIN = 500, 20
COLOURS = "#1f77b4 #ff7f0e #2ca02c #d62728 #9467bd #8c564b #e377c2 #7f7f7f #bcbd22 #17becf".split()


def _scale(values: list[float]) -> list[float]:
    low, high = min(values), max(values)
    return [MARGIN + (SIZE - 2 * MARGIN) * (value - low) / ((high - low) or 1) for value in values]


def _canvas() -> tuple[Image.Image, ImageDraw.ImageDraw]:
    image = Image.new("RGB", (SIZE, SIZE), "white")
    return image, ImageDraw.Draw(image)


def _save(image: Image.Image, path: Path) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    image.save(path, format="PNG")


def curve(values: list[float], path: Path) -> None:
    """A line through the values."""
    image, pen = _canvas()
    if values:
        xs, ys = _scale([float(step) for step in range(len(values))]), _scale([-value for value in values])
        pen.line(list(zip(xs, ys, strict=True)), fill=COLOURS[0], width=2)
        pen.text((SIZE // 2, 2), f"loss: {values[0]:.3f} to {values[-1]:.3f}", fill="black")
    _save(image, path)


def scatter(points: list[list[float]], targets: list[int], path: Path) -> None:
    """A digit in its colour at each point."""
    image, pen = _canvas()
    xs, ys = (_scale(list(column)) for column in zip(*points, strict=True))
    for x, y, target in zip(xs, ys, targets, strict=True):
        pen.text((x, y), str(target), fill=COLOURS[target % 10], anchor="mm")
    _save(image, path)
