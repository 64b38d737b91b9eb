"""Submit a training job to Vertex AI and wait for its end. Standard library, PyYAML and click."""

import json
import os
import sys
import time
from pathlib import Path
from typing import Any
from urllib import error, request

import click
import yaml

JobSpec = dict[str, Any]
PLACEHOLDER = "${IMAGE_URI}"
FINAL = {
    "JOB_STATE_SUCCEEDED": 0,
    "JOB_STATE_FAILED": 1,
    "JOB_STATE_CANCELLED": 4,
    "JOB_STATE_EXPIRED": 5,
}


def load_job_spec(path: str | Path, image_uri: str) -> JobSpec:
    """Read a job specification, with `image_uri` in place of each `${IMAGE_URI}`."""

    class Loader(yaml.SafeLoader):
        pass

    def text(loader, node):
        return loader.construct_scalar(node).replace(PLACEHOLDER, image_uri)

    Loader.add_constructor("tag:yaml.org,2002:str", text)
    with open(path, encoding="utf-8") as file:
        return yaml.load(file, Loader)


def machine_problems(job_spec: JobSpec, machines: dict[str, dict[str, Any]]) -> list[str]:
    problems = []
    for number, pool in enumerate(job_spec["workerPoolSpecs"]):
        spec = pool["machineSpec"]
        machine, accelerator, count = (spec.get(k) for k in ("machineType", "acceleratorType", "acceleratorCount"))
        where = f"workerPoolSpecs[{number}], {machine}: "
        if machine not in machines:
            problems.append(where + "no such machine")
        elif (accelerator is None) != (count is None):
            problems.append(where + "acceleratorType and acceleratorCount go together")
        elif accelerator is None:
            if machines[machine].get("required", False):
                problems.append(where + "needs an accelerator")
        elif count not in machines[machine]["accelerators"].get(accelerator, ()):
            problems.append(where + f"{count} x {accelerator} cannot be had with it")
    return problems


def call(url: str, body: Any = None) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {os.environ['ACCESS_TOKEN']}", "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    with request.urlopen(request.Request(url, data=data, headers=headers), timeout=30) as answer:
        return json.load(answer)


@click.command(help=__doc__)
@click.argument("config", type=click.Path(exists=True, dir_okay=False))
@click.option("--image", required=True)
@click.option("--project", required=True)
@click.option("--region", required=True)
@click.option("--name", required=True)
@click.option("--endpoint", default=None, help="https://REGION-aiplatform.googleapis.com")
@click.option("--poll-seconds", default=10.0, show_default=True)
def main(config, image, project, region, name, endpoint, poll_seconds):
    job_spec = load_job_spec(config, image)
    with open("machines.yaml", encoding="utf-8") as file:
        problems = machine_problems(job_spec, yaml.safe_load(file))
    if problems:
        sys.exit("\n".join(problems))
    root = (endpoint or f"https://{region}-aiplatform.googleapis.com").rstrip("/") + "/v1"
    job = call(f"{root}/projects/{project}/locations/{region}/customJobs", {"displayName": name, "jobSpec": job_spec})
    click.echo(f"submitted {job['name']}")
    while True:
        time.sleep(poll_seconds)
        try:
            now = call(f"{root}/{job['name']}")
        except error.HTTPError as answer:
            if answer.code == 503:
                continue
            raise
        if now["state"] in FINAL:
            break
    click.echo(f"{job['name']}: {now['state']}")
    if message := now.get("error", {}).get("message"):
        click.secho(message, fg="red")
    sys.exit(FINAL[now["state"]])


if __name__ == "__main__":
    main()
