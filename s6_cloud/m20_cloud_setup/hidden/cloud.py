"""A cloud small enough to be looked through: what `gcloud` says and does for the commands of the exercise.

The arguments arrive over a socket from a stand-in (gcloud.sh), so what was called and what came of it is known here,
whatever the student's processes do with their files. An unknown command, flag or value is an error, as it is with
the real one.
"""

import json
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

ZONES = ("europe-west1-b", "europe-west1-c", "europe-north1-a", "us-central1-f")
MACHINES = ("e2-small", "e2-standard-2", "e2-standard-4", "n1-standard-4", "n1-standard-8")
IMAGES = {("debian-cloud", "debian-12"), ("debian-cloud", "debian-13"), ("ubuntu-os-cloud", "ubuntu-2404-lts-amd64")}
SERVICES = ("compute", "storage", "logging", "iam", "aiplatform", "artifactregistry", "cloudbuild", "run")
SCOPES = ("cloud-platform", "https://www.googleapis.com/auth/cloud-platform", "storage-ro", "logging-write", "default")

GLOBAL = {"--project", "--format", "--filter", "--verbosity", "--account"}
GLOBAL_SWITCHES = {"--quiet", "-q", "--no-user-output-enabled"}


class CloudError(Exception):
    """What gcloud would say on stderr, and its status."""

    def __init__(self, message: str, status: int = 1) -> None:
        super().__init__(message)
        self.status = status


@dataclass
class Project:
    """What one project holds."""

    services: set[str] = field(default_factory=lambda: {"iam.googleapis.com"})
    accounts: dict[str, dict[str, Any]] = field(default_factory=dict)
    bindings: set[tuple[str, str]] = field(default_factory=lambda: {("roles/owner", "user:ada@example.org")})
    """Pairs of role and member."""
    instances: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    """By zone and name."""


@dataclass
class Call:
    """A command that was understood, with its positional arguments and flags."""

    command: str
    values: list[str]
    flags: dict[str, str]


@dataclass
class Cloud:
    """Projects by name, a history of calls, and the commands that are made to fail."""

    projects: dict[str, Project]
    roles: dict[str, list[str]]
    default_project: str | None = None
    failing: str | None = None
    calls: list[tuple[str, ...]] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    """What was called, without names and flags."""
    errors: list[str] = field(default_factory=list)
    """Errors of the command line itself: unknown commands and flags."""

    def gcloud(self, arguments: tuple[str, ...]) -> tuple[int, str, str]:
        """Run one command; return its status, stdout and stderr."""
        self.calls.append(arguments)
        self.commands.append("")
        try:
            call = self._understand(arguments)
            self.commands[-1] = call.command
            if call.command == self.failing:
                raise CloudError("RESOURCE_EXHAUSTED: a quota of the project is exceeded")
            return 0, _shown(COMMANDS[call.command].run(self, call), call), ""
        except CloudError as error:
            message = f"ERROR: (gcloud.{self.commands[-1].replace(' ', '.')}) {error}".replace("gcloud.)", "gcloud)")
            if error.status == 2:
                self.errors.append(message)
            return error.status, "", message

    def project(self, call: Call) -> Project:
        name = call.flags.get("--project", self.default_project)
        if name is None:
            raise CloudError("The required property [project] is not currently set.")
        if name not in self.projects:
            raise CloudError(f"The project [{name}] does not exist, or you do not have access to it.")
        return self.projects[name]

    def _understand(self, arguments: tuple[str, ...]) -> Call:
        words = list(arguments)
        flags, switches, values = _sort(words)
        name = next((name for name in COMMANDS if values[: len(name.split())] == name.split()), None)
        if name is None:
            raise CloudError(f"Invalid choice: {' '.join(values)!r} (not among the commands of this exercise)", 2)
        command = COMMANDS[name]
        values = values[len(name.split()) :]
        unknown = (set(flags) - GLOBAL - command.flags) | (set(switches) - GLOBAL_SWITCHES - command.switches)
        if unknown:
            raise CloudError(f"unrecognized arguments: {', '.join(sorted(unknown))}", 2)
        missing = command.required - set(flags)
        if missing:
            raise CloudError(f"argument {', '.join(sorted(missing))}: Must be specified.", 2)
        least, most = command.positional
        if not least <= len(values) <= most:
            raise CloudError(f"{name}: {least} to {most} names were expected, not {values}", 2)
        return Call(name, values, flags | dict.fromkeys(switches, "true"))


