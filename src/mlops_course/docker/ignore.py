"""`.dockerignore`: which files of a folder reach the builder (Go's filepath.Match, `**`, and `!` for exceptions)."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping


def context(files: Mapping[str, bytes], dockerignore: str) -> dict[str, bytes]:
    """The build context: those of `files`, relative paths with their content, that `.dockerignore` lets through."""
    return {path: content for path, content in files.items() if not ignored(path, dockerignore)}


def ignored(path: str, dockerignore: str) -> bool:
    """Is the file kept from the builder? The last pattern that matches it, or a folder above it, decides."""
    folders = path.split("/")
    candidates = ["/".join(folders[: depth + 1]) for depth in range(len(folders))]
    verdict = False
    for line in dockerignore.splitlines():
        pattern = line.strip()
        if line.startswith("#") or not pattern:
            continue
        exception = pattern.startswith("!")
        pattern = posixpath.normpath(pattern.removeprefix("!").strip()).lstrip("/")
        expression = glob_expression(pattern)
        if pattern == "." or any(expression.fullmatch(candidate) for candidate in candidates):
            verdict = not exception
    return verdict


def glob_expression(pattern: str) -> re.Pattern[str]:
    """A path pattern as a regular expression: `*` and `?` stay inside a folder, `**` crosses folders."""
    parts = []
    at = 0
    while at < len(pattern):
        if pattern.startswith("**/", at):
            parts.append("(?:.*/)?")
            at += 3
        elif pattern.startswith("**", at):
            parts.append(".*")
            at += 2
        elif pattern[at] == "[" and "]" in pattern[at + 1 :]:
            end = pattern.index("]", at + 1)
            inside = pattern[at + 1 : end].replace("\\", "\\\\")
            parts.append(f"[{inside}]")
            at = end + 1
        elif pattern[at] == "\\" and at + 1 < len(pattern):
            parts.append(re.escape(pattern[at + 1]))
            at += 2
        else:
            parts.append({"*": "[^/]*", "?": "[^/]"}.get(pattern[at], re.escape(pattern[at])))
            at += 1
    try:
        return re.compile("".join(parts))
    except re.error:
        return re.compile(re.escape(pattern))
