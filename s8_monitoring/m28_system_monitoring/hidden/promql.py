"""PromQL, as much of it as alert rules and dashboards of a small service use: parsed, and evaluated on given series.

A vector is a dict from labels (a frozenset of pairs) to numbers, a scalar is a float. Rates are differences over the
time between the first and the last sample of the window, with resets of counters seen; Prometheus' extrapolation to
the window's borders is left out.
"""

import math
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

Labels = frozenset[tuple[str, str]]
Vector = dict[Labels, float]
Samples = list[tuple[float, float]]
Series = dict[str, dict[Labels, Samples]]
"""Metric name, then labels, then (time in seconds, value)."""

TOKEN = re.compile(
    r"""\s*(?:
        (?P<duration>(?:\d+(?:ms|[smhdwy]))+)(?![\w.])
      | (?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\w.]))
      | (?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
      | (?P<name>[a-zA-Z_:][\w:]*)
      | (?P<symbol>==|!=|>=|<=|=~|!~|[-+*/%^()<>{}\[\],=])
    )""",
    re.VERBOSE,
)
SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800, "y": 31536000}
ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": lambda a, b: a / b if b else (math.nan if a == 0 or math.isnan(a) else math.copysign(math.inf, a)),
    "%": lambda a, b: math.fmod(a, b) if b else math.nan,
    "^": operator.pow,
}
COMPARISON: dict[str, Callable[[float, float], bool]] = {
    "==": operator.eq, "!=": operator.ne, ">": operator.gt, "<": operator.lt, ">=": operator.ge, "<=": operator.le,
}  # fmt: skip
SETS = {"and", "or", "unless"}
LEVELS = [{"or"}, {"and", "unless"}, set(COMPARISON), {"+", "-"}, {"*", "/", "%"}, {"^"}]
AGGREGATIONS: dict[str, Callable[[list[float]], float]] = {
    "sum": sum, "min": min, "max": max, "avg": lambda values: sum(values) / len(values), "count": len,
}  # fmt: skip
RANGE_FUNCTIONS = {
    "rate", "irate", "increase", "delta", "avg_over_time", "max_over_time", "min_over_time", "sum_over_time",
    "count_over_time",
}  # fmt: skip
FUNCTIONS = {"histogram_quantile", "absent", "vector", "scalar", "abs", "clamp_min", "clamp_max", "round"}


def seconds(duration: str) -> float:
    """What "5m" or "1h30m" is in seconds.

    Raises:
        ValueError: it is no duration.
    """
    if not re.fullmatch(r"(\d+(ms|[smhdwy]))+", str(duration)):
        raise ValueError(f"{duration!r} is no duration such as 5m")
    return sum(float(number) * SECONDS[unit] for number, unit in re.findall(r"(\d+)(ms|[smhdwy])", duration))


@dataclass
class Node:
    kind: str
    value: Any = None
    children: list["Node"] = field(default_factory=list)
    labels: list[tuple[str, str, str]] = field(default_factory=list)
    window: float | None = None
    grouping: tuple[str, frozenset[str]] | None = None

    def metrics(self) -> set[str]:
        found = {self.value} if self.kind == "selector" else set()
        return found.union(*(child.metrics() for child in self.children))


