"""Prometheus' rule files: read as Prometheus reads them, and run on given series."""

import re
from dataclasses import dataclass
from typing import Any

import yaml
from promql import Evaluation, Labels, Node, Series, parse, seconds

from mlops_grade.suite import read_yaml

GROUP = {"name", "interval", "query_offset", "limit", "labels", "rules"}
RULE = {"record", "alert", "expr", "for", "keep_firing_for", "labels", "annotations"}


@dataclass(frozen=True)
class Rule:
    """A rule that records a series under a new name, or an alert."""

    name: str
    records: bool
    expression: Node
    patience: float
    labels: dict[str, str]
    annotations: dict[str, str]


def _mapping(value: object, what: str, known: set[str]) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"{what} is no mapping")
    unknown = sorted(set(map(str, value)) - known)
    if unknown:
        raise ValueError(f"{what} has a field {unknown[0]}, which Prometheus does not know")
    return value


def _listed(value: object, what: str) -> list[Any]:
    if value is not None and not isinstance(value, list):
        raise ValueError(f"{what} is no list")
    return value or []


def _texts(value: object, what: str) -> dict[str, str]:
    if value is not None and not isinstance(value, dict):
        raise ValueError(f"{what} are no mapping")
    for key, one in (value or {}).items():
        if isinstance(one, list | dict):
            raise ValueError(f"{key} in {what} is no text")
    return {str(key): "" if one is None else str(one) for key, one in (value or {}).items()}


def read_rules(content: bytes) -> list[Rule]:
    """All rules of a file, in their order.

    Raises:
        ValueError: Prometheus would refuse it; the message says why.
    """
    try:
        loaded = read_yaml(content)
    except yaml.YAMLError as error:
        raise ValueError(f"it is no YAML: {error}") from None
    file = _mapping(loaded, "the file", {"groups"})
    rules, names = [], []
    for group in _listed(file.get("groups"), "groups"):
        group = _mapping(group, "a group", GROUP)
        name = group.get("name")
        if not name:
            raise ValueError("a group has no name")
        if name in names:
            raise ValueError(f"there are two groups called {name}")
        names.append(name)
        for field in ("interval", "query_offset"):
            seconds(group.get(field, "0"))
        common = _texts(group.get("labels"), f"the labels of group {name}")
        rules += [_rule(rule, common) for rule in _listed(group.get("rules"), f"rules of the group {name}")]
    return rules


def _rule(content: object, common: dict[str, str]) -> Rule:
    rule = _mapping(content, "a rule", RULE)
    if bool(rule.get("alert")) == bool(rule.get("record")):
        raise ValueError("a rule has either alert or record, with a name")
    name = str(rule.get("alert") or rule["record"])
    records = bool(rule.get("record"))
    if records and not re.fullmatch(r"[a-zA-Z_:][\w:]*", name):
        raise ValueError(f"{name} is no name of a metric")
    superfluous = sorted({"for", "keep_firing_for", "annotations"} & rule.keys()) if records else []
    if superfluous:
        raise ValueError(f"{name} records, and has a field {superfluous[0]}, which is for alerts")
    try:
        expression = parse(str(rule.get("expr", "")))
        seconds(rule.get("keep_firing_for", "0"))
        patience = seconds(rule.get("for", "0"))
    except ValueError as error:
        raise ValueError(f"{name} cannot be read: {error}") from None
    labels = common | _texts(rule.get("labels"), f"the labels of {name}")
    return Rule(name, records, expression, patience, labels, _texts(rule.get("annotations"), f"annotations of {name}"))


def run(rules: list[Rule], series: Series, times: list[float]) -> tuple[Series, dict[str, list[float]]]:
    """Evaluate all rules in their order at each time.

    Returns:
        The series, with those that were recorded, and for each alert the times at which it fires.

    Raises:
        ValueError: an expression cannot be evaluated.
    """
    known: Series = dict(series)
    for rule in rules:
        if rule.records:
            known[rule.name] = {labels: list(samples) for labels, samples in series.get(rule.name, {}).items()}
    fires: dict[str, list[float]] = {rule.name: [] for rule in rules if not rule.records}
    since: dict[int, dict[Labels, float]] = {}
    for time in times:
        for number, rule in enumerate(rules):
            try:
                value = Evaluation(known, time).value(rule.expression)
            except ValueError as error:
                raise ValueError(f"{rule.name} cannot be evaluated: {error}") from None
            if rule.records:
                recorded = known[rule.name]
                for labels, one in (value if isinstance(value, dict) else {frozenset(): value}).items():
                    kept = {key: text for key, text in labels if key != "__name__"} | rule.labels
                    recorded.setdefault(frozenset(kept.items()), []).append((time, one))
                continue
            vector = value if isinstance(value, dict) else {frozenset(): value}
            before = since.get(number, {})
            since[number] = {labels: before.get(labels, time) for labels in vector}
            if any(time - start >= rule.patience for start in since[number].values()):
                fires[rule.name].append(time)
    return known, fires


def sources(names: set[str], rules: list[Rule], known: Series) -> set[str]:
    """The metrics behind these names: those that recorded series are made of in their place."""
    found = set(names)
    for rule in reversed(rules):
        if rule.records and rule.name in found:
            found |= rule.expression.metrics(known)
    return found
