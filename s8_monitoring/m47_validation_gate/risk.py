"""What the law says a system is, by what it does and where."""

from typing import Any


def risk_class(description: dict[str, Any]) -> str:
    """Return "prohibited", "high", "transparency" or "minimal": the first that fits.

    Raises:
        pydantic.ValidationError: this describes no `System`.
    """
    raise NotImplementedError("TODO: go through the rules")