class Parser:
    def __init__(self, text: str) -> None:
        self.tokens: list[tuple[str, str]] = []
        position, text = 0, text.strip()
        while position < len(text):
            match = TOKEN.match(text, position)
            if not match:
                raise ValueError(f"cannot read {text[position : position + 20]!r}")
            self.tokens.append((str(match.lastgroup), match[str(match.lastgroup)]))
            position = match.end()
            position += len(text[position:]) - len(text[position:].lstrip())

    def peek(self) -> str:
        return self.tokens[0][1] if self.tokens else ""

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
            operation = self.take()
            kind = "binary"
            if self.peek() == "bool":
                self.take()
                kind = "binary bool"
            grouping = self.group() if self.peek() in {"on", "ignoring"} else None
            if self.peek() in {"group_left", "group_right"}:
                raise ValueError("group_left and group_right are more than this course uses")
            node = Node(kind, operation, [node, self.binary(level + 1)], grouping=grouping)
        return node

    def unary(self) -> Node:
        if self.peek() in {"-", "+"}:
            sign = -1.0 if self.take() == "-" else 1.0
            return Node("binary", "*", [Node("number", sign), self.unary()])
        return self.primary()

    def group(self) -> tuple[str, frozenset[str]]:
        kind = self.take()
        self.take("(")
        names = set()
        while self.peek() != ")":
            names.add(self.take())
            if self.peek() == ",":
                self.take()
        self.take(")")
        return kind, frozenset(names)

    def arguments(self) -> list[Node]:
        self.take("(")
        found = []
        while self.peek() != ")":
            found.append(self.binary(0))
            if self.peek() == ",":
                self.take()
        self.take(")")
        return found

    def primary(self) -> Node:
        if not self.tokens:
            raise ValueError("the expression ends too early")
        kind, text = self.tokens[0]
        if text == "(":
            self.take()
            node = self.binary(0)
            self.take(")")
            return node
        if kind == "number":
            return Node("number", float(self.take()))
        if kind == "name" and text in AGGREGATIONS:
            self.take()
            grouping = self.group() if self.peek() in {"by", "without"} else None
            children = self.arguments()
            if self.peek() in {"by", "without"}:
                grouping = self.group()
            return Node("aggregation", text, children, grouping=grouping)
        if kind == "name" and text in RANGE_FUNCTIONS | FUNCTIONS:
            self.take()
            return Node("function", text, self.arguments())
        if kind == "name" and len(self.tokens) > 1 and self.tokens[1][1] == "(":
            raise ValueError(f"the function {text} is unknown here")
        if kind in {"name", "symbol"} and (kind == "name" or text == "{"):
            return self.selector()
        raise ValueError(f"{text} is not expected here")

    def selector(self) -> Node:
        node = Node("selector", self.take() if self.peek() != "{" else "")
        if self.peek() == "{":
            self.take()
            while self.peek() != "}":
                name, operation, text = self.take(), self.take(), self.take()
                node.labels.append((name, operation, text[1:-1]))
                if self.peek() == ",":
                    self.take()
            self.take("}")
            for name, _, text in node.labels:
                if name == "__name__":
                    node.value = text
        if self.peek() == "[":
            self.take()
            node.window = seconds(self.take())
            self.take("]")
        return node


def parse(expression: str) -> Node:
    """The tree of an expression.

    Raises:
        ValueError: it is none.
    """
    return Parser(str(expression)).parse()


