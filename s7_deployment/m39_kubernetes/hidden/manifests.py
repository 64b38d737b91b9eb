"""What a cluster would make of the files: objects valid by the published schemas, and what follows from them."""

from __future__ import annotations

import datetime
import re
import shlex
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import cached_property
from typing import Any

import kubernetes_validate
import yaml

from mlops_grade.suite import read_yaml

Object = dict[str, Any]

#: Where an object is, and what it may be. No other kind is looked up: its name would be part of a path.
KINDS: dict[str, tuple[tuple[str, str], ...]] = {
    "k8s/configmap.yaml": (("v1", "ConfigMap"),),
    "k8s/deployment.yaml": (("apps/v1", "Deployment"),),
    "k8s/service.yaml": (("v1", "Service"),),
    "k8s/hpa.yaml": (("autoscaling/v2", "HorizontalPodAutoscaler"), ("autoscaling/v1", "HorizontalPodAutoscaler")),
    "k8s/job.yaml": (("batch/v1", "Job"),),
}
REPOSITORY = "registry.example.com/digits/api"

_NUMBER = r"[+-]?(?:\d{1,18}(?:\.\d{0,18})?|\.\d{1,18})"
_QUANTITY = re.compile(rf"({_NUMBER})(?:([numkMGTPE]|[KMGTPE]i)?|[eE]([+-]?\d{{1,2}}))")
_SUFFIXES = {
    **{suffix: Decimal(10) ** power for suffix, power in zip("numkMGTPE", (-9, -6, -3, 3, 6, 9, 12, 15, 18))},
    **{f"{letter}i": Decimal(1024) ** power for power, letter in enumerate("KMGTPE", start=1)},
}
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_SUBDOMAIN = re.compile(rf"(?=.{{1,253}}$){_LABEL}(?:\.{_LABEL})*")
_LABEL_VALUE = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?")
_VARIABLE = re.compile(r"\$\$|\$\(([^()$]+)\)")


class Manifests:
    """The files of `k8s/`, each read when it is first asked for. Every reader fails the check that needs its file."""

    def __init__(self, read: Callable[[str], bytes]) -> None:
        self._read = read

    @cached_property
    def configmap(self) -> Object:
        return self._valid("k8s/configmap.yaml")

    @cached_property
    def deployment(self) -> Object:
        return self._valid("k8s/deployment.yaml")

    @cached_property
    def service(self) -> Object:
        return self._valid("k8s/service.yaml")

    @cached_property
    def autoscaler(self) -> Object:
        return self._valid("k8s/hpa.yaml")

    @cached_property
    def job(self) -> Object:
        return self._valid("k8s/job.yaml")

    @cached_property
    def kind(self) -> Object:
        return self.document("k8s/kind.yaml")

    def workloads(self) -> Iterator[tuple[str, Object]]:
        """The file and the pod template of what runs the image: the deployment, and the job."""
        yield "k8s/deployment.yaml", dig(self.deployment, "spec", "template")
        yield "k8s/job.yaml", dig(self.job, "spec", "template")

    def document(self, path: str) -> Object:
        """The one object of a file, without what is null: for Kubernetes that is absent."""
        try:
            found = _plain(read_yaml(self._read(path)))
        except yaml.YAMLError as error:
            raise AssertionError(f"{path} is no YAML document: {' '.join(str(error).split())[:300]}") from None
        assert found is not None, f"TODO: {path} has no object yet"
        assert isinstance(found, dict), f"{path} holds no object: a mapping with apiVersion and kind"
        return found

    def complaints(self, path: str) -> list[str]:
        """What a strict validator says about a file."""
        return _complaints(path, self.document(path), strict=True)

    def _valid(self, path: str) -> Object:
        """An object whose fields have the types that they should have; unknown fields are for `complaints`."""
        found = self.document(path)
        problems = _complaints(path, found, strict=False)
        assert not problems, problems[0]
        assert "spec" in found or found["kind"] == "ConfigMap", f"{path} has no spec"
        return found


def _plain(value: Any) -> Any:
    """As Kubernetes' own reader has it: keys are texts, dates stay texts, nulls are absent."""
    if isinstance(value, dict):
        return {_key(key): _plain(item) for key, item in value.items() if item is not None}
    if isinstance(value, list | tuple | set):
        return [_plain(item) for item in value if item is not None]
    return value.isoformat() if isinstance(value, datetime.date | datetime.datetime) else value


def _key(key: Any) -> str:
    return str(key).lower() if isinstance(key, bool) else str(key)


