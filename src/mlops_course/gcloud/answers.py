"""How an answer is printed: --flatten, --filter, --sort-by, --limit and --format, as gcloud's topics describe them."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from mlops_course.gcloud.errors import CloudError

Row = dict[str, Any]
_TERM = re.compile(
    r"(?P<no>NOT\s+|-)?(?P<key>[\w.\[\]]+(?:\(\))?)\s*(?P<op>!=|=|:|~|!~)\s*"
    r"(?P<value>\([^)]*\)|\"[^\"]*\"|'[^']*'|[^\s()]+)\s*"
)
_LISTED = re.compile(r"(value|get|csv|table|list|text|json|yaml)(?:\[([^\]]*)\])?(?:\((.*)\))?", re.DOTALL)


def shown(answer: Any, flags: Mapping[str, str]) -> str:
    """What gcloud prints. Raises CloudError for a format or a filter that it cannot read."""
    if answer is None:
        return ""
    if isinstance(answer, str):
        return answer
    rows: list[Row] = answer if isinstance(answer, list) else [answer]
    for key in filter(None, flags.get("--flatten", "").split(",")):
        rows = [flat for row in rows for flat in _flattened(row, key.split("[]"))]
    if "--filter" in flags:
        rows = [row for row in rows if _fits(row, flags["--filter"])]
    if "--sort-by" in flags:
        key = flags["--sort-by"]
        rows = sorted(rows, key=lambda row: str(_at(row, key.lstrip("~"))), reverse=key.startswith("~"))
    if "--limit" in flags:
        rows = rows[: int(flags["--limit"])] if flags["--limit"].isdecimal() else rows
    is_list = isinstance(answer, list) or "--flatten" in flags
    return _formatted(rows, is_list, flags.get("--format", "default"))


def _formatted(rows: list[Row], is_list: bool, style: str) -> str:
    if style in ("none", "disable"):
        return ""
    match = _LISTED.fullmatch(style.strip())
    name, attributes, keys = match.groups() if match else (style, "", None)
    columns = [_column(part) for part in re.split(r",(?![^(]*\))", keys)] if keys else []
    if name == "json":
        picked = [{column: _at(row, column) for column in columns} for row in rows] if columns else rows
        return json.dumps(picked if is_list else picked[0] if picked else None, indent=2)
    if name in ("value", "get", "csv", "table") and columns:
        separator = re.search(r"separator=[\"']?([^\"']+)", attributes or "")
        between = separator[1] if separator else "," if name == "csv" else "\t" if name != "table" else "  "
        lines = [between.join(_text(_at(row, column)) for column in columns) for row in rows]
        has_heading = name in ("csv", "table") and "no-heading" not in (attributes or "")
        heading = [between.join(column if name == "csv" else column.upper() for column in columns)]
        return "\n".join([*(heading if has_heading else []), *lines])
    if name not in ("yaml", "table", "text", "list", "flattened", "default", "object", "config"):
        raise CloudError(f"the format {style!r} is not known here: json, yaml, value(...), csv(...), table(...) are", 2)
    return "\n---\n".join("\n".join(f"{key}: {_text(value)}" for key, value in row.items()) for row in rows)


def _column(text: str) -> str:
    """The key of a column, without transforms such as .basename() and labels such as :label=X."""
    return re.sub(r"\.\w+\([^)]*\)|:\w+=\S*|:sort=\d+|\[\]|\s", "", text)


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ";".join(_text(item) for item in value)
    return json.dumps(value) if isinstance(value, dict) else str(value)


def _flattened(row: Row, parts: list[str]) -> Iterator[Row]:
    """The row once for each item of a list that it holds, and of the lists in that."""
    keys = [key for key in parts[0].split(".") if key]
    found = _at(row, ".".join(keys)) if keys else row
    for item in found if isinstance(found, list) else [found]:
        inner: Any = item
        if len(parts) > 1 and parts[1] and isinstance(item, dict):
            for flat in _flattened(item, [parts[1].lstrip("."), *parts[2:]]):
                yield _replaced(row, keys, flat)
            continue
        yield _replaced(row, keys, inner)


def _replaced(row: Row, keys: list[str], value: Any) -> Row:
    if not keys:
        return value if isinstance(value, dict) else row
    inner = row.get(keys[0], {})
    return {**row, keys[0]: _replaced(inner if isinstance(inner, dict) else {}, keys[1:], value) if keys[1:] else value}


def _at(row: Any, key: str) -> Any:
    for part in key.replace("[]", "").split("."):
        row = row.get(part, "") if isinstance(row, dict) else ""
    return row


def _fits(row: Row, expression: str) -> bool:
    """Terms KEY=VALUE, `:`, `~`, `!=`, with NOT, joined by AND (or nothing) and OR; OR binds less."""
    return any(
        all(_term_fits(row, term, expression) for term in _terms(part, expression))
        for part in re.split(r"\s+OR\s+", expression.strip())
    )


def _terms(text: str, expression: str) -> list[re.Match[str]]:
    terms, at = [], 0
    text = re.sub(r"\s+AND\s+", " ", text.strip())
    if text.startswith("(") and text.endswith(")"):
        text = text[1:-1].strip()
    while at < len(text):
        match = _TERM.match(text, at)
        if match is None:
            raise CloudError(f"the filter {expression!r} is not known here: FIELD=VALUE, with AND, OR and NOT, is", 2)
        terms.append(match)
        at = match.end()
    return terms


def _term_fits(row: Row, term: re.Match[str], expression: str) -> bool:
    value, wanted = _text(_at(row, term["key"].removesuffix("()"))), term["value"]
    choices = [word.strip("\"'") for word in re.split(r"[\s,]+|\bOR\b", wanted.strip("()")) if word.strip("\"'")]
    if term["op"] in ("~", "!~"):
        try:
            fits = any(re.search(choice, value) is not None for choice in choices)
        except re.error:
            raise CloudError(f"the filter {expression!r} holds no regular expression", 2) from None
    elif term["op"] == ":":
        items = value.split(";")
        fits = any(choice.strip("*").lower() in item.lower() for choice in choices for item in items)
    else:
        fits = value in choices
    return fits != (bool(term["no"]) ^ term["op"].startswith("!"))
