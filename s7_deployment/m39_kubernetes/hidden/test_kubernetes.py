"""Hidden suite of m39: manifests read as a cluster would, and its arithmetic, updates and pods played through."""

import math
from collections.abc import Callable, Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from manifests import (
    KINDS,
    REPOSITORY,
    Manifests,
    Object,
    command,
    containers,
    dig,
    environment,
    labels,
    main,
    objects,
    port_number,
    resource,
    right,
    selects,
    share,
    unknown_fields,
    writable,
)

from mlops_grade.suite import Inspector, Student, hint

IMAGE = f"{REPOSITORY}:1.4.2"
MEBIBYTE = 1 << 20
REPLICAS = range(2, 7)


@pytest.fixture(scope="module")
def manifests(shared_inspector: Inspector) -> Manifests:
    return Manifests(shared_inspector.read)


# ------------------------------------------------------------------------------------------------------- k8s/*.yaml


@hint("`kubernetes-validate --strict FILE` says the same on your machine.")
def test_schemas(manifests: Manifests) -> None:
    """The five objects are valid, by the strict schemas of their kinds, and live in one namespace"""
    complaints = [complaint for path in KINDS for complaint in manifests.complaints(path)]
    assert not complaints, "; ".join(complaints)
    spaces = {str(dig(manifests.document(path), "metadata", "namespace") or "default") for path in KINDS}
    with hint("An object finds others in its own namespace only. Without one it is in `default`."):
        assert len(spaces) == 1, f"the objects are in several namespaces: {', '.join(sorted(spaces))}"


@hint("A tag such as `latest` is another image tomorrow, and on the node that pulled it yesterday it is not.")
def test_image(manifests: Manifests) -> None:
    """The deployment and the job run the image, in the version that was asked for"""
    for path, template in manifests.workloads():
        assert main(template).get("image") == IMAGE, f"{path}: the image"


@hint("Requests are what a node keeps free for a pod, and what its utilisation is a percentage of.")
def test_resources(manifests: Manifests) -> None:
    """Each container requests CPU and memory; the limit of the memory is never reached"""
    for path, template in manifests.workloads():
        for container in containers(template):
            for name in ("cpu", "memory"):
                request, limit = (resource(container, kind, name) for kind in ("requests", "limits"))
                with hint("Without a request for CPU there is no utilisation: the autoscaler shows <unknown>."):
                    assert request is not None, f"{path}: the container {container['name']} requests no {name}"
                assert limit is None or request <= limit, f"{path}: the request for {name} is above the limit"
        container = main(template)
        with hint("`m` stands for thousandths, Mi for 1024 times 1024, M for a million."):
            check_least(resource(container, "requests", "cpu"), Decimal("0.25"), f"{path}: the request for CPU (cores)")
            check_least(
                resource(container, "requests", "memory"), 300 * MEBIBYTE, f"{path}: the request for memory (bytes)"
            )
            limit = resource(container, "limits", "memory")
            assert limit is not None, f"{path}: the memory has no limit"
            check_least(limit, 700 * MEBIBYTE, f"{path}: the limit of the memory (bytes)")


def check_least(got: Decimal | None, least: Decimal | int, what: str) -> None:
    assert got is not None and got >= least, f"{what} is {got}, and the image needs {least}"


@hint("Who asks which question? Startup: is it up at last? Readiness: send requests? Liveness: start it again?")
def test_probes(manifests: Manifests) -> None:
    """Loading has 90 seconds; /ready decides about requests, /health about a restart"""
    template = manifests.deployment["spec"]["template"]
    container = main(template)
    startup = container.get("startupProbe")
    with hint("Until the startup probe has succeeded once, the others are not asked."):
        assert startup, "there is no startupProbe: while the model loads, the liveness probe would end the container"
        tries, pause = startup.get("failureThreshold") or 3, startup.get("periodSeconds") or 10
        budget = startup.get("initialDelaySeconds", 0) + tries * pause
        assert budget >= 90, f"the startupProbe gives up after {budget} seconds, expected 90 or more"
        path = probed(container, "startupProbe")
        assert path in ("/ready", "/health"), f"the startupProbe asks {path}, which the server does not have"
    for probe, wanted, why in (
        ("readinessProbe", "/ready", "it is what decides whether requests are sent there"),
        ("livenessProbe", "/health", "a server that is busy for a minute must not be started again"),
    ):
        assert container.get(probe), f"there is no {probe}"
        path = probed(container, probe)
        assert path == wanted, f"the {probe} asks {path}, expected {wanted}: {why}"