def _complaints(path: str, found: Object, strict: bool) -> list[str]:
    kind = (found.get("apiVersion"), found.get("kind"))
    if kind not in KINDS[path]:
        version, name = KINDS[path][0]
        return [f"{path} should hold a {name} of {version}, and has kind {kind[1]!r} and apiVersion {kind[0]!r}"]
    try:
        kubernetes_validate.validate(found, kubernetes_validate.latest_version(), strict=strict)
    except kubernetes_validate.ValidationError as error:
        where = ".".join(str(part) for part in error.absolute_path) or "the top"
        # A long message is mostly the whole of what stands there.
        what = error.message if len(error.message) < 200 else "what stands there is not allowed in this place"
        return [f"{path}, at {where}: {what}"]
    return [f"{path}: {problem}" for problem in _bad_names(found)]


def _bad_names(found: Object) -> Iterator[str]:
    """Names that the schemas let pass, and a cluster does not."""
    name = str(dig(found, "metadata", "name") or "")
    good = _SUBDOMAIN.fullmatch(name) and (found["kind"] != "Service" or re.fullmatch("[a-z][a-z0-9-]*", name))
    if not good:
        yield f"{name!r} is no name for a {found['kind']} (lower-case letters, digits, hyphens)"
    template = dig(found, "spec", "template")
    for container in dig(template, "spec", "containers") or []:
        if not re.fullmatch(_LABEL, container["name"]):
            yield f"{container['name']!r} is no name for a container (lower-case letters, digits, hyphens)"
    for labels in (dig(found, "metadata", "labels"), dig(template, "metadata", "labels")):
        for key, value in (labels or {}).items():
            if not _LABEL_VALUE.fullmatch(value):
                yield f"{value!r} is no value for the label {key}"


def dig(value: Any, *path: str) -> Any:
    """What lies at a path of keys; None where something on the way is missing."""
    for key in path:
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    return value


# ------------------------------------------------------------------------------------------------------- pods


def containers(template: Object) -> list[Object]:
    """All containers of a pod that run beside each other."""
    return list(dig(template, "spec", "containers") or [])


def main(template: Object) -> Object:
    """The container with the image, whatever its version; the first one where none has it."""
    every = containers(template)
    assert every, "a pod has no containers"
    mine = [each for each in every if re.split("[:@]", str(each.get("image", "")))[0] == REPOSITORY]
    return (mine or every)[0]


def labels(template: Object) -> dict[str, str]:
    return dict(dig(template, "metadata", "labels") or {})


def selects(selector: Object, found: dict[str, str]) -> bool:
    """Whether a selector with matchLabels and matchExpressions takes pods with these labels."""
    wanted = selector.get("matchLabels") or {}
    rules = selector.get("matchExpressions") or []
    return all(found.get(key) == value for key, value in wanted.items()) and all(_agrees(rule, found) for rule in rules)


def _agrees(rule: Object, found: dict[str, str]) -> bool:
    value, values = found.get(rule["key"]), rule.get("values") or []
    return {
        "In": value in values,
        "NotIn": value not in values,
        "Exists": value is not None,
        "DoesNotExist": value is None,
    }.get(rule["operator"], False)


def port_number(port: Any, offered: list[Object]) -> int | None:
    """The number of a port that is given by number, or by its name in some containers; None for an unknown name."""
    if isinstance(port, int):
        return port
    named = [each["containerPort"] for container in offered for each in container.get("ports") or []
             if each.get("name") == port]  # fmt: skip
    return int(named[0]) if named else None


def quantity(value: Any) -> Decimal | None:
    """A quantity in cores or bytes: `250m`, `0.25`, `300Mi`, `3e8`. None for what is none."""
    match = _QUANTITY.fullmatch(str(value))
    if match is None:
        return None
    number, suffix, exponent = match.groups()
    return Decimal(number) * (_SUFFIXES[suffix] if suffix else Decimal(10) ** int(exponent or 0))


def resource(container: Object, kind: str, name: str) -> Decimal | None:
    """The request or limit of a container (kind "requests" or "limits"); what has a limit only requests that much."""
    places = ("requests", "limits") if kind == "requests" else (kind,)
    for place in places:
        value = dig(container, "resources", place, name)
        if value is not None:
            found = quantity(value)
            assert found is not None, f"{value!r} is no quantity ({place} of {name}): say 250m or 300Mi"
            return found
    return None


def right(template: Object, container: Object, name: str) -> Any:
    """A field of a container's security context, or else of its pod's."""
    own = dig(container, "securityContext", name)
    return own if own is not None else dig(template, "spec", "securityContext", name)


