"""Hidden suite of m20: a project set up by script, a policy of least privilege, and the bill beforehand."""

import itertools
import json
import math
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mlops_course.gcloud import PROGRAM, Cloud, Project, answering
from mlops_grade.suite import Finished, Student, assert_close, hint, probe

CHANGES = {"enable", "create", "add-iam-policy-binding"}
ZONES = ("europe-west1-c", "europe-north1-a", "us-central1-f")
SERVICES = {"compute.googleapis.com", "storage.googleapis.com", "logging.googleapis.com"}
TRAINER_NEEDS = {"storage.objects.get", "storage.objects.list", "storage.objects.create", "logging.logEntries.create"}
NEEDS = {
    "user:ada@example.org": {
        "resourcemanager.projects.setIamPolicy", "resourcemanager.projects.getIamPolicy", "compute.instances.create",
        "compute.instances.delete", "compute.instances.start", "compute.instances.stop",
    },
    "group:students@example.org": {
        "compute.instances.list", "compute.instances.start", "compute.instances.stop",
        "storage.objects.get", "storage.objects.list",
    },
    "serviceAccount:trainer@digits-course.iam.gserviceaccount.com": TRAINER_NEEDS,
    "serviceAccount:api@digits-course.iam.gserviceaccount.com": {
        "storage.objects.get", "storage.objects.list", "logging.logEntries.create",
    },
}  # fmt: skip

RUN = """\
chmod +x .bin/gcloud
export PATH="$PWD/.bin:/usr/bin:/bin"
exec bash setup_project.sh "$@"
"""


def roles_of(hidden: Path) -> dict[str, list[str]]:
    roles: dict[str, list[str]] = json.loads((hidden.parent / "roles.json").read_text())
    return roles


def permissions(bindings: Iterable[tuple[str, str]], member: str, roles: dict[str, list[str]]) -> set[str]:
    """What a member may do, by these pairs of role and member."""
    reached = {member, "allUsers", "allAuthenticatedUsers"}
    return {permission for role, who in bindings if who in reached for permission in roles.get(role, [])}


def least(needs: set[str], roles: dict[str, list[str]]) -> set[str]:
    """The smallest set of permissions that a choice of roles gives and that holds all needs."""
    useful = [set(given) for given in roles.values() if needs & set(given)]
    choices = (itertools.combinations(useful, size) for size in (1, 2, 3))
    covers = [set().union(*choice) for choice in itertools.chain(*choices)]
    return min((cover for cover in covers if needs <= cover), key=len)


@pytest.fixture
def cloud(hidden: Path, rng: np.random.Generator) -> Cloud:
    """A cloud with the project to set up, and another one that is the default of this machine."""
    name = f"digits-{rng.integers(1000, 9999)}"
    return Cloud({name: Project(), "someone-elses": Project()}, roles_of(hidden), default_project="someone-elses")


@pytest.fixture
def zone(rng: np.random.Generator) -> str:
    return str(rng.choice(ZONES))


def project_name(cloud: Cloud) -> str:
    return next(iter(cloud.projects))


def run_setup(student: Student, hidden: Path, cloud: Cloud, *arguments: str) -> Finished:
    student.write(".bin/gcloud", PROGRAM)
    student.write("run_setup.sh", RUN)
    assert student.files("setup_project.sh"), "setup_project.sh was not handed in"
    with answering(cloud, student.listen()) as port:
        return student.shell("run_setup.sh", *arguments, env={"STAND_IN_PORT": str(port)})


def said(run: Finished, cloud: Cloud) -> str:
    """How a run went, for the student."""
    last = " ".join(("gcloud", *cloud.calls[-1])) if cloud.calls else "gcloud was never called"
    return f"status {run.exit_code}; last call: {last}; last words: {run.last_words}"