def probed(container: Object, probe: str) -> str:
    """The path that a probe asks for over HTTP, on the server's port."""
    question = dig(container, probe, "httpGet")
    assert question is not None, f"the {probe} has no httpGet"
    number = port_number(question["port"], [container])
    assert number == 8000, f"the {probe} asks on the port {question['port']!r}, and the server listens on 8000"
    assert question.get("scheme", "HTTP") == "HTTP", f"the {probe} asks by HTTPS, which the server does not speak"
    return f"/{question.get('path', '/').removeprefix('/')}"


@hint("A container's securityContext goes before its pod's. Some of these fields only a container has.")
def test_security(manifests: Manifests) -> None:
    """The containers run as user 10001, never as root, gain nothing, and write to /tmp alone"""
    for path, template in manifests.workloads():
        for container in [*containers(template), *(dig(template, "spec", "initContainers") or [])]:
            who = f"{path}: the container {container['name']}"
            with hint("`app` is a name: only a number tells Kubernetes that this is not root."):
                user = right(template, container, "runAsUser")
                assert user == 10001, f"{who} runs as the user {user}, expected 10001"
            assert right(template, container, "runAsNonRoot") is True, f"{who} would be started as root, too"
            own = container.get("securityContext") or {}
            gains = own.get("allowPrivilegeEscalation") is not False or own.get("privileged")
            assert not gains, f"{who} could gain privileges"
            assert own.get("readOnlyRootFilesystem") is True, f"{who} can write to its root file system"
        with hint("A read-only root means everything, /tmp included, unless a volume is mounted there."):
            assert writable(template, main(template), "/tmp"), f"{path}: no emptyDir to write to is mounted at /tmp"


@hint("`envFrom` takes a whole config map, `valueFrom` one key of a config map or of a secret.")
def test_environment(manifests: Manifests) -> None:
    """Settings come from the config map, the token from the secret, in the deployment and the job"""
    settings = {"MODEL_FILE": "/models/digits.onnx", "LOG_LEVEL": "info"}
    data = dig(manifests.configmap, "data") or {}
    assert dig(manifests.configmap, "metadata", "name") == "digits-config", "the name of the config map"
    for name, value in settings.items():
        assert data.get(name) == value, f"{name} in the config map"
    for path, template in manifests.workloads():
        origins = environment(main(template), manifests.configmap)
        for name in settings:
            origin = origins.get(name)
            assert origin is not None, f"{path}: {name} is not set, as far as the config map digits-config goes"
            assert origin == ("config", "digits-config", name), (
                f"{path}: {name} is not the {name} of the config map digits-config"
            )
        with hint("What stands in a file is in git, and for everybody who may read the deployment."):
            origin = origins.get("API_TOKEN")
            assert origin is not None, f"{path}: API_TOKEN is not set"
            assert origin == ("secret", "digits-api", "token"), (
                f"{path}: API_TOKEN is not the key token of the secret digits-api"
            )


@hint("What is not said is 25 % for both limits, and percentages of unavailable pods are rounded down.")
def test_update_strategy(manifests: Manifests) -> None:
    """An update never takes a ready pod away before another is ready; the number of pods is the autoscaler's"""
    spec = manifests.deployment["spec"]
    kind = dig(spec, "strategy", "type") or "RollingUpdate"
    assert kind == "RollingUpdate", f"the strategy {kind} stops the old pods first"
    limits = dig(spec, "strategy", "rollingUpdate") or {}
    for replicas in REPLICAS:
        unavailable = share(limits.get("maxUnavailable", "25%"), replicas, up=False)
        assert unavailable == 0, f"with {replicas} replicas, {unavailable} may be missing during an update"
        surge = share(limits.get("maxSurge", "25%"), replicas, up=True)
        assert surge > 0, f"with {replicas} replicas no new pod may be started before an old one is stopped"
    with hint("`kubectl apply` writes what is in the file, whatever the autoscaler had decided."):
        assert "replicas" not in spec, f"replicas is set to {spec.get('replicas')}"