def _sort(words: list[str]) -> tuple[dict[str, str], list[str], list[str]]:
    """Flags with a value, switches, and all other words."""
    switches_known = GLOBAL_SWITCHES.union(*(command.switches for command in COMMANDS.values()))
    flags: dict[str, str] = {}
    switches: list[str] = []
    values: list[str] = []
    while words:
        word = words.pop(0)
        if not word.startswith("-"):
            values.append(word)
        elif "=" in word:
            flags[word.split("=", 1)[0]] = word.split("=", 1)[1]
        elif word in switches_known:
            switches.append(word)
        elif words and not words[0].startswith("--"):
            flags[word] = words.pop(0)
        else:
            raise CloudError(f"argument {word}: expected one argument", 2)
    return flags, switches, values


def _shown(answer: Any, call: Call) -> str:
    """An answer as the flags --filter and --format want it."""
    if answer is None:
        return ""
    rows = answer if isinstance(answer, list) else [answer]
    if isinstance(answer, list) and "--filter" in call.flags:
        rows = [row for row in rows if _fits(row, call.flags["--filter"])]
    style = call.flags.get("--format", "yaml")
    if style == "none":
        return ""
    if style == "json":
        return json.dumps(rows if isinstance(answer, list) else answer, indent=2)
    if keys := re.fullmatch(r"(?:value|get|csv\[no-heading\])\(([\w.,\s]+)\)", style):
        return "\n".join("\t".join(str(_at(row, key.strip())) for key in keys[1].split(",")) for row in rows)
    if style not in ("yaml", "table", "flattened", "default"):
        raise CloudError(f"the format {style!r} is not known here: json and value(...) are", 2)
    return "\n".join(f"{key}: {value}" for row in rows for key, value in row.items())


def _at(row: Any, key: str) -> Any:
    for part in key.split("."):
        row = row.get(part, "") if isinstance(row, dict) else ""
    return row


def _fits(row: dict[str, Any], expression: str) -> bool:
    for term in re.split(r"\s+AND\s+", expression.strip()):
        found = re.fullmatch(r"([\w.]+)\s*(=|:|~)\s*[\"'(]*\s*(.*?)\s*[\"')]*", term)
        if found is None:
            raise CloudError(f"the filter {expression!r} is not known here: FIELD=VALUE, joined by AND, is", 2)
        value = str(_at(row, found[1]))
        fits = {"=": value == found[3], ":": found[3].strip("*") in value, "~": re.search(found[3], value) is not None}
        if not fits[found[2]]:
            return False
    return True


# ------------------------------------------------------------------------------------------------------ commands


def _config_set(cloud: Cloud, call: Call) -> None:
    if call.values[0] in ("project", "core/project"):
        cloud.default_project = call.values[1]


def _config_get(cloud: Cloud, call: Call) -> Any:
    return {call.values[0]: cloud.default_project if "project" in call.values[0] else "(unset)"}


def _services_enable(cloud: Cloud, call: Call) -> None:
    for service in call.values:
        if service.removesuffix(".googleapis.com") not in SERVICES or "." not in service:
            raise CloudError(f"Service {service} not found or permission denied for it.")
        cloud.project(call).services.add(service)


def _services_list(cloud: Cloud, call: Call) -> Any:
    return [
        {"config": {"name": name}, "name": name, "state": "ENABLED"} for name in sorted(cloud.project(call).services)
    ]


def _accounts_create(cloud: Cloud, call: Call) -> None:
    project, name = cloud.project(call), call.values[0]
    if not re.fullmatch(r"[a-z][a-z0-9-]{4,28}[a-z0-9]", name):
        raise CloudError(f"INVALID_ARGUMENT: [{name}] is no valid account ID: 6 to 30 small letters, digits, dashes.")
    email = f"{name}@{_name_of(cloud, project)}.iam.gserviceaccount.com"
    if email in project.accounts:
        raise CloudError(f"ALREADY_EXISTS: Service account {name} already exists within project.")
    project.accounts[email] = {"email": email, "displayName": call.flags.get("--display-name", ""), "disabled": False}


