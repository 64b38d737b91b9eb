"""Training: so far, counting."""

from .data import pairs


def train():
    odd = sum(label for _, label in pairs(100))
    print(f"odd: {odd} of 100")


if __name__ == "__main__":
    train()
