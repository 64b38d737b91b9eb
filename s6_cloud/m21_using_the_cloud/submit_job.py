"""Submit a training job to Vertex AI and wait for its end."""

from pathlib import Path
from typing import Any

JobSpec = dict[str, Any]


def load_job_spec(path: str | Path, image_uri: str) -> JobSpec:
    """Read a job specification, with `image_uri` in place of each `${IMAGE_URI}`."""
    raise NotImplementedError("TODO: read the specification and fill in the image")


def machine_problems(job_spec: JobSpec, machines: dict[str, dict[str, Any]]) -> list[str]:
    """What is wrong with the machines of a job: a message for each problem, none when the job can run.

    Args:
        job_spec: looked at are `machineType`, `acceleratorType` and `acceleratorCount` of each worker pool, of which
            the last two may be missing, but not one of them.
        machines: the content of `machines.yaml`.
    """
    raise NotImplementedError("TODO: look every machine up in the table")


if __name__ == "__main__":
    raise NotImplementedError("TODO: submit the job and wait for it")
