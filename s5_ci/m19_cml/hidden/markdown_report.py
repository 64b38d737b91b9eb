"""A report in Markdown as GitHub shows it, read by a CommonMark parser: code blocks, pictures, tables."""

import re

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode

_IMG = re.compile(r"<img\b[^>]*?\bsrc\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>]+))", re.IGNORECASE)


def _tokens(report: str) -> list[Token]:
    found = []
    for token in MarkdownIt("commonmark").enable("table").parse(report):
        found += [token, *(token.children or [])]
    return found


def code_blocks(report: str) -> list[str]:
    """Every code block: between backticks, between tildes, or indented."""
    return [token.content for token in _tokens(report) if token.type in ("fence", "code_block")]


def pictures(report: str) -> list[str]:
    """Where each picture lies, whether its link is in place or given below as a reference."""
    return [str(token.attrs["src"]) for token in _tokens(report) if token.type == "image"]


def html_pictures(report: str) -> list[str]:
    """Where each picture lies that is written in HTML."""
    html = "".join(token.content for token in _tokens(report) if token.type in ("html_block", "html_inline"))
    return ["".join(found) for found in _IMG.findall(html)]


def tables(report: str) -> list[list[list[str]]]:
    """Every table: its rows, the header first, each with the text of its cells."""
    tree = SyntaxTreeNode(MarkdownIt("commonmark").enable("table").parse(report))
    return [
        [[_text(cell) for cell in row.children] for row in table.walk() if row.type == "tr"]
        for table in tree.walk()
        if table.type == "table"
    ]


def _text(cell: SyntaxTreeNode) -> str:
    return "".join(node.content for node in cell.walk() if node.type in ("text", "code_inline")).strip()
