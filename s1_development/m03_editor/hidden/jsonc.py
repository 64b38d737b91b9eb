"""JSON as VS Code reads it: with comments and trailing commas."""

import json
import re
from typing import Any

# Strings come first, so that what looks like a comment inside one stays as it is.
TOKEN = re.compile(r'"(?:[^"\\\n]|\\.)*"|//[^\n]*|/\*.*?\*/', re.DOTALL)
TRAILING_COMMA = re.compile(r'("(?:[^"\\\n]|\\.)*")|,(?=\s*[\]}])', re.DOTALL)


def parse(data: bytes, name: str) -> dict[str, Any]:
    """The object in a file; the check fails where there is none."""
    try:
        text = data.decode("utf-8-sig")
        text = TOKEN.sub(lambda match: match[0] if match[0].startswith('"') else " ", text)
        text = TRAILING_COMMA.sub(lambda match: match[1] or "", text)
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise AssertionError(
            f"{name} cannot be parsed, even with comments and trailing commas allowed: {error}"
        ) from None
    assert isinstance(value, dict), f"{name} does not hold an object"
    return value


def strings(value: Any) -> list[str]:
    """All strings in a value, keys included."""
    if isinstance(value, dict):
        return [text for key, item in value.items() for text in [str(key), *strings(item)]]
    if isinstance(value, list):
        return [text for item in value for text in strings(item)]
    return [value] if isinstance(value, str) else []
