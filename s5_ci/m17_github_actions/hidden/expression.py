"""GitHub's expressions, `${{ ... }}`, as far as workflows like these need them.

https://docs.github.com/en/actions/reference/workflows-and-actions/expressions
"""

import json
import math
import re
from collections.abc import Callable
from typing import Any

TOKEN = re.compile(
    r"\s*(?:(?P<number>[-+]?(?:0x[\da-fA-F]+|0o[0-7]+|\d*\.?\d+(?:[eE][-+]?\d+)?))|'(?P<text>(?:[^']|'')*)'|(?P<name>[A-Za-z_][\w-]*)|(?P<sign>&&|\|\||==|!=|<=|>=|[<>!().,\[\]*]))"
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
    if isinstance(value, float):
        return f"{value:.15g}"
    return json.dumps(value) if isinstance(value, dict | list) else str(value)


def evaluate(expression: str, context: dict[str, Any], functions: Functions) -> Any:
    """The value of an expression without its braces. Raises ExpressionError."""
    return _Parser(expression, context, _STANDARD | functions).value()


def truth(value: Any) -> bool:
    """What counts as true: everything but false, 0, an empty text, null and what is not a number."""
    if isinstance(value, dict | list):
        return True
    return bool(value) and not (isinstance(value, float) and math.isnan(value))


def _number(value: Any) -> float:
    """A value as GitHub makes a number of it, to compare it with one of another kind."""
    if value is None or value == "":
        return 0.0
    try:
        return float(int(value, 0)) if isinstance(value, str) and value[:2] in ("0x", "0o") else float(value)
    except (TypeError, ValueError):
        return math.nan


def equal(one: Any, other: Any) -> bool:
    """GitHub's ==: texts in any case, values of two kinds as numbers."""
    if isinstance(one, str) and isinstance(other, str):
        return one.lower() == other.lower()
    if isinstance(one, dict | list) or isinstance(other, dict | list):
        return one is other
    return type(one) is type(other) and one == other or _number(one) == _number(other)


def _less(one: Any, other: Any) -> bool:
    if isinstance(one, str) and isinstance(other, str):
        return one.lower() < other.lower()
    return _number(one) < _number(other)


def _contains(where: Any, what: Any) -> bool:
    if isinstance(where, list):
        return any(equal(item, what) for item in where)
    return text(what).lower() in text(where).lower()


def _format(template: str, *values: Any) -> str:
    def part(found: re.Match[str]) -> str:
        return found[0][0] if found[0] in ("{{", "}}") else text(values[int(found[1])])

    return re.sub(r"\{\{|\}\}|\{(\d+)\}", part, text(template))


_STANDARD: Functions = {
    "contains": _contains,
    "startswith": lambda whole, start: text(whole).lower().startswith(text(start).lower()),
    "endswith": lambda whole, end: text(whole).lower().endswith(text(end).lower()),
    "format": _format,
    "join": lambda items, separator=",": separator.join(map(text, items if isinstance(items, list) else [items])),
    "tojson": lambda value: json.dumps(value, indent=2),
    "fromjson": json.loads,
}


ALL = object()  # the key of `.*`


class _Many(list[Any]):
    """What `.*` gives: a key of it is that key of each."""


def _member(value: Any, key: Any) -> Any:
    """One member, in any case of letters; null where there is none."""
    if isinstance(value, _Many) and key is not ALL and isinstance(key, str):
        return _Many(found for each in value if (found := _member(each, key)) is not None)
    if key is ALL:
        return _Many(value.values() if isinstance(value, dict) else value if isinstance(value, list) else [])
    if isinstance(value, dict):
        if key in value:
            return value[key]
        return next((item for name, item in value.items() if str(name).lower() == text(key).lower()), None)
    if isinstance(value, list):
        place = _number(key)
        return value[int(place)] if 0 <= place < len(value) else None
    return None


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
            left = left if truth(left) else right
        return left

    def _and(self) -> Any:
        left = self._comparison()
        while self._take("&&"):
            right = self._comparison()
            left = right if truth(left) else left
        return left

    def _comparison(self) -> Any:
        left = self._not()
        while sign := self._take("==", "!=", "<", "<=", ">", ">="):
            one, other = left, self._not()
            if sign in ("==", "!="):
                left = equal(one, other) == (sign == "==")
            else:
                less, more = _less(one, other), _less(other, one)
                same = equal(one, other)
                left = {"<": less, "<=": less or same, ">": more, ">=": more or same}[sign]
        return left

    def _not(self) -> Any:
        if self._take("!"):
            return not truth(self._not())
        return self._path()

    def _path(self) -> Any:
        value = self._primary()
        while sign := self._take(".", "["):
            if sign == "[":
                key = ALL if self._take("*") else self._or()
                if not self._take("]"):
                    raise ExpressionError(f"a ] is missing in {self.expression.strip()!r}")
            elif not self.tokens:
                raise ExpressionError(f"the expression {self.expression.strip()!r} ends too early")
            else:
                key = ALL if self._take("*") else self.tokens.pop(0)[1]
            value = _member(value, key)
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
            return float(word) if re.search(r"[.eE]", word) and "x" not in word else int(word, 0)
        if kind == "text":
            return word.replace("''", "'")
        if kind == "name" and self._take("("):
            return self._call(word)
        if kind == "name":
            return WORDS[word.lower()] if word.lower() in WORDS else _member(self.context, word)
        raise ExpressionError(f"cannot read the expression {self.expression.strip()!r}")

    def _call(self, name: str) -> Any:
        arguments = []
        while not self._take(")"):
            arguments.append(self._or())
            if not self._take(",") and not (self.tokens and self.tokens[0] == ("sign", ")")):
                raise ExpressionError(f"a ) is missing in {self.expression.strip()!r}")
        if name.lower() not in self.functions:
            raise ExpressionError(f"there is no function {name}")
        try:
            return self.functions[name.lower()](*arguments)
        except (TypeError, ValueError, IndexError) as error:
            raise ExpressionError(f"{name} cannot be used like this in {self.expression.strip()!r}: {error}") from None
