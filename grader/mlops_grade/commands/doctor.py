"""`mlops-grade doctor`: what this machine can do, and what each missing thing costs."""

from __future__ import annotations

import os
import platform
import re
import shutil
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata, util
from pathlib import Path

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

import mlops_grade
from mlops_grade import machine
from mlops_grade.course.discovery import Course, find_root, load_course
from mlops_grade.course.extras import installing
from mlops_grade.errors import GraderError, UsageError
from mlops_grade.judge.run import Judge, RunOptions, device_name, installed, missing_needs
from mlops_grade.student import isolation
from mlops_grade.student.isolation import Tier

CODESPACES = "On GitHub, in your fork: Code, Codespaces, Create (docs/students.md, Which machine)"
INTEL_MAC = f"PyTorch makes no packages for it since 2.3: most modules cannot be graded here. {CODESPACES}"
INTELS_PYTHON = (
    "PyTorch makes no packages for it since 2.3: install a Python for Apple silicon (python.org's, or `brew install "
    "python@3.12`), delete .venv and set it up anew"
)
WINDOWS_DISK = "keep the checkout in Linux, below ~ (docs/students.md, On Windows)"
GOOD_FOR = {
    Tier.LANDLOCK: "enough for your own work; not for grading strangers' code where anything is worth stealing",
    Tier.LIMITS: "enough for your own work; not for grading strangers' code",
}
UBUNTUS_REMEDY = "Ubuntu: sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"
CONTAINERS_REMEDY = (
    "A container gives more only when it was started so: docker run --security-opt seccomp=unconfined "
    "--security-opt apparmor=unconfined --security-opt systempaths=unconfined"
)


@dataclass(frozen=True)
class Finding:
    """One thing about the machine: what it is, whether it is as it should be, and what is lost or to be done if not."""

    subject: str
    found: str
    good: bool = True
    advice: str = ""


def examine() -> list[Finding]:
    """Look at everything, once. Starts a warm parent for a moment, to see the isolation that it really gets."""
    return [*_basics(), *_system(), *_torch(), *_isolation(), *_extras(), *_course()]


def _basics() -> Iterator[Finding]:
    yield Finding("mlops-grade", mlops_grade.__version__)
    new_enough = sys.version_info >= (3, 11)
    advice = "" if new_enough else "Python 3.11 or later is needed"
    yield Finding(
        "Python", f"{platform.python_version()} on {platform.system()} {platform.machine()}", new_enough, advice
    )
    yield Finding("cores", str(os.cpu_count()))
    cached = util.find_spec("numpy")
    compiled = cached is not None and cached.cached is not None and Path(cached.cached).exists()
    remedy = "" if compiled else f"imports take twice as long each time: {sys.executable} -m compileall -q {sys.prefix}"
    yield Finding("compiled modules", "yes" if compiled else "no", compiled, remedy)


def _system() -> Iterator[Finding]:
    """What there is to say of this kind of machine; nothing of a plain Linux or a Mac with Apple silicon."""
    if machine.intel_mac():
        yield Finding("Mac", "with a processor of Intel's", False, INTEL_MAC)
    if machine.intels_python_on_apple_silicon():
        yield Finding("Mac", "Apple silicon, but a Python for Intel's", False, INTELS_PYTHON)
    if subsystem := machine.windows_subsystem():
        advice = (
            ""
            if subsystem > 1
            else "make it WSL 2, in PowerShell: wsl --set-version DISTRIBUTION 2 (wsl -l lists them)"
        )
        yield Finding("Windows", f"WSL {subsystem}", subsystem > 1, advice)
    if machine.on_windows_disk(machine.here()):
        yield Finding("folder", "on a disk of Windows", False, f"slow, and scripts lose their rights: {WINDOWS_DISK}")


def _torch() -> Iterator[Finding]:
    try:
        yield Finding("torch", metadata.version("torch"))
    except metadata.PackageNotFoundError:
        remedy = INTEL_MAC if machine.intel_mac() else "most modules cannot be graded: pip install -e ."
        yield Finding("torch", "not installed", False, remedy)
    device = device_name()
    advice = "" if device == "cuda" else "all modules run; those about a GPU are graded on the CPU"
    yield Finding("device", device, True, advice)


def _isolation() -> Iterator[Finding]:
    judge = Judge(RunOptions())
    try:
        tier = judge.tier
    except (GraderError, UsageError) as error:
        yield Finding("isolation", "none", False, str(error))
        return
    finally:
        judge.close()
    inside = machine.container(os.environ)
    yield from isolation_found(tier, isolation.missing_for(Tier.NAMESPACES), judge.trouble, inside)


def isolation_found(tier: Tier, missing: str, trouble: str, inside: str) -> Iterator[Finding]:
    """What there is to say of a tier: of what is missing for a better one, or what stopped it; `inside` a container."""
    if inside:
        yield Finding("container", inside, True, f"it gives the tier {tier}")
    if tier is Tier.NAMESPACES:
        yield Finding("isolation", f"{tier} (bubblewrap)")
        return
    remedy = f"{trouble}. {CONTAINERS_REMEDY if inside else UBUNTUS_REMEDY}"
    yield Finding("isolation", str(tier), False, f"{GOOD_FOR[tier]}. For more: {missing or remedy}")


def _extras() -> Iterator[Finding]:
    """Extras of the distribution with the packages of each that are not there."""
    try:
        requirements = metadata.requires("mlops-course") or []
    except metadata.PackageNotFoundError:
        yield Finding("extras", "unknown", False, "mlops-course is not installed: pip install -e .")
        return
    wanted: dict[str, list[str]] = defaultdict(list)
    for line in requirements:
        match = re.match(r"([\w.-]+).*extra == ['\"](\w+)['\"]", line)
        if match and match[2] != "all" and not match[1].startswith("mlops"):
            wanted[match[2]].append(match[1])
    for extra, packages in sorted(wanted.items()):
        absent = [package for package in packages if not installed(package)]
        advice = f"missing {', '.join(absent)}: {installing(extra)}" if absent else ""
        yield Finding(f"extra {extra}", "incomplete" if absent else "installed", not absent, advice)


def _course() -> Iterator[Finding]:
    try:
        course: Course = load_course(find_root())
    except UsageError as error:
        yield Finding("course", "not found", False, str(error))
        return
    yield Finding("course", f"{len(course.modules)} modules, {sum(m.core for m in course.modules)} core")
    for module in course.modules:
        absent = missing_needs(module)
        if absent:
            yield Finding(module.path.name, "cannot be run here", False, absent)
    git = shutil.which("git")
    yield Finding(
        "git", "installed" if git else "missing", git is not None, "" if git else "needed by `batch` and by m05"
    )


def render(findings: list[Finding]) -> RenderableType:
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for finding in findings:
        mark = Text("✓ ", "green") if finding.good else Text("✗ ", "bold red")
        table.add_row(mark + Text(finding.subject), Text(finding.found), Text(finding.advice, "dim"))
    return table
