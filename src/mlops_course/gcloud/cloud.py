"""A cloud small enough to be looked through: what `gcloud` says and does for the commands of the exercise.

The arguments arrive over a socket from a stand-in (gcloud.sh), so what was called and what came of it is known here,
whatever the student's processes do with their files. An unknown command, flag or value is an error, as it is with
the real one.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from mlops_course.gcloud.answers import shown
from mlops_course.gcloud.errors import CloudError
from mlops_course.gcloud.vocabulary import (
    GLOBAL,
    GLOBAL_SWITCHES,
    IMAGE,
    IMAGE_FAMILIES,
    INSTANCE_FLAGS,
    INSTANCE_SWITCHES,
    MACHINE,
    SCOPES,
    SERVICES,
    ZONES,
)


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
    properties: dict[str, str] = field(default_factory=dict)


@dataclass
class Cloud:
    """Projects by name, a history of calls, and the commands that are made to fail."""

    projects: dict[str, Project]
    roles: dict[str, list[str]]
    default_project: str | None = None
    """`core/project` in the configuration of the machine, which `gcloud config set` changes."""
    failing: str | None = None
    properties: dict[str, str] = field(default_factory=dict)
    """All other properties, by section and name: `compute/zone`."""
    calls: list[tuple[str, ...]] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    """What was called, without names and flags."""
    errors: list[str] = field(default_factory=list)
    """Errors of the command line itself: unknown commands and flags."""

    def gcloud(self, arguments: tuple[str, ...], environment: dict[str, str] | None = None) -> tuple[int, str, str]:
        """Run one command; return its status, stdout and stderr. Properties of the environment go first."""
        self.calls.append(arguments)
        self.commands.append("")
        try:
            call = self._understand(arguments)
            call.properties |= self.properties | (environment or {})
            self.commands[-1] = call.command
            if call.command == self.failing:
                raise CloudError("RESOURCE_EXHAUSTED: a quota of the project is exceeded")
            return 0, shown(COMMANDS[call.command].run(self, call), call.flags), ""
        except CloudError as error:
            message = f"ERROR: (gcloud.{self.commands[-1].replace(' ', '.')}) {error}".replace("gcloud.)", "gcloud)")
            if error.status == 2:
                self.errors.append(message)
            return error.status, "", message

    def project(self, call: Call) -> Project:
        name = call.flags.get("--project") or call.properties.get("core/project") or self.default_project
        if name is None:
            raise CloudError("The required property [project] is not currently set.")
        return self.named_project(name)

    def named_project(self, name: str) -> Project:
        try:
            return self.projects[name]
        except KeyError:
            raise CloudError(f"The project [{name}] does not exist, or you do not have access to it.") from None

    def _understand(self, arguments: tuple[str, ...]) -> Call:
        words = list(arguments)
        flags, switches, values = _sort(words)
        if values[:1] in (["alpha"], ["beta"]):
            values = values[1:]
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


# ------------------------------------------------------------------------------------------------------ commands


def _property(name: str) -> str:
    return name if "/" in name else f"core/{name}"


def _config_set(cloud: Cloud, call: Call) -> None:
    name = _property(call.values[0])
    if name == "core/project":
        cloud.default_project = call.values[1]
    else:
        cloud.properties[name] = call.values[1]


def _config_unset(cloud: Cloud, call: Call) -> None:
    name = _property(call.values[0])
    if name == "core/project":
        cloud.default_project = None
    cloud.properties.pop(name, None)


def _config_get(cloud: Cloud, call: Call) -> Any:
    name = _property(call.values[0])
    known = {"core/project": cloud.default_project or ""} | call.properties
    return known.get(name, "")


def _config_list(cloud: Cloud, call: Call) -> Any:
    listed: dict[str, Any] = {"core": {"project": cloud.default_project or ""}}
    for name, value in call.properties.items():
        section, _, key = name.partition("/")
        listed.setdefault(section, {})[key] = value
    return listed


def _services_enable(cloud: Cloud, call: Call) -> None:
    for service in call.values:
        if service.removesuffix(".googleapis.com") not in SERVICES or not service.endswith(".googleapis.com"):
            raise CloudError(f"Service {service} not found or permission denied for it.")
        cloud.project(call).services.add(service)


def _services_list(cloud: Cloud, call: Call) -> Any:
    enabled = cloud.project(call).services
    names = {f"{name}.googleapis.com" for name in SERVICES} if "--available" in call.flags else enabled
    states = {name: "ENABLED" if name in enabled else "DISABLED" for name in sorted(names)}
    return [{"config": {"name": name}, "name": name, "state": state} for name, state in states.items()]


def _accounts_create(cloud: Cloud, call: Call) -> None:
    project, name = cloud.project(call), call.values[0]
    if not re.fullmatch(r"[a-z][a-z0-9-]{4,28}[a-z0-9]", name):
        raise CloudError(f"INVALID_ARGUMENT: [{name}] is no valid account ID: 6 to 30 small letters, digits, dashes.")
    if "iam.googleapis.com" not in project.services:
        raise CloudError("API [iam.googleapis.com] not enabled on project.")
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
    return cloud.named_project(call.values[0])


def _projects_list(cloud: Cloud, call: Call) -> Any:
    return [{"projectId": name, "name": name, "lifecycleState": "ACTIVE"} for name in cloud.projects]


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
        kind not in ("user", "group", "serviceAccount", "domain", "principal", "principalSet") or not name
    ):
        raise CloudError(f"INVALID_ARGUMENT: The member {member} is of an unknown type. user:, group: ...")
    if call.flags.get("--condition", "None") != "None":
        raise CloudError("conditions are not known here", 2)
    project.bindings.add((role, member))
    return _policy(project)


def _zone(call: Call) -> str:
    zone = call.flags.get("--zone") or call.properties.get("compute/zone")
    if not zone:
        raise CloudError("Underspecified resource: Specify the [--zone] flag.")
    if zone not in ZONES:
        raise CloudError(f"Could not fetch resource: The zone {zone!r} was not found.")
    return zone


def _zones_list(cloud: Cloud, call: Call) -> Any:
    _computing(cloud, call)
    return [{"name": zone, "region": zone.rpartition("-")[0], "status": "UP"} for zone in ZONES]


def _zones_describe(cloud: Cloud, call: Call) -> Any:
    found = [row for row in _zones_list(cloud, call) if row["name"] == call.values[0]]
    if not found:
        raise CloudError(f"Could not fetch resource: The zone {call.values[0]!r} was not found.")
    return found[0]


def _check_image(flags: dict[str, str], project: str) -> None:
    """Family or image have to be there, in the project that is named, which is the user's own by default."""
    family, image = flags.get("--image-family"), flags.get("--image")
    if family and image:
        raise CloudError("argument --image: At most one of --image | --image-family can be specified.", 2)
    source = flags.get("--image-project", project)
    kind = f"family/{family}" if family else str(image)
    exists = family in IMAGE_FAMILIES.get(source, ()) if family else bool(IMAGE.fullmatch(str(image)))
    if (family or image) and not (exists and source in IMAGE_FAMILIES):
        raise CloudError(f"The resource 'projects/{source}/global/images/{kind}' was not found")


