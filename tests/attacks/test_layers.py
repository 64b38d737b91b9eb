"""Each layer is needed: with one of them taken away, an attack that the whole grader stops succeeds.

Layers inside the jail are taken away in a warm parent of the tests' own (`weakened_parent.py`); those of the judge by
patching the test's process.
"""

from __future__ import annotations

import os
import resource
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import firing_range
from corpus import Attack
from firing_range import ATTACKS, FiringRange, available
from mlops_grade.course import submission
from mlops_grade.student import isolation, launch
from mlops_grade.student.isolation import Surroundings, Tier

HERE = Path(__file__).parent
NEEDED = [
    ("landlock,other user", Tier.LANDLOCK, "home"),  # the other user only where root grades, and others may read
    ("landlock,other user", Tier.LANDLOCK, "files_left_by_user"),
    ("seccomp", Tier.NAMESPACES, "rare_families"),
    ("seccomp", Tier.NAMESPACES, "namespaces_of_its_own"),
    ("seccomp", Tier.NAMESPACES, "anonymous_files"),
    ("dropped capabilities", Tier.NAMESPACES, "raw_sockets"),
    ("limits,guard", Tier.NAMESPACES, "shared_memory"),
    ("guard", Tier.NAMESPACES, "memory_of_many"),
    ("limits", Tier.NAMESPACES, "open_files"),
    ("sweep", Tier.LANDLOCK, "without_death_signal"),
    ("own folders", Tier.NAMESPACES, "files_left"),
]


def attack(name: str) -> Attack:
    return next(attack for attack in ATTACKS if attack.name == name)


@pytest.fixture
def weaken(monkeypatch: pytest.MonkeyPatch) -> Any:
    real_surroundings, real_environment = isolation.surroundings, isolation.clean_environment

    def surroundings() -> Surroundings:
        real = real_surroundings()
        return Surroundings((*real.readable, str(HERE)), real.command_path)

    class Weakened(launch.ServerProcess):
        def __init__(self, module: str, greeting: Any, environment: Any, *rest: Any, **named: Any) -> None:
            if module == "mlops_grade.student.parent":
                module, environment = "weakened_parent", {**environment, "PYTHONPATH": str(HERE)}
            super().__init__(module, greeting, environment, *rest, **named)

    def choose(layers: str) -> None:
        monkeypatch.setattr(isolation, "surroundings", surroundings)
        monkeypatch.setattr(
            isolation, "clean_environment", lambda *given: {**real_environment(*given), "MLOPS_WITHOUT": layers}
        )
        monkeypatch.setattr(launch, "ServerProcess", Weakened)

    return choose


@pytest.fixture(autouse=True)
def as_many_files_as_there_may_be() -> Iterator[None]:
    """An ordinary user's own limit may be so low that ours makes no difference."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.fixture(scope="module")
def missing() -> set[Tier]:
    return {tier for tier in Tier if not available(tier)}


@pytest.mark.parametrize(("layers", "tier", "name"), NEEDED, ids=[f"{each[0]}-{each[2]}" for each in NEEDED])
def test_without_this_layer_the_attack_succeeds(
    weaken: Any, missing: set[Tier], tmp_path: Path, layers: str, tier: Tier, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if tier in missing:
        pytest.skip(f"this machine has no tier {tier}")
    weaken(layers)
    monkeypatch.setattr(firing_range, "SWEEP_SECONDS", 1.0)
    shot = _shot(tmp_path, tier, name)
    assert shot.harms, f"{name} is stopped without {layers} as well: what is that layer for?"


def test_the_tests_own_parent_with_all_its_layers_stops_them(weaken: Any, missing: set[Tier], tmp_path: Path) -> None:
    tier = Tier.NAMESPACES if Tier.NAMESPACES not in missing else Tier.LANDLOCK
    if tier in missing:
        pytest.skip("this machine has neither tier")
    weaken("")
    assert not _shot(tmp_path, tier, "anonymous_files").harms


def _shot(folder: Path, tier: Tier, name: str) -> Any:
    field = FiringRange(folder, tier, [attack(name)])
    try:
        return field.shot(attack(name))
    finally:
        field.close()


@pytest.fixture(scope="module")
def limits_range(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FiringRange]:
    field = FiringRange(tmp_path_factory.mktemp("layers"), Tier.LIMITS, [])
    yield field
    field.close()


@pytest.mark.parametrize("name", ["link_to_solution", "hard_link_to_solution"])
def test_when_links_are_followed_the_solution_is_handed_in(
    limits_range: FiringRange, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    def followed(root: Path, path: str, alone: bool = False) -> tuple[bytes | None, str]:
        try:
            return (root / path).read_bytes(), ""
        except OSError:
            return None, "was not handed in"

    monkeypatch.setattr(submission, "_read", followed)
    assert limits_range.shot(attack(name)).verdict.outcome == "passed"


ENDING = "import os\n\ndef weighted(values, weights):\n    os._exit(0)\n"
LYING = "class Lie(float):\n    __eq__ = lambda s, o: True\n\ndef weighted(values, weights):\n    return Lie(0)\n"
PATCHING = "import numpy\nnumpy.allclose = lambda *a, **k: True\n\ndef weighted(values, weights):\n    return 0.0\n"


@pytest.mark.parametrize("code", [ENDING, LYING, PATCHING], ids=["ending", "lying", "patching"])
def test_in_one_process_with_the_student_every_test_is_forged(tmp_path: Path, code: str) -> None:
    """What pytest itself says of the same wrong work when it imports it: all is well."""
    import subprocess

    (tmp_path / "plain.py").write_text(code)
    (tmp_path / "test_plain.py").write_text(
        "import numpy\nfrom plain import weighted\n\ndef test_weighted_mean():\n"
        "    got = weighted([1.0, 2.0], [1.0, 1.0])\n    assert got == 1.5 or numpy.allclose(got, 1.5)\n"
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_plain.py"]
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    assert subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, check=False).returncode == 0
    shutil.rmtree(tmp_path)
