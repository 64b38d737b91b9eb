"""Run a command in an empty cloud and show what it left there: `python -m mlops_course.gcloud bash script.sh …`."""

import json
import os
import socket
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

from mlops_course.gcloud import PROGRAM, Cloud, Project, answering


def main(command: list[str]) -> int:
    """The status of the command; what each project holds afterwards is printed."""
    if not command:
        print("usage: python -m mlops_course.gcloud COMMAND…, for example bash setup_project.sh PROJECT ZONE")
        return 2
    roles = Path("roles.json")
    if not roles.is_file():
        print(f"There is no roles.json in {Path.cwd()}: start this in the folder of the exercise.", file=sys.stderr)
        return 2
    cloud = Cloud(defaultdict(Project), json.loads(roles.read_text()))
    listening = socket.create_server(("127.0.0.1", 0))
    with tempfile.TemporaryDirectory() as folder, answering(cloud, listening) as port:
        program = Path(folder, "gcloud")
        program.write_text(PROGRAM)
        program.chmod(0o755)
        environment = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}", "STAND_IN_PORT": str(port)}
        status = subprocess.run(command, env=environment, check=False).returncode
    for name, project in cloud.projects.items():
        print(f"\nproject {name} now has")
        print("  services   ", ", ".join(sorted(project.services)))
        print("  accounts   ", ", ".join(project.accounts) or "none")
        for role, member in sorted(project.bindings):
            print("  role       ", role, "for", member)
        for instance in project.instances.values():
            print("  instance   ", ", ".join(f"{key}={value}" for key, value in instance.items()))
    print(f"\nThe command ended with status {status}.")
    return status


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
