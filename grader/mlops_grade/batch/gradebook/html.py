"""One HTML file that needs nothing beside it: style, script and the policy that allows no others."""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache
from importlib import resources
from typing import Any

import jinja2
from markupsafe import Markup

import mlops_grade


def rendered(template: str, title: str, script: str = "", **values: Any) -> str:
    """A page of ours in one file, with a policy that allows its own style and script and nothing else."""
    style = resource("page.css")
    allowed = f"script-src '{_digest(script)}'; " if script else ""
    policy = f"default-src 'none'; style-src '{_digest(style)}'; {allowed}base-uri 'none'; form-action 'none'"
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    return environment.from_string(resource(template)).render(
        title=title,
        policy=policy,
        style=Markup(style),
        script=Markup(script),
        version=mlops_grade.__version__,
        **values,
    )


@lru_cache
def resource(name: str) -> str:
    """A file of `web/`."""
    return resources.files(__package__).joinpath("web", name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
