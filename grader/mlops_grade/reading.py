"""Readers of simple formats that may read a student's file in the judge: bounded in size, depth and time."""

from __future__ import annotations

import re
from typing import Any, Literal

import yaml

MAX_YAML = 128 << 10  # bytes
MAX_DEPTH = 40
MAX_NODES = 20_000  # with what aliases stand for counted each time that they stand for it

Version = Literal["1.1", "1.2"]


def read_yaml(text: str | bytes, version: Version = "1.1") -> Any:
    """The value of a YAML document: plain data, no tags but YAML's own, None for an empty one.

    In version 1.2, which GitHub reads, `on` and `yes` are words and only `true` and `false` are booleans. Raises
    `yaml.YAMLError` for whatever is no such document, or larger than a person's: 128 KiB, 20,000 values, 40 levels.
    """
    if len(text) > MAX_YAML:
        raise yaml.YAMLError(f"the file has more than {MAX_YAML >> 10} KiB")
    try:
        return yaml.load(text, Loader=_Loader12 if version == "1.2" else _Loader11)  # both are SafeLoaders
    except yaml.YAMLError:
        raise
    except RecursionError:
        raise yaml.YAMLError("it is nested too deeply") from None
    except Exception as error:  # a date in month 13, a number of 5,000 digits: each has an error of its own
        raise yaml.YAMLError(f"a value in it cannot be read: {error}") from None


class _Loader11(yaml.SafeLoader):
    """PyYAML's own safe loader, in Python: its parser in C overflows its stack on what is nested deeply."""

    def __init__(self, stream: str | bytes) -> None:
        super().__init__(stream)
        self._depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise yaml.YAMLError(f"it has more than {MAX_DEPTH} levels")
        try:
            return super().compose_node(parent, index)
        finally:
            self._depth -= 1

    def get_single_node(self) -> yaml.Node | None:
        node = super().get_single_node()
        if node is not None and _weight(node, {}) > MAX_NODES:
            raise yaml.YAMLError(f"it stands for more than {MAX_NODES:,} values")
        return node


class _Loader12(_Loader11):
    """Of version 1.2 in what differs most: the booleans."""


_Loader12.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader12.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)


def _weight(node: yaml.Node, known: dict[int, int]) -> int:
    """How many values a node stands for. Raises YAMLError for one that contains itself."""
    if id(node) in known:
        if known[id(node)] == 0:
            raise yaml.YAMLError("a value in it contains itself")
        return known[id(node)]
    known[id(node)] = 0
    children: list[yaml.Node] = []
    if isinstance(node, yaml.MappingNode):
        children = [child for pair in node.value for child in pair]
    elif isinstance(node, yaml.SequenceNode):
        children = node.value
    known[id(node)] = 1 + sum(_weight(child, known) for child in children)
    return known[id(node)]