def writable(template: Object, container: Object, path: str) -> bool:
    """Whether an emptyDir is mounted at a path, to be written to."""
    volumes = {each["name"]: each for each in dig(template, "spec", "volumes") or []}
    mounts = [each for each in container.get("volumeMounts") or [] if each["mountPath"].rstrip("/") == path]
    given = [volumes[each["name"]] for each in mounts if each["name"] in volumes and not each.get("readOnly")]
    return any("emptyDir" in volume or set(volume) == {"name"} for volume in given)  # nothing said is an emptyDir


Origin = tuple[str, str, str]  # ("config", the map's name, its key), ("secret", its name, its key), ("value", "", it)


def environment(container: Object, known: Object) -> dict[str, Origin]:
    """Where each variable of a container comes from; `known` is the one config map that there is."""
    origins: dict[str, Origin] = {}
    name, keys = str(dig(known, "metadata", "name")), list(dig(known, "data") or {})
    for source in container.get("envFrom") or []:
        if dig(source, "configMapRef", "name") == name:
            origins |= {f"{source.get('prefix', '')}{key}": ("config", name, key) for key in keys}
    for variable in container.get("env") or []:
        origins[variable["name"]] = _origin(variable, origins)
    return origins


def _origin(variable: Object, before: dict[str, Origin]) -> Origin:
    for kind, field in (("config", "configMapKeyRef"), ("secret", "secretKeyRef")):
        reference = dig(variable, "valueFrom", field)
        if reference is not None:
            return (kind, str(reference.get("name")), str(reference.get("key")))
    value = str(variable.get("value", ""))
    whole = _VARIABLE.fullmatch(value)  # $(NAME) stands for a variable that is set further up
    return before.get(whole[1] or "", ("value", "", value)) if whole else ("value", "", value)


def command(container: Object) -> list[str]:
    """What a container runs, without the shell around it; empty where that is left to the image."""
    words = [*(container.get("command") or []), *(container.get("args") or [])] if container.get("command") else []
    if len(words) == 3 and words[0].rpartition("/")[2] in ("sh", "bash") and words[1] in ("-c", "-ec", "-lc"):
        try:
            words = shlex.split(words[2])
        except ValueError:
            return []
        words = words[1:] if words[:1] == ["exec"] else words
    return [str(word) for word in words]


def share(limit: Any, replicas: int, up: bool) -> int:
    """A limit of a rolling update in pods: a number, or a percentage that is rounded up or down."""
    if isinstance(limit, int):
        return limit
    match = re.fullmatch(r"(\d{1,4})%", str(limit))
    assert match, f"{limit!r} is neither a number of pods nor a percentage"
    hundredths = int(match[1]) * replicas
    return -(-hundredths // 100) if up else hundredths // 100


# ------------------------------------------------------------------------------------------------------- kind

_PATCHES = frozenset({"kubeadmConfigPatches", "kubeadmConfigPatchesJSON6902"})
_CLUSTER = _PATCHES | {
    "kind", "apiVersion", "name", "nodes", "networking", "featureGates", "runtimeConfig",
    "containerdConfigPatches", "containerdConfigPatchesJSON6902",
}  # fmt: skip
_NODE = _PATCHES | {"role", "image", "labels", "extraMounts", "extraPortMappings", "gpus"}
_MAPPING = frozenset({"containerPort", "hostPort", "listenAddress", "protocol"})


def unknown_fields(cluster: Object) -> Iterator[str]:
    """Fields that kind's own reader refuses, of a cluster, its nodes and their ports; and what is no object there."""
    yield from _unknown(cluster, _CLUSTER, "the top")
    for number, node in enumerate(objects(cluster, "nodes")):
        yield from _unknown(node, _NODE, f"nodes.{number}")
        for place, mapping in enumerate(objects(node, "extraPortMappings")):
            yield from _unknown(mapping, _MAPPING, f"nodes.{number}.extraPortMappings.{place}")


def objects(owner: Any, key: str) -> list[Any]:
    """The list under a key of kind's file; what is no list there is taken for its only entry."""
    found = dig(owner, key)
    return found if isinstance(found, list) else [] if found is None else [found]


def _unknown(found: Any, known: frozenset[str], where: str) -> Iterator[str]:
    if not isinstance(found, dict):
        yield f"at {where}: {found!r:.80} is no object"
    else:
        yield from (f"at {where}: kind knows no field {key!r}" for key in found if key not in known)