def _has_address(flags: dict[str, str]) -> bool:
    return "--no-address" not in flags and "no-address" not in flags.get("--network-interface", "").split(",")


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
    if not MACHINE.fullmatch(machine):
        raise CloudError(f"Invalid value for field 'resource.machineType': {machine!r} does not exist in {zone}.")
    _check_image(flags, _name_of(cloud, project))
    if "--accelerator" in flags and not machine.startswith(("n1-", "a2-", "a3-", "g2-", "custom-")):
        raise CloudError(f"[{machine}] features are not compatible for creating instance: it takes no accelerators.")
    account = flags.get("--service-account", "default")
    if "--service-account" in flags and account not in project.accounts:
        raise CloudError(f"The user does not have access to service account {account!r}, or it does not exist.")
    scopes = flags.get("--scopes", "default").split(",")
    if unknown := [scope for scope in scopes if scope not in SCOPES and not scope.startswith("https://")]:
        raise CloudError(f"Invalid value for [--scopes]: {unknown}", 2)
    project.instances[zone, name] = {
        "name": name,
        "zone": zone,
        "machineType": machine,
        "status": "RUNNING",
        "serviceAccount": account,
        "scopes": scopes,
        "externalAddress": _has_address(flags),
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
    "config set": Command(_config_set, (2, 2), switches=frozenset({"--installation"})),
    "config unset": Command(_config_unset, (1, 1), switches=frozenset({"--installation"})),
    "config get-value": Command(_config_get, (1, 1)),
    "config get": Command(_config_get, (1, 1)),
    "config list": Command(_config_list, (0, 1), switches=frozenset({"--all"})),
    "services enable": Command(_services_enable, (1, 20), switches=frozenset({"--async"})),
    "services list": Command(_services_list, switches=frozenset({"--enabled", "--available"})),
    "iam service-accounts create": Command(_accounts_create, (1, 1), frozenset({"--display-name", "--description"})),
    "iam service-accounts describe": Command(_accounts_describe, (1, 1)),
    "iam service-accounts list": Command(_accounts_list),
    "projects describe": Command(_projects_describe, (1, 1)),
    "projects list": Command(_projects_list),
    "projects get-iam-policy": Command(_get_policy, (1, 1)),
    "projects add-iam-policy-binding": Command(
        _add_binding, (1, 1), frozenset({"--member", "--role", "--condition"}), frozenset({"--member", "--role"})
    ),
    "compute instances create": Command(_instances_create, (1, 1), INSTANCE_FLAGS, switches=INSTANCE_SWITCHES),
    "compute instances describe": Command(_instances_describe, (1, 1), frozenset({"--zone", "--view"})),
    "compute instances list": Command(_instances_list, (0, 5), frozenset({"--zones"})),
    "compute zones list": Command(_zones_list),
    "compute zones describe": Command(_zones_describe, (1, 1)),
}