@hint("A service knows pods by their labels, and a port by its number or by the name that the pod gives it.")
def test_service(manifests: Manifests) -> None:
    """The service finds the deployment's pods and leads port 80, and 30080 of the nodes, to their port 8000"""
    template = manifests.deployment["spec"]["template"]
    found = labels(template)
    selector = manifests.deployment["spec"]["selector"]
    with hint("A deployment counts the pods that its selector finds: the template must have those labels."):
        assert selector.get("matchLabels") or selector.get("matchExpressions"), "the deployment's selector is empty"
        assert selects(selector, found), f"the deployment's selector does not match its own pods' labels {found}"
    spec = manifests.service.get("spec") or {}
    wanted = spec.get("selector") or {}
    assert wanted, "the service has no selector: it leads nowhere"
    assert selects({"matchLabels": wanted}, found), (
        f"the service looks for {wanted}, and the deployment's pods have {found}"
    )
    assert spec.get("type", "ClusterIP") == "NodePort", f"the service's type is {spec.get('type', 'ClusterIP')}"
    ports = [port for port in spec.get("ports") or [] if port["port"] == 80]
    assert ports, "the service has no port 80"
    assert ports[0].get("protocol", "TCP") == "TCP", "the service's port 80 does not speak TCP"
    target = ports[0].get("targetPort", 80)
    number = port_number(target, containers(template))
    with hint("Without a targetPort the service's own number is used."):
        assert number == 8000, f"port 80 of the service leads to the pods' port {target!r}, and they listen on 8000"
    assert ports[0].get("nodePort") == 30080, "the nodePort of the service's port 80"


@hint("The autoscaler finds its deployment by apiVersion, kind and name.")
def test_autoscaler(manifests: Manifests) -> None:
    """The autoscaler holds the deployment between two and six pods, at 60 % of the requested CPU"""
    spec = manifests.autoscaler["spec"]
    target = tuple(dig(spec, "scaleTargetRef", key) for key in ("apiVersion", "kind", "name"))
    name = dig(manifests.deployment, "metadata", "name")
    assert target == ("apps/v1", "Deployment", name), "what the autoscaler points at"
    assert (spec.get("minReplicas", 1), spec["maxReplicas"]) == (2, 6), "the bounds of the autoscaler"
    with hint("Utilization is a percentage of what is requested; AverageValue would be cores."):
        aims = list(aims_of(spec, main(manifests.deployment["spec"]["template"])["name"]))
        assert aims == [60], "the average CPU utilisation that the autoscaler aims at, in percent"


def aims_of(spec: Object, container: str) -> Iterator[Any]:
    """What an autoscaler of either version aims at: a number for the CPU's utilisation, text for anything else."""
    if "targetCPUUtilizationPercentage" in spec:
        yield spec["targetCPUUtilizationPercentage"]
    for metric in spec.get("metrics") or []:
        kind = metric["type"]
        source = metric.get(f"{kind[:1].lower()}{kind[1:]}") or {} if kind in ("Resource", "ContainerResource") else {}
        cpu = source.get("name") == "cpu" and source.get("container", container) == container
        aim = source.get("target") or {}
        plain = cpu and aim.get("type") == "Utilization"
        yield aim.get("averageUtilization") if plain else f"{kind} {source.get('name')} {aim.get('type')}"


@hint("An indexed job starts a pod for each index, and tells it which one it is.")
def test_job(manifests: Manifests) -> None:
    """The job scores four quarters, two at a time, gives up in time, and gets none of the service's requests"""
    spec = manifests.job["spec"]
    template = spec["template"]
    words = command(main(template))
    program = ["python3" if word.rpartition("/")[2] == "python" else word.rpartition("/")[2] for word in words[:1]]
    assert [*program, *words[1:]] == ["python3", "-m", "digits.score"], (
        f"the job runs {' '.join(words) or 'what the image starts by itself'}, expected python -m digits.score"
    )
    assert spec.get("completions", 1) == 4, "the job's completions"
    assert spec.get("parallelism", 1) == 2, "the job's pods at a time"
    assert spec.get("completionMode", "NonIndexed") == "Indexed", "the job's completionMode"
    with hint("Pods are started again when they end, unless told otherwise. A job refuses that."):
        policy = dig(template, "spec", "restartPolicy") or "Always"
        assert policy in ("Never", "OnFailure"), f"the restart policy of the job's pods is {policy}"
    backoff = spec.get("backoffLimit", 6)
    assert 0 <= backoff <= 3, f"the job's backoffLimit is {backoff}, expected at most 3"
    assert spec.get("activeDeadlineSeconds") == 3600, "the seconds that the whole job may take"
    with hint("The service takes whatever has its labels: give the job's pods others."):
        wanted = dig(manifests.service, "spec", "selector") or {}
        assert not selects({"matchLabels": wanted}, labels(template)), (
            "the service would send requests to the job's pods: they have the labels that it looks for"
        )


