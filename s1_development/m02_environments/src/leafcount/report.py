"""Show results."""

import sys
from pathlib import Path

if sys.platform == "win32":
    import colorama

    colorama.just_fix_windows_console()


def print_result(name: str, leaves: int) -> None:
    """One line with a green number."""
    print(f"{name}: \033[32m{leaves}\033[0m leaves")


def plot_areas(areas: list[float], path: Path) -> None:
    """Write a bar chart of the areas."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots()
    axes.bar(range(len(areas)), areas)
    figure.savefig(path)
