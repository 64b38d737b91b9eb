"""Lay the pages out and have Zensical make the site of them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import tomli_w

from mlops_grade.course.discovery import Course
from mlops_grade.course.extras import installing
from mlops_grade.errors import GraderError, UsageError
from mlops_grade.site.pages import Site, asset, glossary, pages
from mlops_grade.site.plan import Plan, load_plan, timeplan

ASSETS = {name: f"assets/{name}" for name in ("site.css", "names.js", "progress.js", "loop.svg")}
MARKER = ".made-by-mlops-grade"
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def build(course: Course, out: Path) -> int:
    """Build the site of a course into `out`; gives the number of pages.

    Raises UsageError for a folder that holds something else or a page with a broken link, GraderError when Zensical
    is not there or fails.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())) and not (out / MARKER).is_file():
        raise UsageError(f"{out} is neither empty nor an earlier site: name another folder")
    plan = load_plan(course)
    site = pages(course, plan)
    with tempfile.TemporaryDirectory(prefix="mlops-site-") as folder:
        place = Path(folder)
        _lay_out(course, plan, site, place)
        _run_zensical(place)
        (place / "site" / "404.html").unlink(missing_ok=True)  # its links hold at the top of a server only
        if out.exists():
            shutil.rmtree(out)
        shutil.copytree(place / "site", out)
    (out / MARKER).touch()
    return len(site.texts)


def _lay_out(course: Course, plan: Plan, site: Site, place: Path) -> None:
    source = place / "source"
    contents: dict[str, bytes] = {page: text.encode() for page, text in site.texts.items()}
    contents |= {path: file.read_bytes() for path, file in site.files.items()}
    contents |= {target: asset(name) for name, target in ASSETS.items()}
    if calendar_file := _calendar(course, plan):
        contents["timeplan.ics"] = calendar_file
    for path, data in contents.items():
        file = source / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    terms = "".join(f"*[{term}]: {explanation}\n" for term, explanation in glossary(course).items())
    (place / "terms.md").write_text(terms, encoding="utf-8")
    (place / "zensical.toml").write_text(tomli_w.dumps(_configuration(plan, site)), encoding="utf-8")


def _calendar(course: Course, plan: Plan) -> bytes | None:
    if plan.start is None:
        return None
    from mlops_grade.site.calendar import calendar

    return calendar(plan, timeplan(plan, course))


def _configuration(plan: Plan, site: Site) -> dict[str, object]:
    palette = [
        {"media": "(prefers-color-scheme)", "toggle": {"icon": "lucide/sun-moon", "name": "Switch to light mode"}},
        {
            "media": "(prefers-color-scheme: light)", "scheme": "default",
            "toggle": {"icon": "lucide/sun", "name": "Switch to dark mode"},
        },
        {
            "media": "(prefers-color-scheme: dark)", "scheme": "slate",
            "toggle": {"icon": "lucide/moon", "name": "Switch to the system's mode"},
        },
    ]  # fmt: skip
    return {
        "project": {
            "site_name": plan.title,
            "docs_dir": "source",
            "site_dir": "site",
            "use_directory_urls": False,  # links work from a folder as well as from a server
            "nav": site.navigation,
            "extra_css": ["assets/site.css"],
            "extra_javascript": ["assets/names.js"],
            "theme": {
                "font": False,  # no request to anybody when a page is read
                "features": [
                    "content.code.copy", "navigation.indexes", "navigation.tabs", "navigation.top",
                    "navigation.footer", "search.highlight",
                ],
                "palette": palette,
            },
            "plugins": {"search": {}},
            "markdown_extensions": {
                "abbr": {}, "admonition": {}, "attr_list": {}, "def_list": {}, "md_in_html": {}, "tables": {},
                "toc": {"permalink": True},
                "pymdownx": {
                    "highlight": {}, "inlinehilite": {},
                    "snippets": {"base_path": ["."], "auto_append": ["terms.md"]},
                    "superfences": {},
                },
            },
        }
    }  # fmt: skip


def _run_zensical(place: Path) -> None:
    command = [sys.executable, "-m", "zensical", "build", "--strict", "--clean"]
    environment = {**os.environ, "NO_COLOR": "1"}
    done = subprocess.run(command, cwd=place, capture_output=True, text=True, check=False, env=environment)
    if done.returncode == 0:
        return
    told = _COLOURS.sub("", done.stdout + done.stderr)
    if "No module named zensical" in told:
        raise GraderError(f"the site needs Zensical: {installing('docs')}")
    problems = re.findall(r"Warning: (.+)\n\s*[╭│─\[ ]*([\w/.-]+\.md:\d+)", told)
    if problems:
        raise UsageError("; ".join(f"{where}: {what}" for what, where in problems[:5]))
    raise GraderError(f"Zensical failed: {told.strip()[-1500:]}")
