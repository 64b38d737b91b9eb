"""Which isolation this machine can give, and the command that starts a warm parent inside it.

Three tiers, each named in every verdict:
  namespaces  bubblewrap around the warm parent, namespaces of its own for every pod, Landlock, seccomp, limits
  landlock    Landlock, seccomp, limits, orphans swept; files are fenced, network and process table are the machine's
  limits      resource limits and a process group; for platforms that have nothing better
"""

from __future__ import annotations

import os
import platform
import shutil
import sys
import tempfile
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from mlops_grade.errors import GraderError
from mlops_grade.machine import FORKED_ENVIRONMENT, LINUX
from mlops_grade.student import jail


class Tier(StrEnum):
    """Isolation tiers, weakest first in `rank`."""

    LIMITS = "limits"
    LANDLOCK = "landlock"
    NAMESPACES = "namespaces"

    @property
    def rank(self) -> int:
        return list(Tier).index(self)


@dataclass(frozen=True)
class Surroundings:
    """Where student code finds the interpreter and its libraries: shown read-only, everything else is out of reach."""

    readable: tuple[str, ...]
    command_path: str


SYSTEM_FOLDERS = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
SYSTEM_FILES = (
    "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/alternatives", "/etc/localtime",
    "/etc/mime.types", "/etc/ssl/certs", "/etc/fonts", "/etc/nsswitch.conf", "/etc/host.conf", "/etc/protocols",
    "/etc/services", "/etc/vulkan", "/etc/OpenCL",
)  # fmt: skip
# Configuration for everybody on this machine. In bubblewrap it is not there. Landlock cannot hide a file, only refuse
# it, and git ends when it is refused its own: these are shown, and the environment says to ignore them.
SYSTEM_CONFIGURATION = (
    "/etc/gitconfig",
    "/etc/ssl/openssl.cnf",
    "/etc/ssh/ssh_config",
    "/etc/ssh/ssh_config.d",
    "/etc/dvc",
)
# What landlock shows besides: in bubblewrap these are made up, or bound one by one.
OTHER_SYSTEM_FILES = (
    "/etc/passwd", "/etc/group", "/etc/hosts", "/etc/resolv.conf", "/proc", "/sys/devices/system",
    "/sys/bus/pci/devices",
)  # fmt: skip
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty")
GPU_DEVICES = ("nvidia*", "nvidia-caps", "nvidia-uvm*", "dri")
ACCOUNTS = "student:x:1000:1000:student:/tmp/home:/bin/bash\nnobody:x:65534:65534:nobody:/:/bin/false\n"
GROUPS = "student:x:1000:\nnogroup:x:65534:\n"
HOSTS = "127.0.0.1 localhost\n::1 localhost\n"


def surroundings() -> Surroundings:
    """The interpreter, its environment, and the two packages that student code may import."""
    grader = Path(__file__).resolve().parents[2]
    import mlops_course

    packages = [grader / "mlops_grade", Path(mlops_course.__file__).resolve().parent]
    prefixes = {sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix}
    # An environment's `python` may be a chain of links: every folder on the way is needed.
    executable = Path(sys.executable)
    while executable.is_symlink():
        executable = executable.parent / executable.readlink()
        prefixes.add(str(executable.parent.parent.resolve()))
    readable = {str(Path(path)) for path in (*prefixes, *map(str, packages)) if path not in ("/", "")}
    commands = [
        str(Path(sys.executable).parent),
        str(Path(sys.base_prefix) / "bin"),
        "/usr/local/bin",
        "/usr/bin",
        "/bin",
    ]
    return Surroundings(tuple(sorted(readable)), ":".join(dict.fromkeys(commands)))


def bubblewrap() -> str | None:
    return shutil.which("bwrap") if LINUX and jail.seccomp_known() else None


def possible_tiers() -> list[Tier]:
    """The tiers worth trying here, best first. Whether one really works is seen when a warm parent starts in it."""
    tiers = [Tier.LIMITS]
    if LINUX and jail.seccomp_known() and jail.landlock_version() >= 1:
        tiers.insert(0, Tier.LANDLOCK)
    if bubblewrap():
        tiers.insert(0, Tier.NAMESPACES)
    return tiers


def missing_for(tier: Tier) -> str:
    """Why a tier is not possible here, and the remedy; empty where nothing obvious is missing."""
    if not LINUX:
        return f"{platform.system()} has no {tier.value}: use Linux, or WSL 2 on Windows"
    if not jail.seccomp_known():
        return f"no system call table for {platform.machine()}"
    if tier is Tier.LANDLOCK and jail.landlock_version() < 1:
        return "this kernel has no Landlock (Linux 5.13 or later has)"
    if tier is Tier.NAMESPACES and not bubblewrap():
        return "bubblewrap is not installed: `apt-get install bubblewrap`"
    return ""


def prefix(tier: Tier, made_up: dict[str, int]) -> list[str]:
    """What goes before an interpreter's command line, to run it in a tier.

    `made_up` holds descriptors of the files that bubblewrap makes up: `accounts`, `groups`, `hosts`.
    """
    return [bubblewrap() or "bwrap", *_bubblewrap_arguments(made_up), "--"] if tier is Tier.NAMESPACES else []