def _name_of(cloud: Cloud, project: Project) -> str:
    return next(name for name, other in cloud.projects.items() if other is project)


def _accounts_describe(cloud: Cloud, call: Call) -> Any:
    account = cloud.project(call).accounts.get(call.values[0])
    if account is None:
        raise CloudError(f"NOT_FOUND: Unknown service account {call.values[0]}.")
    return account


def _accounts_list(cloud: Cloud, call: Call) -> Any:
    return list(cloud.project(call).accounts.values())


def _named_project(cloud: Cloud, call: Call) -> Project:
    if call.values[0] not in cloud.projects:
        raise CloudError(f"The project [{call.values[0]}] does not exist, or you do not have access to it.")
    return cloud.projects[call.values[0]]


def _projects_describe(cloud: Cloud, call: Call) -> Any:
    _named_project(cloud, call)
    return {"projectId": call.values[0], "lifecycleState": "ACTIVE"}


def _policy(project: Project) -> dict[str, Any]:
    roles = sorted({role for role, _ in project.bindings})
    return {
        "bindings": [{"role": role, "members": sorted(m for r, m in project.bindings if r == role)} for role in roles]
    }


def _get_policy(cloud: Cloud, call: Call) -> Any:
    return _policy(_named_project(cloud, call))


def _add_binding(cloud: Cloud, call: Call) -> Any:
    project, member, role = _named_project(cloud, call), call.flags["--member"], call.flags["--role"]
    if role not in cloud.roles:
        raise CloudError(f"INVALID_ARGUMENT: Role {role} is not supported for this resource.")
    kind, _, name = member.partition(":")
    if kind == "serviceAccount" and not any(name in other.accounts for other in cloud.projects.values()):
        raise CloudError(f"INVALID_ARGUMENT: Service account {name} does not exist.")
    if member not in ("allUsers", "allAuthenticatedUsers") and (
        kind not in ("user", "group", "serviceAccount", "domain") or not name
    ):
        raise CloudError(f"INVALID_ARGUMENT: The member {member} is of an unknown type. user:, group: ...")
    if call.flags.get("--condition", "None") != "None":
        raise CloudError("conditions are not known here", 2)
    project.bindings.add((role, member))
    return _policy(project)


def _zone(call: Call) -> str:
    zone = call.flags.get("--zone")
    if zone is None:
        raise CloudError("Underspecified resource: Specify the [--zone] flag.")
    if zone not in ZONES:
        raise CloudError(f"Could not fetch resource: The zone {zone!r} was not found.")
    return zone


def _computing(cloud: Cloud, call: Call) -> Project:
    project = cloud.project(call)
    if "compute.googleapis.com" not in project.services:
        raise CloudError("API [compute.googleapis.com] not enabled on project.")
    return project


def _instances_create(cloud: Cloud, call: Call) -> Any:
    project, zone, flags, name = _computing(cloud, call), _zone(call), call.flags, call.values[0]
    machine = flags.get("--machine-type", "n1-standard-1")
    if (zone, name) in project.instances:
        raise CloudError(f"The resource 'zones/{zone}/instances/{name}' already exists")
    if machine not in (*MACHINES, "n1-standard-1"):
        raise CloudError(f"Invalid value for field 'resource.machineType': {machine!r} does not exist in {zone}.")
    image = (flags.get("--image-project", "debian-cloud"), flags.get("--image-family", "debian-12"))
    if image not in IMAGES:
        raise CloudError(f"The resource 'projects/{image[0]}/global/images/family/{image[1]}' was not found")
    account = flags.get("--service-account", "default")
    if "--service-account" in flags and account not in project.accounts:
        raise CloudError(f"The user does not have access to service account {account!r}, or it does not exist.")
    scopes = flags.get("--scopes", "default").split(",")
    if unknown := [scope for scope in scopes if scope not in SCOPES]:
        raise CloudError(f"Invalid value for [--scopes]: {unknown}", 2)
    project.instances[zone, name] = {
        "name": name,
        "zone": zone,
        "machineType": machine,
        "status": "RUNNING",
        "serviceAccount": account,
        "scopes": scopes,
        "externalAddress": "--no-address" not in flags,
    }
    return [{"name": name, "zone": zone, "status": "RUNNING"}]