@hint("kind's page on configuration has an example with nodes, and one with extraPortMappings.")
def test_kind(manifests: Manifests) -> None:
    """kind gets one control plane, two workers, and port 30080"""
    cluster = manifests.kind
    kind = (cluster.get("apiVersion"), cluster.get("kind"))
    assert kind == ("kind.x-k8s.io/v1alpha4", "Cluster"), "apiVersion and kind in k8s/kind.yaml"
    unknown = list(unknown_fields(cluster))
    assert not unknown, "k8s/kind.yaml, " + "; ".join(unknown)
    nodes = objects(cluster, "nodes") or [{}]
    roles = sorted(str(node.get("role", "control-plane")) for node in nodes)
    assert roles == ["control-plane", "worker", "worker"], "the roles of kind's nodes"
    mappings = [mapping for node in nodes for mapping in objects(node, "extraPortMappings")]
    ports = [(mapping.get("containerPort"), mapping.get("hostPort")) for mapping in mappings]
    with hint("Each node is a container: its port is reached from outside when it is mapped, as docker run -p does."):
        assert (30080, 30080) in ports, "port 30080 of your machine leads to no node"
        once = [host for _, host in ports].count(30080) == 1
        assert once, "several nodes want port 30080 of your machine: only one can have it"
        protocol = str(mappings[ports.index((30080, 30080))].get("protocol", "TCP"))
        assert protocol.upper() == "TCP", f"port 30080 is mapped for {protocol}"


# ------------------------------------------------------------------------------------------------------ autoscale.py

Metric = tuple[float, list[float | None]]


def wish(current: int, metric: Metric, ready: list[bool], tolerance: Fraction) -> int | None:
    """The number of pods that one metric wants, by exact arithmetic; raises ValueError where rounding could decide."""
    target, values = Fraction(metric[0]), metric[1]
    good = [Fraction(value) for value, up in zip(values, ready) if up and value is not None]
    if not good:
        return None
    first = sum(good) / len(good) / target
    aside = len(values) - len(good) if first > 1 else sum(value is None for value in values)
    good += [Fraction(0) if first > 1 else target] * (aside if first != 1 else 0)
    ratio = sum(good) / len(good) / target
    close = [abs(abs(ratio - 1) - tolerance), abs(ratio - 1) if ratio != 1 else 1, abs(first - 1) if first != 1 else 1]
    if min(close) < Fraction(1, 100):
        raise ValueError("too close to a bound")
    if abs(ratio - 1) <= tolerance or (ratio > 1) != (first > 1):
        return current
    pods = ratio * len(good)
    if abs(pods - round(pods)) < Fraction(1, 1000):
        raise ValueError("too close to a whole number")
    return math.ceil(pods)


Scale = Callable[..., None]


@pytest.fixture
def scale(student: Student) -> Scale:
    """Compare a result of desired_replicas, for inputs by which rounding of floats decides nothing."""
    function = student.load("autoscale").desired_replicas

    def scaled(
        expected: int, metrics: list[Metric], ready: list[bool], low: int = 1, high: int = 99, **options: float
    ) -> None:
        got = function(len(ready), metrics, ready, low, high, **options)
        given = [f"current={len(ready)}", f"metrics={metrics}", f"ready={ready}", f"low={low}", f"high={high}"]
        given += [f"{name}={value}" for name, value in options.items()]
        assert got == expected, f"desired_replicas for {', '.join(given)}"

    return scaled


def draw(
    rng: np.random.Generator, count: int, spread: tuple[float, float], missing: int = 0, unready: int = 0
) -> tuple[int, Metric, list[bool]]:
    """What `count` good pods with values within `spread` times the target want, and some that are set aside.

    Drawn again while rounding of floats could decide.
    """
    while True:
        target = int(rng.integers(50, 90))
        pods: list[tuple[float | None, bool]] = [(between(rng, target, spread), True) for _ in range(count)]
        pods += [(None, bool(rng.integers(2))) for _ in range(missing)]
        pods += [(between(rng, target, (0.0, 5.0)), False) for _ in range(unready)]
        pods = [pods[place] for place in rng.permutation(len(pods))]
        metric, ready = (float(target), [value for value, _ in pods]), [up for _, up in pods]
        try:
            wanted = wish(len(pods), metric, ready, Fraction(1, 10))
        except ValueError:
            continue
        assert wanted is not None
        return wanted, metric, ready


