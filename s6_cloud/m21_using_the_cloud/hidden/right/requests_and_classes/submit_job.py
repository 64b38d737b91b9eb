"""With click, httpx and a table of the answers."""

import os
import pathlib
import time

import click
import httpx
import yaml

MACHINES = pathlib.Path("machines.yaml")
FAILURES = {"FAILED": 1, "CANCELLED": 2, "EXPIRED": 3}


def load_job_spec(path, image_uri):
    lines = pathlib.Path(path).read_text().splitlines()
    return yaml.load("\n".join(line.replace("${IMAGE_URI}", image_uri) for line in lines), Loader=yaml.SafeLoader)


def machine_problems(job_spec, machines):
    problems = []
    for pool in job_spec.get("workerPoolSpecs", []):
        spec = pool.get("machineSpec", {})
        kind, gpu, count = (spec.get(key) for key in ("machineType", "acceleratorType", "acceleratorCount"))
        row = machines.get(kind)
        possible = row is not None and (
            (gpu is None and not count and not row.get("required"))
            or (gpu is not None and count in row["accelerators"].get(gpu, ()))
        )
        if not possible:
            problems.append(f"not to be had: {kind} with {count or 'no'} {gpu or 'accelerator'}")
    return problems


@click.command()
@click.argument("config", type=click.Path(exists=True))
@click.option("--image", required=True)
@click.option("--project", required=True)
@click.option("--region", required=True)
@click.option("--name", required=True)
@click.option("--endpoint", default=None)
@click.option("--poll-seconds", default=10.0)
def main(config, image, project, region, name, endpoint, poll_seconds):
    spec = load_job_spec(config, image)
    problems = machine_problems(spec, yaml.safe_load(MACHINES.read_text()))
    if problems:
        raise click.ClickException("; ".join(problems))
    base_url = (endpoint or f"https://{region}-aiplatform.googleapis.com") + "/v1/"
    headers = {"Authorization": f"Bearer {os.environ['ACCESS_TOKEN']}"}
    with httpx.Client(base_url=base_url, headers=headers) as client:
        response = client.post(
            f"projects/{project}/locations/{region}/customJobs", json=dict(displayName=name, jobSpec=spec)
        )
        response.raise_for_status()
        job = response.json()
        ending = None
        while ending is None:
            time.sleep(poll_seconds)
            response = client.get(job["name"])
            if response.is_server_error:
                continue
            job = response.raise_for_status().json()
            ending = job["state"].removeprefix("JOB_STATE_")
            if ending not in {"SUCCEEDED", *FAILURES}:
                ending = None
    click.echo("JOB_STATE_" + ending)
    if ending in FAILURES:
        click.echo(job.get("error", {}).get("message", ""), err=True)
        raise SystemExit(FAILURES[ending])


if __name__ == "__main__":
    main()