class Evaluation:
    """The value of expressions at one time."""

    def __init__(self, series: Series, time: float) -> None:
        self.series, self.time = series, time

    def value(self, node: Node) -> float | Vector:
        if node.kind == "number":
            return float(node.value)
        if node.kind == "selector":
            if node.window is not None:
                raise ValueError(f"{node.value}[...] is a range: it needs a function such as rate around it")
            return {labels: samples[-1][1] for labels, samples in self.samples(node, 300).items()}
        if node.kind == "aggregation":
            return self.aggregation(node)
        if node.kind == "function":
            return self.function(node)
        return self.binary(node)

    def samples(self, node: Node, window: float) -> dict[Labels, Samples]:
        def fits(labels: Labels) -> bool:
            known = dict(labels)
            tests = {
                "=": lambda have, want: have == want,
                "!=": lambda have, want: have != want,
                "=~": lambda have, want: re.fullmatch(want, have) is not None,
                "!~": lambda have, want: re.fullmatch(want, have) is None,
            }
            return all(
                tests[operation](known.get(name, ""), want)
                for name, operation, want in node.labels
                if name != "__name__"
            )

        found = {}
        for labels, samples in self.series.get(node.value, {}).items():
            recent = [sample for sample in samples if self.time - window < sample[0] <= self.time]
            if recent and fits(labels):
                found[labels] = recent
        return found

    def vector(self, node: Node) -> Vector:
        value = self.value(node)
        if not isinstance(value, dict):
            raise ValueError("a vector is expected where a number stands")
        return value

    def aggregation(self, node: Node) -> Vector:
        [child] = node.children
        kind, names = node.grouping or ("by", frozenset())
        groups: dict[Labels, list[float]] = {}
        for labels, value in self.vector(child).items():
            kept = frozenset(pair for pair in labels if (pair[0] in names) == (kind == "by"))
            groups.setdefault(kept, []).append(value)
        return {labels: AGGREGATIONS[node.value](values) for labels, values in groups.items()}

    def function(self, node: Node) -> float | Vector:
        if node.value in RANGE_FUNCTIONS:
            if len(node.children) != 1 or node.children[0].window is None:
                raise ValueError(f"{node.value} takes a range such as metric[5m]")
            return self.over_range(node.value, node.children[0])
        if node.value == "histogram_quantile":
            quantile, buckets = node.children
            return histogram_quantile(float(self.value(quantile)), self.vector(buckets))
        if node.value == "absent":
            return {} if self.vector(node.children[0]) else {frozenset(): 1.0}
        if node.value == "vector":
            return {frozenset(): float(self.value(node.children[0]))}
        if node.value == "scalar":
            values = list(self.vector(node.children[0]).values())
            return values[0] if len(values) == 1 else math.nan
        rest = [float(self.value(child)) for child in node.children[1:]]
        change = {
            "abs": abs,
            "round": round,
            "clamp_min": lambda value: max(value, *rest),
            "clamp_max": lambda value: min(value, *rest),
        }[node.value]
        return {labels: change(value) for labels, value in self.vector(node.children[0]).items()}

    def over_range(self, function: str, selector: Node) -> Vector:
        result = {}
        for labels, samples in self.samples(selector, selector.window or 0).items():
            values = [value for _, value in samples]
            if function.endswith("_over_time"):
                result[labels] = AGGREGATIONS[function.removesuffix("_over_time")](values)
                continue
            if function == "irate":
                samples, values = samples[-2:], values[-2:]
            if len(samples) < 2:
                continue
            steps = [now - before for before, now in pairwise(values)]
            if function != "delta":
                # A counter that falls has begun anew.
                steps = [step if step >= 0 else now for step, now in zip(steps, values[1:])]
            per_second = sum(steps) / (samples[-1][0] - samples[0][0])
            result[labels] = per_second * (1 if function in {"rate", "irate"} else selector.window or 0)
        return result

    def binary(self, node: Node) -> float | Vector:
        left, right = (self.value(child) for child in node.children)
        if node.value in SETS:
            if not isinstance(left, dict) or not isinstance(right, dict):
                raise ValueError(f"{node.value} stands between vectors")
            matched = {self.matching(labels, node) for labels in right}
            if node.value == "or":
                have = {self.matching(labels, node) for labels in left}
                return left | {labels: v for labels, v in right.items() if self.matching(labels, node) not in have}
            return {
                labels: v
                for labels, v in left.items()
                if (self.matching(labels, node) in matched) == (node.value == "and")
            }
        if not isinstance(left, dict) and not isinstance(right, dict):
            result = self.pair(node, left, right)
            return math.nan if result is None else result
        if not isinstance(right, dict):
            pairs = {labels: (value, right) for labels, value in left.items()}  # type: ignore[union-attr]
        elif not isinstance(left, dict):
            pairs = {labels: (left, value) for labels, value in right.items()}
        else:
            others = {self.matching(labels, node): value for labels, value in right.items()}
            pairs = {
                labels: (value, others[self.matching(labels, node)])
                for labels, value in left.items()
                if self.matching(labels, node) in others
            }
        results = {labels: self.pair(node, *values, keep=isinstance(left, dict)) for labels, values in pairs.items()}
        return {labels: value for labels, value in results.items() if value is not None}

    @staticmethod
    def matching(labels: Labels, node: Node) -> Labels:
        if node.grouping is None:
            return labels
        kind, names = node.grouping
        return frozenset(pair for pair in labels if (pair[0] in names) == (kind == "on"))

    @staticmethod
    def pair(node: Node, left: float, right: float, keep: bool = True) -> float | None:
        """A comparison keeps the vector's value, or nothing."""
        if node.value in ARITHMETIC:
            return ARITHMETIC[node.value](left, right)
        holds = COMPARISON[node.value](left, right)
        if node.kind == "binary bool":
            return float(holds)
        return (left if keep else right) if holds else None


def histogram_quantile(quantile: float, buckets: Vector) -> Vector:
    """Prometheus' estimate: linear within the bucket that the quantile falls into."""
    groups: dict[Labels, list[tuple[float, float]]] = {}
    for labels, count in buckets.items():
        bound = dict(labels).get("le")
        if bound is not None:
            rest = frozenset(pair for pair in labels if pair[0] != "le")
            groups.setdefault(rest, []).append((float(bound.replace("+Inf", "inf")), count))
    result = {}
    for labels, counts in groups.items():
        counts.sort()
        if len(counts) < 2 or not math.isinf(counts[-1][0]) or not counts[-1][1] > 0:
            result[labels] = math.nan
            continue
        rank = quantile * counts[-1][1]
        number = next(number for number, (_, count) in enumerate(counts) if count >= rank)
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


def firing(rule: dict[str, Any], series: Series, times: list[float]) -> list[float]:
    """The times (of those given, at which the rule is evaluated) at which an alert fires."""
    tree, patience = parse(rule["expr"]), seconds(rule.get("for", "0s"))
    since: dict[Labels, float] = {}
    found = []
    for time in times:
        value = Evaluation(series, time).value(tree)
        if not isinstance(value, dict):
            raise ValueError("the expression is a number, not a vector: it cannot be an alert")
        since = {labels: since.get(labels, time) for labels in value}
        if any(time - start >= patience for start in since.values()):
            found.append(time)
    return found
