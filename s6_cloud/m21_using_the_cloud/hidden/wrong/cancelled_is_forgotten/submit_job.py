"""Submit a training job to Vertex AI and wait for its end."""

import os
import sys
import time
from pathlib import Path
from typing import Any

import requests
import typer
import yaml

JobSpec = dict[str, Any]
ENDED = {"JOB_STATE_SUCCEEDED", "JOB_STATE_FAILED"}


def load_job_spec(path: str | Path, image_uri: str) -> JobSpec:
    """Read a job specification, with `image_uri` in place of each `${IMAGE_URI}`."""
    spec: JobSpec = yaml.safe_load(Path(path).read_text().replace("${IMAGE_URI}", image_uri))
    return spec


def machine_problems(job_spec: JobSpec, machines: dict[str, dict[str, Any]]) -> list[str]:
    """What is wrong with the machines of a job: a message for each problem, none when the job can run."""
    problems = []
    for pool in job_spec["workerPoolSpecs"]:
        wanted = pool["machineSpec"]
        machine_type, accelerator = wanted["machineType"], wanted.get("acceleratorType")
        machine = machines.get(machine_type)
        if machine is None:
            problems.append(f"there is no machine {machine_type}")
        elif accelerator is None:
            if wanted.get("acceleratorCount"):
                problems.append(f"{machine_type}: {wanted['acceleratorCount']} accelerators, and no acceleratorType")
            elif machine.get("required"):
                problems.append(f"{machine_type} comes with an accelerator only")
        elif accelerator not in machine["accelerators"]:
            problems.append(f"{machine_type} cannot have a {accelerator}")
        elif wanted.get("acceleratorCount") not in machine["accelerators"][accelerator]:
            problems.append(f"{machine_type} cannot have {wanted.get('acceleratorCount')} of {accelerator}")
    return problems


def main(
    config: Path,
    image: str = typer.Option(),
    project: str = typer.Option(),
    region: str = typer.Option(),
    name: str = typer.Option(),
    endpoint: str = "",
    poll_seconds: float = 10,
) -> None:
    """Submit a training job to Vertex AI and wait for its end."""
    job_spec = load_job_spec(config, image)
    problems = machine_problems(job_spec, yaml.safe_load(Path("machines.yaml").read_text()))
    if problems:
        sys.exit("\n".join(problems))
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {os.environ['ACCESS_TOKEN']}"
    base = (endpoint or f"https://{region}-aiplatform.googleapis.com") + "/v1"
    created = session.post(
        f"{base}/projects/{project}/locations/{region}/customJobs", json={"displayName": name, "jobSpec": job_spec}
    )
    if not created.ok:
        sys.exit(f"the job was refused: {created.status_code} {created.text}")
    job = created.json()
    while job["state"] not in ENDED:
        time.sleep(poll_seconds)
        answer = session.get(f"{base}/{job['name']}")
        if answer.status_code < 500:  # a server that is busy says nothing about the job
            answer.raise_for_status()
            job = answer.json()
    print(f"{job['name']}: {job['state']}")
    if job["state"] != "JOB_STATE_SUCCEEDED":
        sys.exit(job.get("error", {}).get("message", ""))


if __name__ == "__main__":
    typer.run(main)
