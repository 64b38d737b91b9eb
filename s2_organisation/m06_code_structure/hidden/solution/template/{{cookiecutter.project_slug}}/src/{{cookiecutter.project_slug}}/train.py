"""Train the model of {{ cookiecutter.project_name }}."""

from {{ cookiecutter.project_slug }}.data import load_data


def train() -> None:
    """Train on all data."""
    print(f"training on {len(load_data())} rows")


if __name__ == "__main__":
    train()
