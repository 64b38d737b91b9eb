"""Refuse a slug that Python cannot import."""

import sys

slug = "{{ cookiecutter.project_slug }}"
if not slug.isidentifier():
    sys.exit(f"{slug!r} is no name of a package")
