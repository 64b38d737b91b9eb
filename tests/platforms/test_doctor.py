"""What `doctor` says of a kind of machine: in words, and with what to do."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from mlops_grade import machine
from mlops_grade.commands import doctor
from mlops_grade.commands.doctor import Finding, isolation_found
from mlops_grade.student.isolation import Tier

INTEL = "Darwin Kernel Version 22.6.0: root:xnu-8796.141.3~6/RELEASE_X86_64"
APPLE = "Darwin Kernel Version 23.5.0: root:xnu-10063.121.3~5/RELEASE_ARM64_T6000"


@pytest.mark.parametrize(
    ("environment", "file", "kind"),
    [
        ({"CODESPACES": "true", "REMOTE_CONTAINERS": "true"}, ".dockerenv", "GitHub Codespaces"),
        ({"REMOTE_CONTAINERS": "true"}, ".dockerenv", "a dev container"),
        ({"KUBERNETES_SERVICE_HOST": "10.0.0.1"}, "", "Kubernetes"),
        ({}, ".dockerenv", "Docker"),
        ({}, "run/.containerenv", "Podman"),
        ({"container": "lxc"}, "", "a container"),
        ({"CODESPACES": "false"}, "", ""),
        ({}, "", ""),
    ],
)
def test_a_container_is_known_by_what_it_leaves(
    tmp_path: Path, environment: dict[str, str], file: str, kind: str
) -> None:
    if file:
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).touch()
    assert machine.container(environment, tmp_path) == kind


def test_a_folder_that_is_gone_is_no_obstacle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert machine.here() == Path("/")
    assert list(doctor._system()) == []


def test_in_a_container_the_tier_is_said_and_what_the_container_would_need() -> None:
    container, isolation = isolation_found(Tier.LANDLOCK, "", "namespaces: unshare: not permitted", "Docker")
    assert (container.subject, container.found, container.good) == ("container", "Docker", True)
    assert "landlock" in container.advice
    assert not isolation.good
    assert "your own work" in isolation.advice
    assert "seccomp=unconfined" in isolation.advice
    assert "apparmor_restrict" not in isolation.advice, "no setting inside a container changes that"


def test_outside_of_one_the_systems_own_remedy_is_said() -> None:
    (isolation,) = isolation_found(Tier.LANDLOCK, "", "namespaces: unshare: not permitted", "")
    assert "apparmor_restrict_unprivileged_userns=0" in isolation.advice
    assert "docker run" not in isolation.advice


def test_what_is_not_installed_comes_first() -> None:
    *_, isolation = isolation_found(Tier.LIMITS, "bubblewrap is not installed", "", "Docker")
    assert isolation.advice.endswith("For more: bubblewrap is not installed")


def test_a_container_with_the_best_tier_needs_nothing() -> None:
    assert all(finding.good for finding in isolation_found(Tier.NAMESPACES, "", "", "Docker"))


def mac(monkeypatch: pytest.MonkeyPatch, processor: str, kernel: str) -> list[Finding]:
    monkeypatch.setattr(machine, "MACOS", True)
    monkeypatch.setattr(os, "uname", lambda: SimpleNamespace(machine=processor, version=kernel))
    return list(doctor._system())


def test_an_intel_mac_is_told_why_it_cannot_and_where_to_go(monkeypatch: pytest.MonkeyPatch) -> None:
    (finding,) = mac(monkeypatch, "x86_64", INTEL)
    assert not finding.good
    assert "PyTorch makes no packages for it" in finding.advice
    assert "Codespaces" in finding.advice


def test_apple_silicon_with_a_python_for_intel_is_told_to_take_another(monkeypatch: pytest.MonkeyPatch) -> None:
    (finding,) = mac(monkeypatch, "x86_64", APPLE)
    assert "install a Python for Apple silicon" in finding.advice
    assert "Codespaces" not in finding.advice


def test_apple_silicon_is_as_it_should_be(monkeypatch: pytest.MonkeyPatch) -> None:
    assert mac(monkeypatch, "arm64", APPLE) == []


@pytest.mark.parametrize(("version", "good"), [(1, False), (2, True)])
def test_wsl_is_named_with_its_version(monkeypatch: pytest.MonkeyPatch, version: int, good: bool) -> None:
    monkeypatch.setattr(machine, "windows_subsystem", lambda *_: version)
    (finding,) = doctor._system()
    assert (finding.found, finding.good) == (f"WSL {version}", good)
    assert good or "wsl --set-version" in finding.advice


def test_a_checkout_on_windows_disk_is_told_where_to_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "on_windows_disk", lambda folder: True)
    (finding,) = doctor._system()
    assert not finding.good
    assert "below ~" in finding.advice
