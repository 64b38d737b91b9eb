"""PromQL as the Prometheus documentation has it, but for native histograms: parsed, and evaluated on given series.

A vector is a dict from labels (a frozenset of pairs) to numbers, a scalar is a float. Rates are differences over the
time between the first and the last sample of the window, with resets of counters seen, and spread over the window.
"""

import math
import operator
import re
import statistics
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

Labels = frozenset[tuple[str, str]]
Vector = dict[Labels, float]
Samples = list[tuple[float, float]]
Series = dict[str, dict[Labels, Samples]]
"""Metric name, then labels, then (time in seconds, value)."""

DURATION = r"(?:\d+y)?(?:\d+w)?(?:\d+d)?(?:\d+h)?(?:\d+m(?!s))?(?:\d+s)?(?:\d+ms)?"
TOKEN = re.compile(
    rf"""
        (?P<gap>\s+|\#[^\n]*)
      | (?P<number>0[xX][0-9a-fA-F]+(?![\w.]) | (?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\w.]))
      | (?P<duration>(?=\d){DURATION}(?![\w.]))
      | (?P<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`[^`]*`)
      | (?P<name>[a-zA-Z_:][\w:]*)
      | (?P<symbol>==|!=|>=|<=|=~|!~|[-+*/%^()<>{{}}\[\],=@:])
    """,
    re.VERBOSE,
)
IN_BRACKETS = re.compile(r"(?P<name>[a-zA-Z_]\w*)")
"""Within [ ] a colon stands between window and step, and begins no name."""
ESCAPE = re.compile(
    r"\\(?:([abfnrtv\\\"'])|x([0-9a-fA-F]{2})|([0-7]{3})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.?))", re.S
)
ESCAPED = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800, "y": 31536000}
LOOKBACK, RESOLUTION = 300.0, 60.0

ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": lambda a, b: a / b if b else (math.nan if a == 0 or math.isnan(a) else math.copysign(math.inf, a)),
    "%": lambda a, b: math.fmod(a, b) if b and not math.isinf(a) else math.nan,
    "^": lambda a, b: _power(a, b),
    "atan2": math.atan2,
}
COMPARISON: dict[str, Callable[[float, float], bool]] = {
    "==": operator.eq, "!=": operator.ne, ">": operator.gt, "<": operator.lt, ">=": operator.ge, "<=": operator.le,
}  # fmt: skip
SETS = {"and", "or", "unless"}
LEVELS = [{"or"}, {"and", "unless"}, set(COMPARISON), {"+", "-"}, {"*", "/", "%", "atan2"}]


def _power(base: float, exponent: float) -> float:
    try:
        return math.pow(base, exponent)
    except OverflowError:
        return math.inf
    except ValueError:
        return math.inf if base == 0 else math.nan


def _quantile(quantile: float, values: Iterable[float]) -> float:
    ordered = sorted(values)
    if not ordered or math.isnan(quantile):
        return math.nan
    if not 0 <= quantile <= 1:
        return math.copysign(math.inf, quantile)
    rank = quantile * (len(ordered) - 1)
    low = math.floor(rank)
    return ordered[low] + (ordered[min(low + 1, len(ordered) - 1)] - ordered[low]) * (rank - low)


AGGREGATIONS: dict[str, Callable[[list[float]], float]] = {
    "sum": sum, "min": min, "max": max, "avg": statistics.fmean, "count": len, "group": lambda values: 1.0,
    "stddev": statistics.pstdev, "stdvar": statistics.pvariance,
}  # fmt: skip
WITH_PARAMETER = {"topk", "bottomk", "quantile", "count_values"}
OVER_TIME: dict[str, Callable[[list[float]], float]] = {
    "last": lambda values: values[-1],
    "first": lambda values: values[0],
    "present": lambda values: 1.0,
    **{name: AGGREGATIONS[name] for name in ("avg", "min", "max", "sum", "count", "stddev", "stdvar")},
}
RATES = {"rate", "increase", "irate", "delta", "idelta", "deriv", "resets", "changes", "predict_linear"}
RANGE_FUNCTIONS = RATES | {f"{name}_over_time" for name in (*OVER_TIME, "quantile", "absent")}