def between(rng: np.random.Generator, target: int, spread: tuple[float, float]) -> float:
    return float(rng.integers(int(target * spread[0]), int(target * spread[1]) + 1))


@hint("A half pod more than there are is one pod more. Within a tenth of the target nothing changes.")
def test_ratio(scale: Scale, rng: np.random.Generator) -> None:
    """Without trouble, the pods become ceil(current * mean / target), unless that is within the tolerance"""
    up = [True] * 4
    with hint("The ratio times the number of pods is whole here."):
        scale(8, [(64.0, [128.0] * 4)], up)
        scale(2, [(64.0, [32.0] * 4)], up)
    for spread in ((0.2, 0.8), (1.2, 2.2), (0.1, 3.0)):
        for count in rng.integers(3, 10, size=4):
            wanted, metric, ready = draw(rng, int(count), spread)
            scale(wanted, [metric], ready)
    with hint("A ratio from 0.9 to 1.1 is close enough: the tolerance is around 1, and the caller can set it."):
        for factor in (0.93, 0.97, 1.0, 1.04, 1.07):
            count = int(rng.integers(15, 30))
            scale(count, [(100.0, [100.0 * factor] * count)], [True] * count)
        scale(5, [(100.0, [124.0] * 4)], up)
        scale(4, [(100.0, [124.0] * 4)], up, tolerance=0.3)
        scale(4, [(100.0, [78.0] * 4)], up, tolerance=0.3)
        scale(5, [(100.0, [104.0] * 4)], up, tolerance=0.02)


@hint("Which pods count, and as what, depends on where the pods that can be judged point: up or down.")
def test_pods_set_aside(scale: Scale, rng: np.random.Generator) -> None:
    """Pods that are not ready or have no value dampen what the others ask for, and never turn it round"""
    for way, spread in (("down", (0.2, 0.7)), ("up", (1.8, 3.5))):
        for missing, unready in ((1, 0), (0, 1), (2, 1), (1, 2)):
            for count in rng.integers(5, 9, size=2):
                wanted, metric, ready = draw(rng, int(count), spread, missing, unready)
                with hint(f"The pods that count ask for a way {way}: as what do the others count then, if at all?"):
                    scale(wanted, [metric], ready)
    with hint("If the pods set aside bring the ratio near 1, or to its other side, nothing changes."):
        scale(5, [(50.0, [90.0, 80.0, None, None, None])], [True] * 5)
        scale(5, [(50.0, [90.0, 80.0, 95.0, 85.0, 400.0])], [True, True, False, False, False])
        scale(4, [(50.0, [67.0, 73.0, 66.0, None])], [True] * 4)
        scale(3, [(50.0, [50.0, 50.0, None])], [True] * 3)
        scale(3, [(50.0, [50.0, 50.0, 500.0])], [True, True, False])
    with hint("Nothing is nothing, in whatever unit the metric is."):
        scale(6, [(2.0, [6.0, 6.0, None])], [True] * 3)
        scale(6, [(2.0, [6.0, 6.0, 9.0])], [True, True, False])
    with hint("A pod that is not ready does not count on the way down: neither its value, nor itself."):
        scale(1, [(50.0, [16.0, 16.0, 500.0, 500.0])], [True, True, False, False])
    with hint("Without a value is without a value, whether the pod is ready or not."):
        scale(4, [(50.0, [20.0, 20.0, 20.0, None, None])], [True, True, True, False, False])


@hint("Each metric has its own wish. What cannot be known might need every pod that there is.")
def test_several_metrics(scale: Scale, rng: np.random.Generator) -> None:
    """The largest wish wins, and an unknown metric forbids the way down"""
    up, none = [True] * 4, [None] * 4
    few, many = (64.0, [32.0] * 4), (10.0, [20.0] * 4)
    for metrics, wanted in (
        ([few, many], 8),
        ([many, few], 8),
        ([few, (10.0, [10.0] * 4)], 4),
        ([few, (10.0, [7.0] * 4), (3.0, [1.0] * 4)], 3),
    ):
        scale(wanted, metrics, up)
    unknown = (70.0, none)
    with hint("An unknown metric keeps the pods that are there; it does not hold back those that know more."):
        scale(4, [few, unknown], up)
        scale(4, [unknown, few], up)
        scale(8, [unknown, many], up)
        scale(4, [unknown], up)
        scale(4, [unknown, (10.0, [90.0] * 4)], [False] * 4)