def set_up(student: Student, hidden: Path, cloud: Cloud, zone: str) -> Project:
    run = run_setup(student, hidden, cloud, project_name(cloud), zone)
    with hint("Each command's page in gcloud's reference lists its flags; the README has the commands known here."):
        assert not cloud.errors, f"gcloud does not know this: {cloud.errors[0]}"
    with hint("`bash -x setup_project.sh …` shows each command; the README says how to try it with the stand-in."):
        assert run.exit_code == 0, f"the script fails: {said(run, cloud)}"
    return cloud.projects[project_name(cloud)]


@hint("Services first: an API that is not enabled refuses to work.")
def test_services_and_account(student: Student, hidden: Path, cloud: Cloud, zone: str) -> None:
    """The script enables the three services and makes the service account trainer"""
    project = set_up(student, hidden, cloud, zone)
    assert sorted(SERVICES - project.services) == [], "these services are not enabled afterwards"
    assert list(project.accounts) == [f"trainer@{project_name(cloud)}.iam.gserviceaccount.com"], (
        "the service accounts of the project afterwards"
    )


@hint("Without --service-account a machine runs as the project's default account, which may do far too much.")
def test_instance(student: Student, hidden: Path, cloud: Cloud, zone: str) -> None:
    """The script makes the instance train-1, as asked for, running as trainer, without a public address"""
    project = set_up(student, hidden, cloud, zone)
    assert [(where, name) for where, name in project.instances] == [(zone, "train-1")], (
        "zone and name of each instance afterwards"
    )
    instance = project.instances[zone, "train-1"]
    machine = instance["machineType"]
    assert machine == "e2-standard-4", f"the machine type of train-1 is {machine!r}, expected 'e2-standard-4'"
    assert instance["serviceAccount"] == f"trainer@{project_name(cloud)}.iam.gserviceaccount.com", (
        "the service account that train-1 runs as"
    )
    scopes = [scope.rsplit("/", 1)[-1] for scope in instance["scopes"]]
    with hint("A scope is a second limit on what the machine's account may do; this one leaves it all to the roles."):
        assert "cloud-platform" in scopes, f"train-1 has the scopes {', '.join(scopes)}, expected cloud-platform"
    with hint("A machine gets a public address unless it is told to have none."):
        assert not instance["externalAddress"], "the machine can be reached from the whole internet"


@hint("Look in roles.json for the smallest roles that together allow what the table asks for.")
def test_trainer_has_least_privilege(student: Student, hidden: Path, cloud: Cloud, zone: str) -> None:
    """The account trainer may do what it needs and nothing else, and nobody else gained or lost anything"""
    project = set_up(student, hidden, cloud, zone)
    member = f"serviceAccount:trainer@{project_name(cloud)}.iam.gserviceaccount.com"
    allowed = permissions(project.bindings, member, cloud.roles)
    assert sorted(TRAINER_NEEDS - allowed) == [], "trainer needs these permissions and has not got them"
    assert sorted(allowed - least(TRAINER_NEEDS, cloud.roles)) == [], "trainer has these permissions without need"
    others = {binding for binding in project.bindings if binding[1] != member}
    assert others == Project().bindings, "the roles of all other members, as pairs of role and member"


@hint("Ask first whether a thing is there (describe, list), and make it only when it is not.")
def test_twice(student: Student, hidden: Path, cloud: Cloud, zone: str) -> None:
    """Run a second time the script succeeds, and changes nothing"""
    project = set_up(student, hidden, cloud, zone)
    before = json.dumps([sorted(project.accounts), sorted(project.bindings), sorted(project.instances)])
    assert project.instances, "the first run made no instance"
    run = run_setup(student, hidden, cloud, project_name(cloud), zone)
    assert run.exit_code == 0, f"the second run fails: {said(run, cloud)}"
    assert json.dumps([sorted(project.accounts), sorted(project.bindings), sorted(project.instances)]) == before, (
        "accounts, role bindings and instances after the second run, against those after the first"
    )