def _real(function: Callable[[float], float]) -> Callable[[float], float]:
    def safe(value: float) -> float:
        try:
            return float(function(value))
        except OverflowError:
            return value if math.isinf(value) else math.inf
        except ValueError:
            return -math.inf if value == 0 else math.nan

    return safe


OF_NUMBERS: dict[str, Callable[[float], float]] = {
    "abs": abs, "sgn": lambda value: math.copysign(1.0, value) if value else 0.0, "ln": _real(math.log),
    "deg": math.degrees, "rad": math.radians,
    **{
        name: _real(getattr(math, name))
        for name in ("ceil", "floor", "exp", "sqrt", "log2", "log10", "sin", "cos", "tan", "asin", "acos", "atan",
                     "sinh", "cosh", "tanh", "asinh", "acosh", "atanh")
    },
}  # fmt: skip
OF_TIMES: dict[str, Callable[[datetime], float]] = {
    "minute": lambda time: time.minute, "hour": lambda time: time.hour, "month": lambda time: time.month,
    "year": lambda time: time.year, "day_of_month": lambda time: time.day,
    "day_of_week": lambda time: time.isoweekday() % 7, "day_of_year": lambda time: time.timetuple().tm_yday,
    "days_in_month": lambda time: (time.replace(year=time.year + time.month // 12, month=time.month % 12 + 1, day=1)
                                   - time.replace(day=1)).days,
}  # fmt: skip
FUNCTIONS = {
    "histogram_quantile", "absent", "vector", "scalar", "clamp", "clamp_min", "clamp_max", "round", "time",
    "timestamp", "sort", "sort_desc", "label_replace", "label_join", "pi", *OF_NUMBERS, *OF_TIMES,
}  # fmt: skip
SCALAR_FUNCTIONS = {"scalar", "time", "pi"}


def seconds(duration: str) -> float:
    """What "5m" or "1h30m" is in seconds: units from large to small, each once, or a plain 0.

    Raises:
        ValueError: it is no duration.
    """
    text = str(duration)
    if text != "0" and not (text and re.fullmatch(DURATION, text)):
        raise ValueError(f"{text!r} is no duration such as 5m or 1h30m")
    return sum(float(number) * SECONDS[unit] for number, unit in re.findall(r"(\d+)(ms|[smhdwy])", text))


@dataclass
class Node:
    kind: str
    value: Any = None
    children: list["Node"] = field(default_factory=list)
    labels: list[tuple[str, str, str]] = field(default_factory=list)
    window: float | None = None
    step: float | None = None
    offset: float = 0.0
    at: float | str | None = None
    grouping: tuple[str, frozenset[str]] | None = None
    many: str | None = None
    included: frozenset[str] = frozenset()

    def metrics(self, known: Iterable[str] = ()) -> set[str]:
        """The names of the metrics in it; for a pattern those of the known ones that it fits."""
        found = set().union(*(child.metrics(known) for child in self.children))
        if self.kind == "selector":
            named = [(op, text) for name, op, text in self.labels if name == "__name__"]
            if any(op == "=" for op, _ in named):
                found |= {text for op, text in named if op == "="}
            else:
                found |= {name for name in known if all(_fits(op, name, text) for op, text in named)}
        return found


def _fits(operation: str, have: str, want: str) -> bool:
    if operation in ("=", "!="):
        return (have == want) == (operation == "=")
    try:
        return (re.fullmatch(want, have) is not None) == (operation == "=~")
    except re.error as error:
        raise ValueError(f"{want!r} is no regular expression: {error}") from None


def _text(literal: str) -> str:
    """What a string in quotes stands for."""
    if literal[0] == "`":
        return literal[1:-1]

    def unescaped(match: re.Match[str]) -> str:
        simple, byte, octal, short, long, other = match.groups()
        if simple:
            return ESCAPED.get(simple, simple)
        if other is not None:
            raise ValueError(f"\\{other} is no escape in a string: write \\\\{other}")
        return chr(int(octal, 8) if octal else int(byte or short or long, 16))

    return ESCAPE.sub(unescaped, literal[1:-1])


def tokens_of(text: str) -> list[tuple[str, str]]:
    """Kind and text of each token.

    Raises:
        ValueError: something in it is no token.
    """
    found: list[tuple[str, str]] = []
    position, brackets = 0, 0
    while position < len(text):
        match = (IN_BRACKETS.match(text, position) if brackets else None) or TOKEN.match(text, position)
        if match and brackets and match.lastgroup == "name" and ":" in match[0]:
            match = re.compile("(?P<symbol>:)").match(text, position)
        if not match or not match[0]:
            raise ValueError(f"cannot read {text[position : position + 20]!r}")
        if match.lastgroup != "gap":
            found.append((str(match.lastgroup), match[0]))
            brackets += {"[": 1, "]": -1}.get(match[0], 0)
        position = match.end()
    return found


class Parser:
    def __init__(self, text: str) -> None:
        self.tokens = tokens_of(text)

    def peek(self, ahead: int = 0) -> str:
        """The token, in small letters: keywords may be written in capitals."""
        return self.tokens[ahead][1].lower() if len(self.tokens) > ahead else ""

    def take(self, expected: str | None = None) -> str:
        if not self.tokens or (expected is not None and self.peek() != expected):
            raise ValueError(f"expected {expected or 'more'}, found {self.peek() or 'the end'}")
        return self.tokens.pop(0)[1]

    def parse(self) -> Node:
        node = self.binary(0)
        if self.tokens:
            raise ValueError(f"{self.peek()} is more than an expression")
        return node

    def binary(self, level: int) -> Node:
        if level == len(LEVELS):
            return self.unary()
        node = self.binary(level + 1)
        while self.peek() in LEVELS[level]:
            operation = self.operation()
            operation.children = [node, self.binary(level + 1)]
            node = operation
        return node

    def operation(self) -> Node:
        """An operator with its modifiers, and no operands yet."""
        node = Node("binary", self.take().lower())
        if self.peek() == "bool":
            self.take()
            node.kind = "binary bool"
        if self.peek() in {"on", "ignoring"}:
            node.grouping = self.group()
            if self.peek() in {"group_left", "group_right"}:
                node.many = self.peek()
                self.take()
                node.included = self.names() if self.peek() == "(" else frozenset()
        return node

    def unary(self) -> Node:
        if self.peek() in {"-", "+"}:
            sign = -1.0 if self.take() == "-" else 1.0
            return Node("binary", "*", [Node("number", sign), self.unary()])
        node = self.modified(self.primary())
        if self.peek() == "^":
            operation = self.operation()
            operation.children = [node, self.unary()]
            return operation
        return node

    def group(self) -> tuple[str, frozenset[str]]:
        kind = self.take().lower()
        return kind, self.names()

    def names(self) -> frozenset[str]:
        self.take("(")
        names = set()
        while self.peek() != ")":
            kind = self.tokens[0][0] if self.tokens else ""
            if kind not in {"name", "string"}:
                raise ValueError(f"expected the name of a label, found {self.peek() or 'the end'}")
            text = self.take()
            names.add(_text(text) if kind == "string" else text)
            if self.peek() != ")":
                self.take(",")
        self.take(")")
        return frozenset(names)

    def arguments(self) -> list[Node]:
        self.take("(")
        found = []
        while self.peek() != ")":
            found.append(self.binary(0))
            if self.peek() != ")":
                self.take(",")
                if self.peek() == ")":
                    raise ValueError("a comma stands before another argument, not before )")
        self.take(")")
        return found

    def primary(self) -> Node:
        if not self.tokens:
            raise ValueError("the expression ends too early")
        kind, text = self.tokens[0]
        if text == "(":
            self.take()
            node = Node("paren", None, [self.binary(0)])
            self.take(")")
            return node
        if kind in {"number", "duration"}:
            return Node("number", self.number())
        if kind == "string":
            return Node("string", _text(self.take()))
        if kind == "name" and text.lower() in {"inf", "nan"} and self.peek(1) != "{":
            return Node("number", float(self.take()))
        aggregates = text.lower() in AGGREGATIONS.keys() | WITH_PARAMETER
        if kind == "name" and aggregates and self.peek(1) in {"(", "by", "without"}:
            return self.aggregation()
        if kind == "name" and self.peek(1) == "(":
            if text not in RANGE_FUNCTIONS | FUNCTIONS:
                raise ValueError(f"the function {text} is unknown here")
            self.take()
            return Node("function", text, self.arguments())
        if kind == "name" or text == "{":
            return self.selector()
        raise ValueError(f"{text} is not expected here")

    def number(self) -> float:
        kind, text = self.tokens[0] if self.tokens else ("", "the end")
        if kind not in {"number", "duration"}:
            raise ValueError(f"expected a number or a duration such as 5m, found {text}")
        self.take()
        if kind == "duration":
            return seconds(text)
        return float(int(text, 16)) if text[:2].lower() == "0x" else float(text.replace("_", ""))

    def aggregation(self) -> Node:
        name = self.take().lower()
        grouping = self.group() if self.peek() in {"by", "without"} else None
        children = self.arguments()
        if self.peek() in {"by", "without"} and grouping is None:
            grouping = self.group()
        if len(children) != 1 + (name in WITH_PARAMETER):
            raise ValueError(f"{name} takes {1 + (name in WITH_PARAMETER)} arguments, and has {len(children)}")
        return Node("aggregation", name, children, grouping=grouping)

    def selector(self) -> Node:
        node = Node("selector")
        if self.peek() != "{":
            node.labels.append(("__name__", "=", self.take()))
        if self.peek() == "{":
            self.take()
            while self.peek() != "}":
                node.labels.append(self.matcher())
                if self.peek() != "}":
                    self.take(",")
            self.take("}")
        if not any(not _fits(operation, "", text) for _, operation, text in node.labels):
            raise ValueError("a selector needs a name, or a label that is not empty")
        if sum((name, op) == ("__name__", "=") for name, op, _ in node.labels) > 1:
            raise ValueError("a selector has two names")
        node.value = next((text for name, op, text in node.labels if (name, op) == ("__name__", "=")), "")
        return node

    def matcher(self) -> tuple[str, str, str]:
        kind, name = self.tokens[0] if self.tokens else ("", "")
        self.take()
        if kind == "string" and self.peek() in {",", "}"}:  # {"a metric", ...}
            return "__name__", "=", _text(name)
        operation = self.take()
        kind_of_value, text = self.tokens[0] if self.tokens else ("", "the end")
        if kind == "name" and ":" in name:
            raise ValueError(f"{name} is no name of a label")
        if kind not in {"name", "string"} or operation not in {"=", "!=", "=~", "!~"} or kind_of_value != "string":
            raise ValueError(f'expected a label such as job="api", found {name}{operation}{text}')
        self.take()
        _fits(operation, "", _text(text))
        return (_text(name) if kind == "string" else name), operation, _text(text)

    def modified(self, node: Node) -> Node:
        """With what stands behind: a window, a subquery, an offset, a time."""
        while self.peek() in {"[", "offset", "@"}:
            word = self.take().lower()
            if word == "[":
                node = self.windowed(node)
            elif node.kind not in {"selector", "subquery"}:
                raise ValueError(f"{word} stands behind a selector or a subquery only")
            elif node.offset if word == "offset" else node.at is not None:
                raise ValueError(f"{word} stands there twice")
            elif word == "offset":
                sign = -1 if self.peek() == "-" else 1
                if self.peek() in {"-", "+"}:
                    self.take()
                node.offset = sign * self.number()
            elif self.peek() in {"start", "end"}:
                node.at = self.take().lower()
                self.arguments()
            else:
                node.at = self.number()
        return node

    def windowed(self, node: Node) -> Node:
        window = self.number()
        if self.peek() == ":":
            self.take()
            step = RESOLUTION if self.peek() == "]" else self.number()
            node = Node("subquery", None, [node], window=window, step=step)
        elif node.kind != "selector" or node.window is not None:
            raise ValueError("a window stands behind a selector; behind an expression it is a subquery, [5m:1m]")
        else:
            node.window = window
        self.take("]")
        if not window > 0 or (node.step is not None and not node.step > 0):
            raise ValueError("a window is longer than nothing")
        return node


def parse(expression: str) -> Node:
    """The tree of an expression.

    Raises:
        ValueError: it is none.
    """
    return Parser(str(expression)).parse()


def _without_name(labels: Labels) -> Labels:
    return frozenset(pair for pair in labels if pair[0] != "__name__")


class Evaluation:
    """The value of expressions at one time."""

    def __init__(self, series: Series, time: float) -> None:
        self.series, self.time = series, time

    def value(self, node: Node) -> float | Vector:
        if node.kind == "number":
            return float(node.value)
        if node.kind == "paren":
            return self.value(node.children[0])
        if node.kind == "string":
            raise ValueError(f"{node.value!r} is a text, where a number or a vector is expected")
        if node.kind == "subquery" or (node.kind == "selector" and node.window is not None):
            raise ValueError(f"{node.value or ''}[...] is a range: it needs a function such as rate around it")
        if node.kind == "selector":
            return {labels: samples[-1][1] for labels, samples in self.samples(node, LOOKBACK).items()}
        if node.kind == "aggregation":
            return self.aggregation(node)
        if node.kind == "function":
            return self.function(node)
        return self.binary(node)

    def moment(self, node: Node) -> float:
        fixed = isinstance(node.at, float)
        return (float(node.at) if fixed else self.time) - node.offset  # type: ignore[arg-type]

    def samples(self, node: Node, window: float) -> dict[Labels, Samples]:
        """The samples of a selector within a window, by labels, the name among them."""
        now, found = self.moment(node), {}
        for name in node.metrics(self.series):
            for labels, samples in self.series.get(name, {}).items():
                known = dict(labels) | {"__name__": name}
                if not all(_fits(operation, known.get(label, ""), want) for label, operation, want in node.labels):
                    continue
                recent = [sample for sample in samples if now - window < sample[0] <= now]
                if recent:
                    found[frozenset(known.items())] = recent
        return found

    def range(self, node: Node) -> dict[Labels, Samples]:
        """The samples of what stands before a window."""
        while node.kind == "paren":
            node = node.children[0]
        if node.window is None:
            raise ValueError("a range such as metric[5m] is expected")
        if node.kind == "selector":
            return self.samples(node, node.window)
        now, step, found = self.moment(node), float(node.step or RESOLUTION), {}
        if node.window / step > 10_000:
            raise ValueError("a subquery has more than 10,000 steps")
        for number in range(math.floor((now - node.window) / step) + 1, math.floor(now / step) + 1):
            value = Evaluation(self.series, number * step).value(node.children[0])
            for labels, one in (value if isinstance(value, dict) else {frozenset(): value}).items():
                found.setdefault(labels, []).append((number * step, one))
        return found

    def vector(self, node: Node) -> Vector:
        value = self.value(node)
        if not isinstance(value, dict):
            raise ValueError("a vector is expected where a number stands")
        return value

    def number(self, node: Node) -> float:
        value = self.value(node)
        if isinstance(value, dict):
            raise ValueError("a number is expected where a vector stands")
        return value

    def aggregation(self, node: Node) -> Vector:
        *parameter, child = node.children
        kind, names = node.grouping or ("by", frozenset())
        groups: dict[Labels, Vector] = {}
        for labels, value in self.vector(child).items():
            kept = frozenset(pair for pair in labels if (pair[0] in names) == (kind == "by"))
            kept = kept if kind == "by" else _without_name(kept)
            groups.setdefault(kept, {})[labels] = value
        if node.value == "count_values":
            if parameter[0].kind != "string":
                raise ValueError("count_values takes the name of a label first")
            counted: Vector = {}
            for labels, members in groups.items():
                for value in members.values():
                    full = labels | {(parameter[0].value, f"{value:g}")}
                    counted[full] = counted.get(full, 0) + 1
            return counted
        if node.value == "quantile":
            quantile = self.number(parameter[0])
            return {labels: _quantile(quantile, members.values()) for labels, members in groups.items()}
        if node.value in {"topk", "bottomk"}:
            number, reverse = self.number(parameter[0]), node.value == "topk"
            chosen: Vector = {}
            for members in groups.values():
                ordered = sorted(members.items(), key=lambda pair: pair[1], reverse=reverse)
                chosen |= dict(ordered[: max(0, int(number))])
            return chosen
        return {labels: AGGREGATIONS[node.value](list(members.values())) for labels, members in groups.items()}

    def function(self, node: Node) -> float | Vector:
        name, given = node.value, node.children
        if name in RANGE_FUNCTIONS:
            return self.over_range(name, given)
        fewest, most = ARGUMENTS.get(name, (1, 1))
        if not fewest <= len(given) <= most:
            raise ValueError(f"{name} takes {fewest} arguments, and has {len(given)}")
        if name == "histogram_quantile":
            return histogram_quantile(self.number(given[0]), self.vector(given[1]))
        if name == "absent":
            return {} if self.vector(given[0]) else {frozenset(): 1.0}
        if name == "vector":
            return {frozenset(): self.number(given[0])}
        if name == "scalar":
            values = list(self.vector(given[0]).values())
            return values[0] if len(values) == 1 else math.nan
        if name == "time":
            return self.time
        if name == "pi":
            return math.pi
        if name in OF_TIMES:
            times = self.vector(given[0]) if given else {frozenset(): self.time}
            return {
                _without_name(labels): float(OF_TIMES[name](datetime.fromtimestamp(value, UTC)))
                for labels, value in times.items()
            }
        if name in {"label_replace", "label_join"}:
            return self.relabelled(name, given)
        vector = self.vector(given[0])
        if name == "timestamp":
            return {_without_name(labels): self.time for labels in vector}
        if name in {"sort", "sort_desc"}:
            return dict(sorted(vector.items(), key=lambda pair: pair[1], reverse=name == "sort_desc"))
        rest = [self.number(child) for child in given[1:]]
        change: dict[str, Callable[[float], float]] = {
            "clamp": lambda value: max(rest[0], min(rest[1], value)),
            "clamp_min": lambda value: max(value, rest[0]),
            "clamp_max": lambda value: min(value, rest[0]),
            "round": lambda value: math.floor(value / (rest or [1])[0] + 0.5) * (rest or [1])[0],
        }
        return {
            _without_name(labels): value if math.isnan(value) else (OF_NUMBERS | change)[name](value)
            for labels, value in vector.items()
        }

    def relabelled(self, name: str, given: list[Node]) -> Vector:
        vector, texts = self.vector(given[0]), [child.value for child in given[1:]]
        if any(child.kind != "string" for child in given[1:]):
            raise ValueError(f"{name} takes a vector, and then texts")
        result = {}
        for labels, value in vector.items():
            known = dict(labels)
            if name == "label_join":
                target, separator, *sources = texts
                known[target] = separator.join(known.get(source, "") for source in sources)
            else:
                target, replacement, source, pattern = texts
                try:
                    match = re.fullmatch(pattern, known.get(source, ""))
                    if match:
                        known[target] = match.expand(re.sub(r"\$\{?(\w+)\}?", r"\\g<\1>", replacement))
                except (re.error, IndexError) as error:
                    raise ValueError(f"{name}: {error}") from None
            result[frozenset((label, text) for label, text in known.items() if text)] = value
        return result

    def over_range(self, function: str, given: list[Node]) -> Vector:
        parameters = {"quantile_over_time": 1, "predict_linear": 1}.get(function, 0)
        if len(given) != 1 + parameters:
            raise ValueError(f"{function} takes a range such as metric[5m]" + (" and a number" if parameters else ""))
        behind = given[0] if function == "quantile_over_time" else given[-1]
        parameter = self.number(behind) if parameters else 0.0
        node = given[-1] if function == "quantile_over_time" else given[0]
        ranges = self.range(node)
        while node.kind == "paren":
            node = node.children[0]
        if function == "absent_over_time":
            return {} if ranges else {frozenset(): 1.0}
        result = {}
        for labels, samples in ranges.items():
            kept = labels if function in {"last_over_time", "first_over_time"} else _without_name(labels)
            if function == "quantile_over_time":
                result[kept] = _quantile(parameter, [value for _, value in samples])
            elif function.endswith("_over_time"):
                result[kept] = OVER_TIME[function.removesuffix("_over_time")]([value for _, value in samples])
            else:
                value = _change(function, samples, float(node.window or 0), self.time + parameter)
                if value is not None:
                    result[kept] = value
        return result

    def binary(self, node: Node) -> float | Vector:
        left, right = (self.value(child) for child in node.children)
        compares = node.value in COMPARISON
        if node.kind == "binary bool" and not compares:
            raise ValueError("bool stands behind a comparison only")
        if node.value in SETS:
            if not isinstance(left, dict) or not isinstance(right, dict):
                raise ValueError(f"{node.value} stands between vectors")
            return self.of_sets(node, left, right)
        if not isinstance(left, dict) and not isinstance(right, dict):
            if compares and node.kind != "binary bool":
                raise ValueError("two numbers are compared with bool only, as in 1 > bool 0")
            return float(self.pair(node, left, right) or 0.0)
        if isinstance(left, dict) and isinstance(right, dict):
            return self.of_vectors(node, left, right)
        keeps_name = compares and node.kind != "binary bool"
        vector = left if isinstance(left, dict) else right
        assert isinstance(vector, dict)
        results = {}
        for labels, value in vector.items():
            pair = (value, right) if vector is left else (left, value)
            one = self.pair(node, *pair, keep=vector is left)  # type: ignore[arg-type]
            if one is not None:
                results[labels if keeps_name else _without_name(labels)] = one
        return results

    def of_sets(self, node: Node, left: Vector, right: Vector) -> Vector:
        matched = {self.matching(labels, node) for labels in right}
        if node.value == "or":
            have = {self.matching(labels, node) for labels in left}
            return left | {labels: v for labels, v in right.items() if self.matching(labels, node) not in have}
        kept = node.value == "and"
        return {labels: v for labels, v in left.items() if (self.matching(labels, node) in matched) == kept}

    def of_vectors(self, node: Node, left: Vector, right: Vector) -> Vector:
        """One to one, or many to one (`group_left`, `group_right`)."""
        swapped = node.many == "group_right"
        many, one = (right, left) if swapped else (left, right)
        others: dict[Labels, tuple[Labels, float]] = {}
        for labels, value in one.items():
            key = self.matching(labels, node)
            if key in others:
                raise ValueError("several series on one side of an operator fit one on the other: aggregate them first")
            others[key] = labels, value
        results: Vector = {}
        seen: set[Labels] = set()
        for labels, value in many.items():
            key = self.matching(labels, node)
            if key not in others:
                continue
            if node.many is None and key in seen:
                raise ValueError("several series on one side of an operator fit one on the other: aggregate them first")
            seen.add(key)
            partner, other = others[key]
            result = self.pair(node, *((other, value) if swapped else (value, other)))
            if result is not None:
                results[self.result_labels(node, labels, partner)] = result
        return results

    def result_labels(self, node: Node, labels: Labels, partner: Labels) -> Labels:
        kept = labels if node.value in COMPARISON and node.kind != "binary bool" else _without_name(labels)
        if node.many is not None:
            others = {pair for pair in partner if pair[0] in node.included}
            return frozenset(pair for pair in kept if pair[0] not in node.included) | others
        if node.grouping is None:
            return kept
        kind, names = node.grouping
        return frozenset(pair for pair in kept if (pair[0] in names) == (kind == "on"))

    @staticmethod
    def matching(labels: Labels, node: Node) -> Labels:
        if node.grouping is None:
            return _without_name(labels)
        kind, names = node.grouping
        if kind == "on":
            return frozenset(pair for pair in labels if pair[0] in names)
        return frozenset(pair for pair in _without_name(labels) if pair[0] not in names)

    @staticmethod
    def pair(node: Node, left: float, right: float, keep: bool = True) -> float | None:
        """A comparison keeps the vector's value, or nothing."""
        if node.value in ARITHMETIC:
            return ARITHMETIC[node.value](left, right)
        holds = COMPARISON[node.value](left, right)
        if node.kind == "binary bool":
            return float(holds)
        return (left if keep else right) if holds else None


ARGUMENTS = {
    "histogram_quantile": (2, 2), "clamp": (3, 3), "clamp_min": (2, 2), "clamp_max": (2, 2), "round": (1, 2),
    "time": (0, 0), "pi": (0, 0), "label_replace": (5, 5), "label_join": (3, 99),
    **dict.fromkeys(OF_TIMES, (0, 1)),
}  # fmt: skip
"""The fewest and the most that a function takes, where it is not one."""


def _change(function: str, samples: Samples, window: float, then: float) -> float | None:
    """What rate and its kin make of the samples of a window; None where they are too few."""
    values = [value for _, value in samples]
    steps = [now - before for before, now in pairwise(values)]
    if function == "resets":
        return float(sum(step < 0 for step in steps))
    if function == "changes":
        return float(sum(step != 0 for step in steps))
    if len(samples) < 2:
        return None
    if function in {"deriv", "predict_linear"}:
        slope, start = statistics.linear_regression([time for time, _ in samples], values)
        return slope if function == "deriv" else start + slope * then
    if function in {"irate", "idelta"}:
        samples, steps, values = samples[-2:], steps[-1:], values[-2:]
    if function in {"rate", "increase", "irate"}:
        # A counter that falls has begun anew.
        steps = [step if step >= 0 else now for step, now in zip(steps, values[1:])]
    if function == "idelta":
        return steps[0]
    per_second = sum(steps) / (samples[-1][0] - samples[0][0])
    return per_second * (1 if function in {"rate", "irate"} else window)


def histogram_quantile(quantile: float, buckets: Vector) -> Vector:
    """Prometheus' estimate: linear within the bucket that the quantile falls into."""
    groups: dict[Labels, list[tuple[float, float]]] = {}
    for labels, count in buckets.items():
        try:
            bound = float(dict(labels)["le"])
        except (KeyError, ValueError):
            continue
        rest = frozenset(pair for pair in labels if pair[0] not in {"le", "__name__"})
        groups.setdefault(rest, []).append((bound, count))
    result = {}
    for labels, counts in groups.items():
        counts.sort()
        if len(counts) < 2 or not math.isinf(counts[-1][0]) or not counts[-1][1] > 0 or math.isnan(quantile):
            result[labels] = math.nan
            continue
        if not 0 <= quantile <= 1:
            result[labels] = math.copysign(math.inf, quantile)
            continue
        rank = quantile * counts[-1][1]
        number = next((number for number, (_, count) in enumerate(counts) if count >= rank), len(counts) - 1)
        if number == len(counts) - 1:
            result[labels] = counts[-2][0]
            continue
        lower, before = counts[number - 1] if number else (0.0, 0.0)
        upper, count = counts[number]
        result[labels] = lower + (upper - lower) * (rank - before) / ((count - before) or 1)
    return result


def evaluate(expression: str, series: Series, time: float) -> float | Vector:
    """The value of an expression at a time.

    Raises:
        ValueError: it cannot be evaluated.
    """
    return Evaluation(series, time).value(parse(expression))