@hint("The bounds hold whatever the metrics say, with one exception: no pods at all.")
def test_bounds(scale: Scale, student: Student) -> None:
    """The result is within low and high, and 0 stays 0"""
    up = [True] * 4
    scale(6, [(64.0, [128.0] * 4)], up, low=2, high=6)
    scale(3, [(64.0, [16.0] * 4)], up, low=3, high=6)
    scale(3, [(64.0, [64.0] * 4)], up, low=1, high=3)
    scale(5, [(64.0, [64.0] * 4)], up, low=5, high=9)
    with hint("Nobody starts the first pod again but who has stopped the last."):
        scale(0, [(64.0, [])], [], low=2, high=6)


# -------------------------------------------------------------------------------------------------------- rollout.py


def played(replicas: int, surge: int, unavailable: int) -> list[tuple[int, int]]:
    """The states of an update, move by move."""
    old = new = 0
    old = replicas
    ready, states = 0, [(replicas, 0)]
    while (old, new) != (0, replicas):
        for is_start in (True, False):
            before = (old, new)
            while is_start and new < replicas and old + new < replicas + surge:
                new += 1
            while not is_start and old > 0 and old + ready > replicas - unavailable:
                old -= 1
            if (old, new) != before:
                states.append((old, new))
        ready = new
    return states


Play = Callable[[int, int | str, int | str, int, int], None]


@pytest.fixture
def play(student: Student) -> Play:
    """Compare what rollout_states gives for two limits with the states for the numbers that they stand for."""
    function = student.load("rollout").rollout_states

    def compare(replicas: int, max_surge: int | str, max_unavailable: int | str, surge: int, unavailable: int) -> None:
        got = function(replicas, max_surge, max_unavailable)
        assert isinstance(got, list), f"rollout_states gave a {type(got).__name__}, expected a list of pairs"
        pairs = [tuple(state) if isinstance(state, list) else state for state in got]
        assert pairs == played(replicas, surge, unavailable), (
            f"the states of {replicas} replicas with max_surge={max_surge!r} and max_unavailable={max_unavailable!r}"
        )

    return compare


@hint("Play one round by hand: what may start, what may stop while the new pods are not ready yet, what is ready then?")
def test_states_of_an_update(play: Play, rng: np.random.Generator) -> None:
    """rollout_states gives each state of an update, for limits in pods"""
    play(3, 1, 0, 1, 0)
    play(3, 0, 1, 0, 1)
    for _ in range(8):
        replicas, surge, unavailable = int(rng.integers(2, 12)), int(rng.integers(0, 4)), int(rng.integers(1, 4))
        play(replicas, surge, min(unavailable, replicas), surge, min(unavailable, replicas))
        play(replicas, surge + 1, 0, surge + 1, 0)
    with hint("At the ends: more surge than pods, all of them unavailable, no pods."):
        play(2, 5, 0, 5, 0)
        play(4, 0, 4, 0, 4)
        play(0, 1, 0, 1, 0)
        play(1, 0, 1, 0, 1)


@hint("25 % of 6 pods are one and a half: which way, for each of the two?")
def test_percentages(play: Play, student: Student, rng: np.random.Generator) -> None:
    """Surge is rounded up, unavailable down; two zeros are refused where they are written"""
    for replicas, percent in ((6, 25), (10, 25), (7, 30), (8, 50)):
        exact = Fraction(replicas * percent, 100)
        play(replicas, f"{percent}%", f"{percent}%", math.ceil(exact), math.floor(exact))
        play(replicas, f"{percent}%", 0, math.ceil(exact), 0)
        play(replicas, 0, f"{percent}%", 0, math.floor(exact))
    with hint("28 % of 25 pods are 7, and 0.28 * 25 is a little more: multiply before you divide."):
        play(25, "28%", 0, 7, 0)
    replicas = int(rng.integers(3, 9))
    play(replicas, "100%", "0%", replicas, 0)
    with hint("A tenth of three pods is none, and yet the update has to go on."):
        play(3, 0, "10%", 0, 1)
        play(replicas, "0%", "5%", 0, 1)
    with hint("An update with nothing more and nothing less could never begin: say so to whoever wrote it."):
        for surge, unavailable in ((0, 0), ("0%", 0), (0, "0%"), ("0%", "0%")):
            with refused(f"max_surge={surge!r} and max_unavailable={unavailable!r}"):
                student.load("rollout").rollout_states(replicas, surge, unavailable)


