"""Submit a training job to Vertex AI and wait for its end."""

import os
import re
import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import requests
import yaml

JobSpec = dict[str, Any]


def _filled(node: Any, image_uri: str) -> Any:
    match node:
        case str():
            return re.sub(r"\$\{IMAGE_URI\}", lambda _: image_uri, node)
        case list():
            return [_filled(item, image_uri) for item in node]
        case dict():
            return {_filled(key, image_uri): _filled(value, image_uri) for key, value in node.items()}
    return node


def load_job_spec(path: str | Path, image_uri: str) -> JobSpec:
    """Read a job specification, with `image_uri` in place of each `${IMAGE_URI}`."""
    return _filled(yaml.safe_load(Path(path).read_bytes()), image_uri)


def _problem(spec: dict[str, Any], machines: dict[str, dict[str, Any]]) -> str | None:
    name = spec.get("machineType")
    kind, number = spec.get("acceleratorType"), spec.get("acceleratorCount")
    row = machines.get(name)
    if row is None:
        return f"{name}: there is no such machine"
    possible = row.get("accelerators") or {}
    match kind, number:
        case None, None:
            return f"{name}: not to be had without an accelerator ({', '.join(possible)})" if row.get("required") else None
        case None, _:
            return f"{name}: {number} accelerators of which type?"
        case _, None:
            return f"{name}: how many {kind}?"
    if kind not in possible:
        return f"{name}: cannot have {kind}"
    if number not in possible[kind]:
        return f"{name}: cannot have {number} {kind}, only {possible[kind]}"
    return None


def machine_problems(job_spec: JobSpec, machines: dict[str, dict[str, Any]]) -> list[str]:
    """What is wrong with the machines of a job: a message for each pool with a problem."""
    found = (_problem(pool.get("machineSpec") or {}, machines) for pool in job_spec.get("workerPoolSpecs") or ())
    return [message for message in found if message]


class Vertex:
    """The two calls of the service that are needed here."""

    ENDS = frozenset(f"JOB_STATE_{word}" for word in ("SUCCEEDED", "FAILED", "CANCELLED", "EXPIRED"))

    def __init__(self, endpoint: str, token: str) -> None:
        self.base = endpoint.rstrip("/") + "/v1/"
        self.session = requests.Session()
        self.session.headers["Authorization"] = "Bearer " + token

    def submit(self, project: str, region: str, name: str, spec: JobSpec) -> dict[str, Any]:
        url = f"{self.base}projects/{project}/locations/{region}/customJobs"
        answer = self.session.post(url, json={"displayName": name, "jobSpec": spec}, timeout=60)
        answer.raise_for_status()
        return answer.json()

    def wait(self, job: dict[str, Any], seconds: float) -> dict[str, Any]:
        url = self.base + job["name"]
        while job.get("state") not in self.ENDS:
            time.sleep(seconds)
            answer = self.session.get(url, timeout=60)
            if answer.status_code != requests.codes.service_unavailable:
                answer.raise_for_status()
                job = answer.json()
        return job


def main() -> int:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("config")
    for option in ("image", "project", "region", "name"):
        parser.add_argument(f"--{option}", required=True)
    parser.add_argument("--endpoint")
    parser.add_argument("--poll-seconds", default=10.0, type=float)
    args = parser.parse_args()

    spec = load_job_spec(args.config, args.image)
    if problems := machine_problems(spec, yaml.safe_load(Path("machines.yaml").read_bytes())):
        print(*problems, sep="\n")
        return 2
    service = Vertex(args.endpoint or f"https://{args.region}-aiplatform.googleapis.com", os.environ["ACCESS_TOKEN"])
    try:
        job = service.wait(service.submit(args.project, args.region, args.name, spec), args.poll_seconds)
    except requests.RequestException as trouble:
        print(f"Vertex AI: {trouble}", file=sys.stderr)
        return 3
    print(job["state"])
    if "error" in job and job["error"]:
        print(job["error"].get("message", ""))
    return int(job["state"] != "JOB_STATE_SUCCEEDED")


if __name__ == "__main__":
    sys.exit(main())
