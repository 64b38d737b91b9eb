"""Submit a training job to Vertex AI and wait for its end, with nothing but the standard library and yaml."""

import argparse
import http.client
import itertools
import json
import os
import pathlib
import string
import sys
import time
import urllib.parse

import yaml


def load_job_spec(path, image_uri):
    text = pathlib.Path(path).read_text(encoding="utf-8")
    return yaml.load(text.replace("${IMAGE_URI}", image_uri), Loader=yaml.CSafeLoader)


def _offers(row):
    """All pairs of accelerator and number that a machine is to be had with."""
    pairs = {(kind, count) for kind, counts in row["accelerators"].items() for count in counts}
    return pairs if row.get("required") else pairs | {(None, 0)}


def machine_problems(job_spec, machines):
    messages = []
    for number, pool in enumerate(job_spec["workerPoolSpecs"]):
        machine = pool["machineSpec"]
        wanted = machine.get("acceleratorType"), machine.get("acceleratorCount") or 0
        if machine["machineType"] not in machines or wanted not in _offers(machines[machine["machineType"]]):
            messages.append(
                string.Template("pool $n: no $m with $k x $c").substitute(
                    n=number, m=machine["machineType"], k=wanted[1], c=wanted[0]
                )
            )
    return messages


class Api:
    def __init__(self, endpoint):
        url = urllib.parse.urlsplit(endpoint)
        self.kind = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
        self.host = url.netloc

    def __call__(self, method, path, body=None):
        connection = self.kind(self.host, timeout=30)
        try:
            headers = {"Authorization": "Bearer " + os.environ["ACCESS_TOKEN"], "Content-Type": "application/json"}
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("config", type=pathlib.Path)
    for name in ("image", "project", "region", "name", "endpoint"):
        parser.add_argument("--" + name, required=name != "endpoint")
    parser.add_argument("--poll-seconds", type=float, default=10)
    given = parser.parse_args()
    spec = load_job_spec(given.config, given.image)
    for problem in (problems := machine_problems(spec, yaml.safe_load(open("machines.yaml")))):
        print("cannot run:", problem, file=sys.stderr)
    if problems:
        return 65
    api = Api(given.endpoint or f"https://{given.region}-aiplatform.googleapis.com")
    body = {"displayName": given.name, "jobSpec": spec}
    status, job = api("POST", f"/v1/projects/{given.project}/locations/{given.region}/customJobs", body)
    if status != 200:
        sys.exit(str(job))
    for wait in itertools.repeat(given.poll_seconds):
        ending = job["state"].removeprefix("JOB_STATE_")
        if ending in "SUCCEEDED FAILED CANCELLED EXPIRED".split():
            print(given.name, "ended:", job["state"], job.get("error", {}).get("message", ""))
            return 0 if ending == "SUCCEEDED" else 1
        time.sleep(wait)
        status, answer = api("GET", "/v1/" + job["name"])
        job = answer if status == 200 else job
    return 1


if __name__ == "__main__":
    sys.exit(main())
