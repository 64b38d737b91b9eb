"""Wheels in an image: archives that `pip wheel` leaves and `pip install` takes, as they travel between stages."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass

from packaging.utils import canonicalize_name

from mlops_course.docker.syntax import DockerfileError


@dataclass(frozen=True)
class Wheel:
    """A distribution's name, the files that it puts into an environment, and its programs with their entry points."""

    name: str
    files: Mapping[str, bytes]
    programs: Mapping[str, str]

    def packed(self) -> bytes:
        """One file: the same bytes for the same wheel, so that layers made of it are the same."""
        contents = {path: base64.b64encode(content).decode() for path, content in self.files.items()}
        return json.dumps([self.name, contents, dict(self.programs)], sort_keys=True).encode()


def wheel_name(name: str, version: str) -> str:
    """The file name of a pure wheel."""
    return f"{canonicalize_name(name).replace('-', '_')}-{version}-py3-none-any.whl"


def read_wheel(files: Mapping[str, bytes], path: str) -> Wheel:
    """The wheel at a path. Raises DockerfileError where there is none that was made in this build."""
    if path not in files:
        raise DockerfileError(f"pip finds no {path} in the image at this point")
    try:
        name, contents, programs = json.loads(files[path])
        unpacked = {inside: base64.b64decode(content) for inside, content in contents.items()}
        return Wheel(str(name), unpacked, dict(programs))
    except (ValueError, TypeError, AttributeError, binascii.Error):
        raise DockerfileError(f"{path} is no wheel that this build has made") from None