@hint("Each thing is there or not, whatever is the case with the others.")
def test_half_way(student: Student, hidden: Path, cloud: Cloud, zone: str) -> None:
    """When a part is there already (from a run that was cut off) the script adds the rest"""
    name = project_name(cloud)
    email = f"trainer@{name}.iam.gserviceaccount.com"
    cloud.projects[name].accounts[email] = {"email": email}
    cloud.projects[name].services.add("compute.googleapis.com")
    project = set_up(student, hidden, cloud, zone)
    assert list(project.instances) == [(zone, "train-1")], "zone and name of each instance afterwards"
    allowed = permissions(project.bindings, f"serviceAccount:{email}", cloud.roles)
    assert allowed >= TRAINER_NEEDS, "the account that was there has not got its roles"


@hint("`set -e` ends a script at the first command that fails, unless that command stands in a condition or before ||.")
@pytest.mark.parametrize(
    "command",
    ["iam service-accounts create", "projects add-iam-policy-binding", "compute instances create"],
    ids=["account", "roles", "instance"],
)
def test_failure_stops_the_script(student: Student, hidden: Path, cloud: Cloud, zone: str, command: str) -> None:
    """When a step fails the script stops there, with a status other than 0"""
    cloud.failing = command
    run = run_setup(student, hidden, cloud, project_name(cloud), zone)
    assert command in cloud.commands, f"`gcloud {command}` was never called: {said(run, cloud)}"
    assert run.exit_code != 0, f"`gcloud {command}` failed, and the script ends with status 0"
    later = cloud.commands[cloud.commands.index(command) :]
    changes = [other for other in later if other.split()[-1] in CHANGES and other != command]
    assert not changes, f"`gcloud {command}` failed, and the script went on with `gcloud {' '.join(changes[:1])}`"


@hint("$# is the number of arguments. Usage goes to stderr.")
@pytest.mark.parametrize("arguments", [(), ("digits-1234",)], ids=["none", "one"])
def test_usage(student: Student, hidden: Path, cloud: Cloud, arguments: tuple[str, ...]) -> None:
    """Without project or zone the script says how it is used, calls nothing and fails"""
    run = run_setup(student, hidden, cloud, *arguments)
    assert run.exit_code != 0, f"called with {len(arguments)} arguments the script ends with status 0"
    assert cloud.calls == [], "gcloud was called all the same"
    missing = [word for word in ("PROJECT", "ZONE") if word not in run.stderr]
    assert not missing, f"stderr does not name {' and '.join(missing)}: {run.stderr[-300:]!r}"


@hint("This machine's default project is another one: name yours in every command, or set it first.")
def test_other_projects_untouched(student: Student, hidden: Path, cloud: Cloud, zone: str) -> None:
    """Nothing is done to any other project"""
    project = set_up(student, hidden, cloud, zone)
    assert project.instances, "no instance was made"
    other = cloud.projects["someone-elses"]
    touched = (sorted(other.services), sorted(other.accounts), sorted(other.bindings), sorted(other.instances))
    assert touched == (["iam.googleapis.com"], [], sorted(Project().bindings), []), (
        "services, accounts, role bindings and instances of this machine's default project afterwards"
    )


def policy(student: Student, hidden: Path) -> list[tuple[str, str]]:
    """The policy as pairs of role and member."""
    try:
        document = json.loads(student.read("policy.json"))
    except ValueError as error:
        pytest.fail(f"policy.json is no JSON: {error}")
    assert isinstance(document, dict) and "TODO" not in document, "TODO: policy.json is still the one that was given"
    extra = set(document) - {"bindings", "version", "etag"}
    assert not extra, f"policy.json has {sorted(extra)}, which is no part of a policy"
    pairs = []
    for binding in document.get("bindings") or []:
        assert isinstance(binding, dict), f"a binding is an object with role and members, not {binding!r}"
        assert set(binding) == {"role", "members"}, f"a binding has role and members, not {sorted(binding)}"
        assert isinstance(binding["members"], list), f"members of {binding['role']} must be a list"
        pairs += [(str(binding["role"]), str(member)) for member in binding["members"]]
    return pairs


