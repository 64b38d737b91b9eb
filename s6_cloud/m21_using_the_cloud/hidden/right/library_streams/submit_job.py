"""With argparse and urllib."""

import argparse
import json
import os
import string
import time
import urllib.error
import urllib.request

import yaml


def fill(value, image_uri):
    if isinstance(value, dict):
        return {key: fill(one, image_uri) for key, one in value.items()}
    if isinstance(value, list):
        return [fill(one, image_uri) for one in value]
    if isinstance(value, str):
        return string.Template(value).safe_substitute(IMAGE_URI=image_uri)
    return value


def load_job_spec(path, image_uri):
    with open(path) as f:
        return fill(yaml.safe_load(f), image_uri)


def problem_of(machine_spec, machines):
    name = machine_spec["machineType"]
    if name not in machines:
        return f"unknown machine type: {name}"
    offered = machines[name]["accelerators"]
    if "acceleratorType" in machine_spec:
        counts = offered.get(machine_spec["acceleratorType"], [])
        if machine_spec.get("acceleratorCount", 0) not in counts:
            return f"{name} offers {offered}, not {machine_spec['acceleratorType']}"
        return None
    if machine_spec.get("acceleratorCount"):
        return f"{name}: accelerators of which type?"
    if machines[name].get("required", False):
        return f"{name} needs one of {list(offered)}"
    return None


def machine_problems(job_spec, machines):
    found = [problem_of(pool["machineSpec"], machines) for pool in job_spec["workerPoolSpecs"]]
    return [problem for problem in found if problem]


def call(url, body=None):
    request = urllib.request.Request(url, data=None if body is None else json.dumps(body).encode())
    request.add_header("Authorization", "Bearer " + os.environ["ACCESS_TOKEN"])
    request.add_header("Content-Type", "application/json")
    with urllib.request.urlopen(request) as response:
        return json.load(response)


def run():
    parser = argparse.ArgumentParser()
    parser.add_argument("config")
    for option in ("--image", "--project", "--region", "--name"):
        parser.add_argument(option, required=True)
    parser.add_argument("--endpoint")
    parser.add_argument("--poll-seconds", type=float, default=10.0)
    args = parser.parse_args()
    spec = load_job_spec(args.config, args.image)
    with open("machines.yaml") as f:
        problems = machine_problems(spec, yaml.safe_load(f))
    if problems:
        for problem in problems:
            print(problem)
        return 3
    endpoint = args.endpoint or f"https://{args.region}-aiplatform.googleapis.com"
    parent = f"{endpoint}/v1/projects/{args.project}/locations/{args.region}"
    name = call(parent + "/customJobs", {"displayName": args.name, "jobSpec": spec})["name"]
    state = None
    while True:
        try:
            job = call(f"{endpoint}/v1/{name}")
        except urllib.error.HTTPError as error:
            if error.code != 503:
                raise
        else:
            if job["state"] != state:
                state = job["state"]
                print(state, flush=True)
            if state == "JOB_STATE_SUCCEEDED":
                return 0
            if state in ("JOB_STATE_FAILED", "JOB_STATE_CANCELLED", "JOB_STATE_EXPIRED"):
                print(job.get("error", {}).get("message", "no reason given"))
                return 1
        time.sleep(args.poll_seconds)


if __name__ == "__main__":
    raise SystemExit(run())