class refused:
    """`with refused(what):` wants a ValueError."""

    def __init__(self, what: str) -> None:
        self.what = what

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> bool:
        assert error is not None, f"no ValueError for {self.what}"
        return isinstance(error, ValueError)


# --------------------------------------------------------------------------------------------------------- triage.py

RUNNING: Object = {"running": {"startedAt": "2026-11-25T09:00:00Z"}}
DONE: Object = {"terminated": {"exitCode": 0, "reason": "Completed", "finishedAt": "2026-11-25T09:00:00Z"}}


def waiting(reason: str) -> Object:
    return {"waiting": {"reason": reason, "message": "see kubectl describe"}}


def ended(code: int, reason: str = "Error") -> Object:
    return {"terminated": {"exitCode": code, "reason": reason, "finishedAt": "2026-11-25T09:00:00Z"}}


class Pods:
    """Pods as `kubectl get pod -o json` gives them, with names that the seed chooses."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng

    def container(self, state: Object, last: Object | None = None, ready: bool = False) -> Object:
        name = str(self.rng.choice(["api", "proxy", "score", "metrics"]))
        restarts = int(self.rng.integers(1, 40)) if last else 0
        status = {"name": name, "image": IMAGE, "ready": ready, "restartCount": restarts, "state": state}
        return status | {"lastState": last or {}, "started": "running" in state}

    def well(self) -> Object:
        return self.container(RUNNING, ready=True)

    def pod(self, phase: str, *statuses: Object, first: tuple[Object, ...] = (), **status: Any) -> Object:
        """A pod in a phase, with the statuses of its containers and, in `first`, of its init containers."""
        ready = bool(statuses) and all(each["ready"] for each in statuses)
        conditions = [
            {"type": kind, "status": "True" if holds else "False", "lastProbeTime": None}
            for kind, holds in (("PodScheduled", True), ("Initialized", True), ("Ready", ready))
        ]
        body: Object = {"phase": phase, "conditions": [conditions[i] for i in self.rng.permutation(3)]}
        if statuses:
            body["containerStatuses"] = list(statuses)
        if first:
            body["initContainerStatuses"] = list(first)
        name = f"digits-{self.rng.integers(10_000, 99_999)}"
        spec = {"containers": [{"name": each["name"], "image": IMAGE} for each in statuses], "nodeName": "kind-worker2"}
        return {
            "apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": "default"}, "spec": spec,
            "status": body | status,
        }  # fmt: skip

    def unscheduled(self, message: str, reason: str = "Unschedulable") -> Object:
        pod = self.pod("Pending")
        refused = {"type": "PodScheduled", "status": "False", "reason": reason, "message": message}
        pod["status"]["conditions"] = [refused]
        del pod["spec"]["nodeName"]
        return pod


@pytest.fixture
def triage(student: Student) -> Callable[[str, str, Object], None]:
    function = student.load("triage").diagnose

    def compare(expected: str, what: str, pod: Object) -> None:
        assert function(pod) == expected, f"the diagnosis for {what}"

    return compare


@hint("`kubectl get pod NAME -o json`, under `status`: look there for each sign of the table.")
def test_troubles(triage: Callable[[str, str, Object], None], rng: np.random.Generator) -> None:
    """diagnose knows each trouble of the table by its sign, whichever container shows it"""
    pods = Pods(rng)
    with hint("A pod that no node has taken has no statuses of containers at all."):
        for what in ("3 Insufficient memory", "1 Insufficient cpu, 2 node(s) had untolerated taint"):
            pod = pods.unscheduled(f"0/3 nodes are available: {what}.")
            triage("unschedulable", f"a pod that is not scheduled: {what}", pod)
        triage("evicted", "an evicted pod", pods.pod("Failed", reason="Evicted", message="The node was low on disk."))
        triage("starting", "a pod that has just been given to a node", pods.pod("Pending"))
    for trouble, reasons in (
        ("image", ("ErrImagePull", "ImagePullBackOff", "InvalidImageName")),
        ("config", ("CreateContainerConfigError",)),
        ("crash", ("CrashLoopBackOff",)),
        ("starting", ("ContainerCreating",)),
    ):
        for reason in reasons:
            ill = pods.container(waiting(reason))
            triage(trouble, f"a container that waits: {reason}", pods.pod("Pending", ill))
            with hint("A pod may have several containers: one that is ill is enough."):
                both = [pods.well(), pods.container(waiting(reason))]
                triage(trouble, f"a second container that waits: {reason}", pods.pod("Pending", *both))
    triage("memory", "a container OOMKilled", pods.pod("Failed", pods.container(ended(137, "OOMKilled"))))
    triage("crash", "a container ended with 1", pods.pod("Failed", pods.container(ended(1))))
    triage("unready", "one container of two not ready", pods.pod("Running", pods.well(), pods.container(RUNNING)))
    triage("healthy", "a pod that runs and is ready", pods.pod("Running", pods.well(), pods.well()))
    with hint("A pod can fail as a whole, whatever its containers say, or without a word about them."):
        triage("failed", "a pod that failed when its node was shut down", pods.pod("Failed", reason="NodeShutdown"))
        pod = pods.pod("Failed", pods.container(DONE), reason="DeadlineExceeded")
        triage("failed", "a pod that failed at its deadline, its container ended with 0", pod)
    with hint("A job's pod that has done its work runs no more, and nothing is wrong with it."):
        triage("healthy", "a pod that has done its work", pods.pod("Succeeded", pods.container(DONE)))


@hint("CrashLoopBackOff says that Kubernetes waits, not why. The reason is in lastState, or in an init container.")
def test_troubles_behind_others(triage: Callable[[str, str, Object], None], rng: np.random.Generator) -> None:
    """diagnose finds what is behind a restart loop, what ails an init container, and the first of several troubles"""
    pods = Pods(rng)
    loop = waiting("CrashLoopBackOff")
    for last, trouble, what in (
        (ended(137, "OOMKilled"), "memory", "OOMKilled before"),
        (ended(int(rng.integers(1, 100))), "crash", "ended with an error before"),
    ):
        pod = pods.pod("Running", pods.well(), pods.container(loop, last))
        triage(trouble, f"a container in CrashLoopBackOff, {what}", pod)
    with hint("137 is 128 + 9, a SIGKILL: a failed liveness probe ends containers so, too. Read the reason."):
        killed = pods.container(loop, ended(137))
        triage("crash", "CrashLoopBackOff after exit code 137, reason Error", pods.pod("Running", killed))
        triage("crash", "exit code 137 now, reason Error", pods.pod("Failed", pods.container(ended(137))))
    with hint("A container that was started again and is fine: what it died of still says what to look at, if memory."):
        back = pods.container(RUNNING, ended(137, "OOMKilled"), ready=True)
        triage("memory", "a ready container, OOMKilled before", pods.pod("Running", back))
        back = pods.container(RUNNING, ended(1), ready=True)
        triage("healthy", "a ready container that had ended with 1 before", pods.pod("Running", back))
    with hint("While init containers are at work, the others wait for PodInitializing."):
        later = pods.container(waiting("PodInitializing"))
        for state, last, trouble in (
            (waiting("ImagePullBackOff"), None, "image"),
            (loop, ended(2), "crash"),
            (loop, ended(137, "OOMKilled"), "memory"),
            (RUNNING, None, "starting"),
        ):
            pod = pods.pod("Pending", later, first=(pods.container(state, last),))
            triage(trouble, f"an init container with the state {state}, before: {last or 'nothing'}", pod)
        fine = pods.pod("Running", pods.well(), first=(pods.container(DONE, ready=False),))
        triage("healthy", "a pod whose init container has done its work", fine)
    with hint("The first row of the table that applies."):
        both = pods.pod(
            "Pending", pods.container(loop, ended(137, "OOMKilled")), pods.container(waiting("ErrImagePull"))
        )
        triage("image", "one container OOMKilled, another with ErrImagePull", both)
        both = pods.pod("Running", pods.container(ended(1)), pods.container(RUNNING))
        triage("crash", "one container ended with 1, another not ready", both)
        config = waiting("CreateContainerConfigError")
        both = pods.pod("Pending", pods.container(config), pods.container(RUNNING, ended(137, "OOMKilled")))
        triage("config", "one container with CreateContainerConfigError, another OOMKilled before", both)
        both = pods.pod("Running", pods.container(ended(3)), pods.container(RUNNING, ended(137, "OOMKilled")))
        triage("memory", "one container ended with 3, another OOMKilled before", both)
        held = pods.unscheduled("waiting for a gate", reason="SchedulingGated")
        triage("starting", "a pod that is held back by a scheduling gate", held)
        gone = pods.pod("Failed", pods.container(ended(137, "OOMKilled")), reason="Evicted")
        triage("evicted", "an evicted pod whose container was OOMKilled", gone)