@hint("A policy is a list of bindings, each a role of roles.json and its members; look at their spelling.")
def test_policy_is_valid(student: Student, hidden: Path) -> None:
    """policy.json names roles and members that exist, and no basic role or public member"""
    pairs = policy(student, hidden)
    assert pairs, "policy.json binds nobody to anything"
    roles = {role for role, _ in pairs}
    assert sorted(roles - set(roles_of(hidden))) == [], "these roles are not in roles.json"
    assert sorted({member for _, member in pairs} - set(NEEDS)) == [], "these members are not in the table"
    basic = sorted(roles & {"roles/owner", "roles/editor", "roles/viewer"})
    assert basic == [], "basic roles reach through the whole project"


@hint("Evaluate it by hand: the union of the permissions of all roles that the member is bound to.")
@pytest.mark.parametrize("member", NEEDS, ids=["ada", "students", "trainer", "api"])
def test_policy(student: Student, hidden: Path, member: str) -> None:
    """By policy.json the member may do what it needs, and nothing else"""
    roles = roles_of(hidden)
    allowed = permissions(policy(student, hidden), member, roles)
    assert sorted(NEEDS[member] - allowed) == [], f"{member} needs these permissions and has not got them"
    assert sorted(allowed - least(NEEDS[member], roles)) == [], f"{member} has these permissions without need"


@probe
def quota(function, specifications, *arguments):
    import quotas
    from resources import Instance

    instances = [Instance(**specification) for specification in specifications]
    if function == "hourly_cost":
        return quotas.hourly_cost(instances[0], *arguments)
    if function == "exceeded_quotas":
        return quotas.exceeded_quotas(instances, *arguments)
    budget, spent, prices = arguments
    return quotas.hours_left(budget, spent, instances, prices)


@pytest.fixture
def prices(rng: np.random.Generator) -> dict[str, Any]:
    """A price list that nobody has seen."""

    def price() -> float:
        return round(float(rng.uniform(0.05, 2)), 4)

    machines = {
        f"m{n}-standard-{cpus}": {
            "cpus": cpus, "memory_gb": cpus * 4 + n, "hourly": 0.05 * cpus + 0.01 * n, "spot": price() / 50,
            "regions": [["north", "south"], ["south"], ["north"]][n % 3],
        }
        for n, cpus in itertools.product((1, 2, 3), (2, 4, 8))
    }  # fmt: skip
    gpus = {name: {"hourly": price(), "spot": price() / 9} for name in ("t4", "v100")}
    return {"machines": machines, "gpus": gpus, "disk_gb_month": round(float(rng.uniform(0.03, 0.2)), 3)}


@hint("A month has 730 hours here. Spot prices are for machine and GPU; a disk is a disk.")
def test_hourly_cost(student: Student, prices: dict[str, Any]) -> None:
    """hourly_cost adds machine, GPUs and disk, at the spot price where that is asked for"""
    for spot, rate in ((False, "hourly"), (True, "spot")):
        specification = {"machine": "m2-standard-4", "disk_gb": 137, "gpu": "v100", "gpus": 3, "spot": spot}
        machine, gpu = prices["machines"]["m2-standard-4"][rate], prices["gpus"]["v100"][rate]
        disk = 137 * prices["disk_gb_month"] / 730
        cost = student.run(quota, "hourly_cost", [specification], prices)
        assert_close(cost, machine + 3 * gpu + disk, f"dollars an hour, spot={spot}")
        bare = student.run(quota, "hourly_cost", [{"machine": "m1-standard-8", "spot": spot, "disk_gb": 0}], prices)
        assert_close(bare, prices["machines"]["m1-standard-8"][rate], f"dollars an hour, no GPU, spot={spot}")


@hint("Look the names up yourself, and say what was not found.")
def test_unknown_names(student: Student, prices: dict[str, Any]) -> None:
    """hourly_cost raises ValueError for a machine or a GPU that is not in the list"""
    for specification in ({"machine": "abacus"}, {"machine": "m1-standard-2", "gpu": "slide-rule", "gpus": 1}):
        with pytest.raises(ValueError):
            student.run(quota, "hourly_cost", [specification], prices)


