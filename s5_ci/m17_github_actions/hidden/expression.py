"""GitHub's expressions, `${{ ... }}`, as far as workflows like these need them.

https://docs.github.com/en/actions/reference/workflows-and-actions/expressions
"""

import json
import re
from collections.abc import Callable
from typing import Any

TOKEN = re.compile(
    r"\s*(?:(?P<number>-?\d+(?:\.\d+)?)|'(?P<text>(?:[^']|'')*)'|(?P<name>[A-Za-z_][\w-]*)|(?P<sign>&&|\|\||==|!=|<=|>=|[<>!().,\[\]*]))"
)
PIECE = re.compile(r"\$\{\{((?:(?!\}\}).)*)\}\}", re.DOTALL)
WORDS = {"true": True, "false": False, "null": None}

Functions = dict[str, Callable[..., Any]]


class ExpressionError(ValueError):
    """It cannot be read, or uses what is not known here."""


def interpolate(value: Any, context: dict[str, Any], functions: Functions) -> Any:
    """The value with its expressions evaluated; one that is nothing but an expression keeps the expression's type."""
    if isinstance(value, dict):
        return {key: interpolate(item, context, functions) for key, item in value.items()}
    if isinstance(value, list):
        return [interpolate(item, context, functions) for item in value]
    if not isinstance(value, str):
        return value
    if whole := PIECE.fullmatch(value.strip()):
        return evaluate(whole[1], context, functions)
    return PIECE.sub(lambda piece: text(evaluate(piece[1], context, functions)), value)


def text(value: Any) -> str:
    """A value as it appears inside a string."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return json.dumps(value) if isinstance(value, dict | list) else str(value)


def evaluate(expression: str, context: dict[str, Any], functions: Functions) -> Any:
    """The value of an expression without its braces. Raises ExpressionError."""
    return _Parser(expression, context, _STANDARD | functions).value()


def _loosely(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


_STANDARD: Functions = {
    "contains": lambda where, what: _loosely(what) in (_loosely(where) if isinstance(where, str) else where or []),
    "startswith": lambda whole, start: text(whole).lower().startswith(text(start).lower()),
    "endswith": lambda whole, end: text(whole).lower().endswith(text(end).lower()),
    "format": lambda template, *values: re.sub(r"\{(\d+)\}", lambda found: text(values[int(found[1])]), template),
    "join": lambda items, separator=",": separator.join(map(text, items)),
    "tojson": json.dumps,
    "fromjson": json.loads,
}


class _Parser:
    """Recursive descent: or, and, comparison, not, and what stands between brackets."""

    def __init__(self, expression: str, context: dict[str, Any], functions: Functions) -> None:
        self.expression, self.context, self.functions = expression, context, functions
        self.tokens: list[tuple[str, str]] = []
        position = 0
        while expression[position:].strip():
            found = TOKEN.match(expression, position)
            if found is None or found.lastgroup is None:
                raise ExpressionError(f"cannot read the expression {expression.strip()!r}")
            self.tokens.append((found.lastgroup, found[found.lastgroup]))
            position = found.end()

    def value(self) -> Any:
        result = self._or()
        if self.tokens:
            raise ExpressionError(f"cannot read the expression {self.expression.strip()!r}")
        return result

    def _take(self, *signs: str) -> str | None:
        if self.tokens and self.tokens[0][0] == "sign" and self.tokens[0][1] in signs:
            return self.tokens.pop(0)[1]
        return None

    def _or(self) -> Any:
        left = self._and()
        while self._take("||"):
            right = self._and()
            left = left or right
        return left

    def _and(self) -> Any:
        left = self._comparison()
        while self._take("&&"):
            right = self._comparison()
            left = left and right
        return left

    def _comparison(self) -> Any:
        left = self._not()
        while sign := self._take("==", "!=", "<", "<=", ">", ">="):
            one, other = _loosely(left), _loosely(self._not())
            if sign in ("==", "!="):
                left = (one == other) == (sign == "==")
            else:
                left = {"<": one < other, "<=": one <= other, ">": one > other, ">=": one >= other}[sign]
        return left

    def _not(self) -> Any:
        if self._take("!"):
            return not self._not()
        return self._path()

    def _path(self) -> Any:
        value = self._primary()
        while sign := self._take(".", "["):
            if sign == "[":
                key = self._or()
                if not self._take("]"):
                    raise ExpressionError(f"a ] is missing in {self.expression.strip()!r}")
            else:
                key = self._take("*") or self.tokens.pop(0)[1]
            value = value.get(key) if isinstance(value, dict) else None
        return value

    def _primary(self) -> Any:
        if self._take("("):
            value = self._or()
            if not self._take(")"):
                raise ExpressionError(f"a ) is missing in {self.expression.strip()!r}")
            return value
        if not self.tokens:
            raise ExpressionError(f"the expression {self.expression.strip()!r} ends too early")
        kind, word = self.tokens.pop(0)
        if kind == "number":
            return float(word) if "." in word else int(word)
        if kind == "text":
            return word.replace("''", "'")
        if kind == "name" and self._take("("):
            return self._call(word)
        if kind == "name":
            return WORDS[word] if word in WORDS else self.context.get(word)
        raise ExpressionError(f"cannot read the expression {self.expression.strip()!r}")

    def _call(self, name: str) -> Any:
        arguments = []
        while not self._take(")"):
            arguments.append(self._or())
            if not self._take(",") and not (self.tokens and self.tokens[0] == ("sign", ")")):
                raise ExpressionError(f"a ) is missing in {self.expression.strip()!r}")
        if name.lower() not in self.functions:
            raise ExpressionError(f"there is no function {name}")
        return self.functions[name.lower()](*arguments)
