"""Which extra of mlops-course installs a package that is missing."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib import metadata

# Import names that differ from their distribution's.
_DISTRIBUTIONS = {
    "sklearn": "scikit-learn", "PIL": "pillow", "yaml": "pyyaml", "dotenv": "python-dotenv", "cv2": "opencv-python",
    "multipart": "python-multipart", "prometheus_client": "prometheus-client", "dockerfile_parse": "dockerfile-parse",
    "functions_framework": "functions-framework", "opentelemetry": "opentelemetry-sdk", "hydra": "hydra-core",
    "pytorch_lightning": "pytorch-lightning", "pre_commit": "pre-commit", "google": "google-cloud-storage",
}  # fmt: skip


@lru_cache(maxsize=1)
def _extras() -> dict[str, str]:
    """Distribution name to the extra that has it; an empty text for what every installation has."""
    found: dict[str, str] = {}
    try:
        lines = metadata.requires("mlops-course") or []
    except metadata.PackageNotFoundError:
        return found
    for line in lines:
        name = re.split(r"[\s<>=!~;\[(]", line, maxsplit=1)[0].lower()
        extra = re.search(r"extra\s*==\s*['\"]([^'\"]+)['\"]", line)
        if extra and extra[1] == "all":
            continue
        found.setdefault(name, extra[1] if extra else "")
    return found


def extra_with(import_name: str) -> str:
    """The extra that installs a package; empty where none does or none is needed."""
    distribution = _DISTRIBUTIONS.get(import_name, import_name.replace("_", "-"))
    return _extras().get(distribution.lower(), "")