def _bubblewrap_arguments(descriptors: dict[str, int]) -> list[str]:
    arguments = ["--unshare-user", "--uid", "1000", "--gid", "1000", "--unshare-pid", "--unshare-net", "--unshare-ipc"]
    # Not --die-with-parent: the signal comes when the starting thread ends. The warm parent sees the grader hang up.
    arguments += ["--unshare-uts", "--unshare-cgroup-try", "--hostname", "student"]
    for folder in SYSTEM_FOLDERS:
        place = Path(folder)
        if place.is_symlink():
            arguments += ["--symlink", str(place.readlink()), folder]
        elif place.is_dir():
            arguments += ["--ro-bind", folder, folder]
    arguments += ["--dev", "/dev", "--tmpfs", "/tmp", "--tmpfs", "/dev/shm"]
    # Bound rather than `--proc`: what that covers up makes the kernel refuse a pod its own fresh /proc (as root).
    # A pod mounts its own over it before student code runs.
    arguments += ["--bind", "/proc", "/proc", "--dir", WORKSPACE, "--dir", "/run", "--dir", "/var/tmp"]
    for file in SYSTEM_FILES:
        arguments += ["--ro-bind-try", file, file]
    for name, target in (("accounts", "/etc/passwd"), ("groups", "/etc/group"), ("hosts", "/etc/hosts")):
        arguments += ["--perms", "0644", "--file", str(descriptors[name]), target]
    for device in gpu_devices():
        arguments += ["--dev-bind", device, device]
    if gpu_devices():
        arguments += ["--ro-bind-try", "/sys", "/sys"]
    else:
        arguments += ["--ro-bind-try", "/sys/devices/system/cpu", "/sys/devices/system/cpu"]
    for path in surroundings().readable:
        if not any(path == folder or path.startswith(folder + "/") for folder in SYSTEM_FOLDERS):
            arguments += ["--ro-bind", path, path]
    return arguments


WORKSPACE = "/workspace"


def gpu_devices() -> list[str]:
    return sorted(str(path) for pattern in GPU_DEVICES for path in Path("/dev").glob(pattern))


def writable_devices() -> list[str]:
    """Device files that student code may open; nothing else below /dev."""
    return [*DEVICES, *gpu_devices()]


def readable_system() -> list[str]:
    """What of the system itself student code may read."""
    places = [*SYSTEM_FOLDERS, *SYSTEM_FILES, *OTHER_SYSTEM_FILES, *SYSTEM_CONFIGURATION]
    # Gloo looks through them for network cards, and ends when it is refused; in bubblewrap there are none.
    buses = [str(path) for path in Path("/sys/devices").glob("pci*")]
    return [*places, *(["/sys"] if gpu_devices() else buses)]


def shows(path: Path) -> bool:
    """Whether student code may read a place in the tiers that fence files."""
    readable = [Path(folder).resolve() for folder in (*SYSTEM_FOLDERS, *surroundings().readable)]
    return any(path.resolve().is_relative_to(folder) for folder in readable)


def private_folder() -> str:
    """A folder of this user's own for the weaker tiers' workspaces and temporary files. Raises GraderError."""
    try:
        folder = tempfile.mkdtemp(prefix="mlops-grade-")
        if os.name == "posix" and os.getuid() == 0:
            os.chmod(folder, 0o711)  # root's pods run as users who own only what is theirs in it
    except OSError as error:
        raise GraderError(f"no folder for temporary files can be written ({error}): set TMPDIR") from None
    return folder


#: Libraries that phone home, each with its own word for no: some know DO_NOT_TRACK, and MLflow no "1" in it.
TELEMETRY_OFF = {
    "DO_NOT_TRACK": "1", "BENTOML_DO_NOT_TRACK": "1", "DVC_NO_ANALYTICS": "1", "HF_HUB_OFFLINE": "1",
    "MLFLOW_DISABLE_TELEMETRY": "true", "WANDB_ERROR_REPORTING": "false",
}  # fmt: skip


def clean_environment(command_path: str, home: str, temporary: str) -> dict[str, str]:
    """The environment of student code: nothing of the user's own, telemetry off, caches at home."""
    environment = {
        "PATH": command_path, "HOME": home, "TMPDIR": temporary, "LANG": "C.UTF-8", "USER": "student",
        "LOGNAME": "student", "SHELL": "/bin/bash", "TERM": "dumb", "MPLBACKEND": "Agg",
        "MPLCONFIGDIR": f"{home}/.matplotlib", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false", "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0", "PYTORCH_NVML_BASED_CUDA_CHECK": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "TORCHINDUCTOR_CACHE_DIR": f"{home}/.inductor", "XDG_CACHE_HOME": f"{home}/.cache",
        "XDG_CONFIG_HOME": f"{home}/.config", "XDG_DATA_HOME": f"{home}/.local/share", "WANDB_MODE": "offline",
        "WANDB_SILENT": "true", "WANDB_CACHE_DIR": f"{home}/.cache", "WANDB_DATA_DIR": f"{home}/.wandb",
        "WANDB_CONFIG_DIR": f"{home}/.config", "DVC_SITE_CACHE_DIR": f"{home}/.dvc-site", "GIT_CONFIG_NOSYSTEM": "1",
        "PIP_CONFIG_FILE": os.devnull, "XDG_CONFIG_DIRS": f"{home}/.config-dirs",
        "DVC_SYSTEM_CONFIG_DIR": f"{home}/.dvc-system",
        "GIT_TERMINAL_PROMPT": "0", "GIT_AUTHOR_NAME": "student", "GIT_AUTHOR_EMAIL": "student@example.com",
        "GIT_COMMITTER_NAME": "student", "GIT_COMMITTER_EMAIL": "student@example.com",
        # Python's own traceback ends with what went wrong; typer's pictures of it fill a report and end in a frame.
        "TYPER_STANDARD_TRACEBACK": "1", "_TYPER_STANDARD_TRACEBACK": "1",
        **TELEMETRY_OFF,
    }  # fmt: skip
    for name in ("CUDA_VISIBLE_DEVICES", "LD_LIBRARY_PATH", "NVIDIA_VISIBLE_DEVICES", "MLOPS_DEVICE"):
        if name in os.environ:
            environment[name] = os.environ[name]
    return environment | FORKED_ENVIRONMENT