def _instances_describe(cloud: Cloud, call: Call) -> Any:
    project, zone, name = _computing(cloud, call), _zone(call), call.values[0]
    if (zone, name) not in project.instances:
        raise CloudError(f"Could not fetch resource: The resource 'zones/{zone}/instances/{name}' was not found")
    return project.instances[zone, name]


def _instances_list(cloud: Cloud, call: Call) -> Any:
    zones = call.flags.get("--zones", ",".join(ZONES)).split(",")
    names = call.values
    instances = _computing(cloud, call).instances
    return [row for (zone, name), row in instances.items() if zone in zones and (not names or name in names)]


@dataclass(frozen=True)
class Command:
    """How a command may be called, and what it does."""

    run: Callable[[Cloud, Call], Any]
    positional: tuple[int, int] = (0, 0)
    flags: frozenset[str] = frozenset()
    required: frozenset[str] = frozenset()
    switches: frozenset[str] = frozenset()


COMMANDS = {
    "config set": Command(_config_set, (2, 2)),
    "config get-value": Command(_config_get, (1, 1)),
    "config get": Command(_config_get, (1, 1)),
    "services enable": Command(_services_enable, (1, 20), switches=frozenset({"--async"})),
    "services list": Command(_services_list, switches=frozenset({"--enabled"})),
    "iam service-accounts create": Command(_accounts_create, (1, 1), frozenset({"--display-name", "--description"})),
    "iam service-accounts describe": Command(_accounts_describe, (1, 1)),
    "iam service-accounts list": Command(_accounts_list, flags=frozenset({"--limit"})),
    "projects describe": Command(_projects_describe, (1, 1)),
    "projects get-iam-policy": Command(_get_policy, (1, 1), frozenset({"--flatten"})),
    "projects add-iam-policy-binding": Command(
        _add_binding, (1, 1), frozenset({"--member", "--role", "--condition"}), frozenset({"--member", "--role"})
    ),
    "compute instances create": Command(
        _instances_create,
        (1, 1),
        frozenset(
            {"--zone", "--machine-type", "--image-family", "--image-project", "--boot-disk-size", "--boot-disk-type",
             "--service-account", "--scopes", "--metadata", "--labels", "--tags", "--network", "--subnet",
             "--maintenance-policy", "--provisioning-model", "--description"}
        ),
        switches=frozenset({"--no-address", "--shielded-secure-boot", "--preemptible"}),
    ),
    "compute instances describe": Command(_instances_describe, (1, 1), frozenset({"--zone"})),
    "compute instances list": Command(_instances_list, (0, 5), frozenset({"--zones", "--limit"})),
}  # fmt: skip


@contextmanager
def answering(cloud: Cloud, listening: socket.socket) -> Iterator[int]:
    """Answer the stand-ins that connect to the socket; gives its port."""
    thread = threading.Thread(target=_answer_all, args=(cloud, listening), daemon=True)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        # An accept that waits is not woken by close: shutdown wakes it.
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join(5)


def _answer_all(cloud: Cloud, listening: socket.socket) -> None:
    while True:
        try:
            connection, _ = listening.accept()
        except OSError:
            return
        with connection:
            connection.settimeout(5)
            try:
                arguments = _receive(connection)
                status, out, err = cloud.gcloud(arguments)
                lines = [str(status), *(f"out:{line}" for line in out.splitlines())]
                lines += [f"err:{line}" for line in err.splitlines()]
                connection.sendall(("\n".join(lines) + "\n").encode())
            except (OSError, ValueError):
                continue


def _receive(connection: socket.socket, limit: int = 65536) -> tuple[str, ...]:
    data = b""
    while len(data) < limit:
        parts = data.split(b"\0")
        if len(parts) > 1 and len(parts) >= int(parts[0]) + 2:
            return tuple(part.decode("utf-8", "replace") for part in parts[1 : int(parts[0]) + 1])
        piece = connection.recv(4096)
        if not piece:
            break
        data += piece
    raise ValueError("the stand-in hung up")
