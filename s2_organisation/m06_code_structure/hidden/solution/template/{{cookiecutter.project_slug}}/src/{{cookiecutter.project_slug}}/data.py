"""The data of {{ cookiecutter.project_name }}."""


def load_data() -> list[float]:
    """Return the data."""
    return []