@hint("Filter first (at least so many, and in the region), then take the lowest hourly price.")
def test_cheapest_machine(student: Student, prices: dict[str, Any]) -> None:
    """cheapest_machine finds the cheapest that is big enough and in the region, or raises LookupError"""
    cheapest: Callable[..., Any] = student.load("quotas").cheapest_machine
    for cpus, memory, region in (
        (2, 1, "north"),
        (3, 17, "south"),
        (4, 18, "north"),
        (2, 19, "north"),
        (8, 35, "north"),
    ):
        fitting = {
            name: machine["hourly"]
            for name, machine in prices["machines"].items()
            if machine["cpus"] >= cpus and machine["memory_gb"] >= memory and region in machine["regions"]
        }
        assert cheapest(prices, cpus, memory, region) == min(fitting, key=lambda name: fitting[name]), (
            f"the cheapest machine with {cpus} CPUs and {memory} GB of memory in the region {region!r}"
        )
    for impossible in ((9, 1, "north"), (2, 36, "north"), (2, 1, "east")):
        with pytest.raises(LookupError):
            cheapest(prices, *impossible)


@hint("What is wanted and what is in use count together; exactly at the limit is still allowed.")
def test_exceeded_quotas(student: Student, prices: dict[str, Any]) -> None:
    """exceeded_quotas names what would go over its limit, with what is in use already"""
    fleet = [
        {"machine": "m1-standard-8", "disk_gb": 50, "gpu": "t4", "gpus": 2},
        {"machine": "m2-standard-4", "disk_gb": 30, "gpu": "v100", "gpus": 1},
        {"machine": "m3-standard-2", "disk_gb": 20},
    ]
    needed = {"INSTANCES": 3, "CPUS": 14, "GPUS": 3, "DISKS_TOTAL_GB": 100}
    usage = {"INSTANCES": 1, "CPUS": 6, "DISKS_TOTAL_GB": 11}
    just = {name: amount + usage.get(name, 0) for name, amount in needed.items()}
    for room in (0, 7):
        limits = {name: amount + room for name, amount in just.items()}
        assert student.run(quota, "exceeded_quotas", fleet, limits, usage, prices) == [], (
            f"no quota is exceeded when every limit leaves room for {room} more"
        )
    for name in needed:
        limits = {**just, name: just[name] - 1}
        assert student.run(quota, "exceeded_quotas", fleet, limits, usage, prices) == [name], (
            f"the exceeded quotas when the limit of {name} is too low by one, and the others just suffice"
        )
    none_left = dict.fromkeys(("DISKS_TOTAL_GB", "GPUS", "CPUS"), 0)
    assert student.run(quota, "exceeded_quotas", fleet, none_left, {}, prices) == ["CPUS", "DISKS_TOTAL_GB", "GPUS"], (
        "the exceeded quotas when disks, GPUs and CPUs have the limit 0, instances have none, and nothing is in use"
    )


@hint("Dollars left over dollars an hour; think of a budget that is overdrawn, and of no instance at all.")
def test_hours_left(student: Student, prices: dict[str, Any]) -> None:
    """hours_left divides what is left by the cost of an hour of all instances"""
    fleet = [{"machine": "m1-standard-2", "disk_gb": 0}, {"machine": "m1-standard-4", "disk_gb": 0, "spot": True}]
    hourly = prices["machines"]["m1-standard-2"]["hourly"] + prices["machines"]["m1-standard-4"]["spot"]
    assert_close(student.run(quota, "hours_left", fleet, 50.0, 17.5, prices), 32.5 / hourly, "hours left")
    assert student.run(quota, "hours_left", fleet, 20.0, 20.5, prices) == 0, (
        "no hours are left when the budget is overdrawn"
    )
    assert student.run(quota, "hours_left", [], 20.0, 3.0, prices) == math.inf, (
        "the hours left without any instance, when the budget is not used up"
    )
    assert student.run(quota, "hours_left", [], 20.0, 23.0, prices) == 0, (
        "no hours are left when the budget is overdrawn, without any instance either"
    )
