"""The kernel's fences, put up by a process around itself: namespaces, mounts, Landlock, seccomp, capabilities, limits.

Linux only where it says so; the syscall numbers are those of x86-64 and aarch64. Nothing here starts a process.
Sources: landlock(7), seccomp(2), user_namespaces(7), capabilities(7), linux/filter.h.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import platform
import resource
import signal
import socket
import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlops_grade.machine import LINUX

RESERVED_PIDS = 301  # the kernel does not come back to the first 300
CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWIPC = 0x0002_0000, 0x0400_0000, 0x0800_0000
CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET = 0x1000_0000, 0x2000_0000, 0x4000_0000
_MS_NOSUID, _MS_NODEV, _MS_NOEXEC, _MS_BIND, _MS_REC, _MS_PRIVATE = 2, 4, 8, 1 << 12, 1 << 14, 1 << 18
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_SECCOMP, _PR_CAPBSET_DROP = 1, 4, 22, 24
_PR_SET_CHILD_SUBREAPER, _PR_SET_NO_NEW_PRIVS = 36, 38

_libc: Any = ctypes.CDLL(None, use_errno=True) if os.name == "posix" else None


def _checked(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def _prctl(*arguments: int) -> None:
    padded = [ctypes.c_ulong(argument) for argument in (*arguments, 0, 0, 0, 0)[:5]]
    _checked(_libc.prctl(*padded), f"prctl {arguments[0]}")


def die_with_parent() -> None:
    """SIGKILL for this process when its parent ends. Linux."""
    if LINUX:
        _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def adopt_orphans() -> None:
    """Processes that lose their parent below this one become its children. Linux."""
    if LINUX:
        _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def hide_memory() -> None:
    """Neither ptrace nor /proc/PID of this process for others of the same user. Linux; ends at exec."""
    if LINUX:
        _prctl(_PR_SET_DUMPABLE, 0)


def show_memory() -> None:
    """Take `hide_memory` back. Linux."""
    if LINUX:
        _prctl(_PR_SET_DUMPABLE, 1)


# ------------------------------------------------------------------------------------------------------- namespaces


@dataclass(frozen=True)
class Limits:
    """What a pod may use. Sizes are in MiB, times in seconds."""

    memory: int = 3072  # of one process
    total: int = 4096  # of all together, watched by the keeper
    processes: int = 128
    open_files: int = 512
    file_size: int = 256
    workspace: int = 256
    temporary: int = 256
    shared_memory: int = 512
    cpu: int = 600


def leave_namespaces(user: int = 1000, group: int = 1000) -> None:
    """Unshare user, mount, pid, net, ipc and uts namespaces; the pid namespace holds for children to come."""
    outside_user, outside_group = os.getuid(), os.getgid()
    flags = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS
    _checked(_libc.unshare(flags), "unshare")
    show_memory()  # files in /proc of a process that hides belong to root, who we may not be
    _write("/proc/self/setgroups", "deny")
    _write("/proc/self/uid_map", f"{user} {outside_user} 1")
    _write("/proc/self/gid_map", f"{group} {outside_group} 1")
    hide_memory()
    _mount(None, "/", None, _MS_REC | _MS_PRIVATE)


def mount_temporary(place: str, megabytes: int, kept: list[str]) -> None:
    """An empty memory file system of bounded size and number of files, over whatever is at `place`.

    What of `kept` lies below shows through as it was: an environment may well be installed below /tmp.
    """
    covered = [path for path in kept if path.startswith(f"{place}/") and os.path.isdir(path)]
    held = [os.open(path, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC) for path in covered]
    data = f"size={megabytes}m,nr_inodes=20k,mode=0755"
    _mount("tmpfs", place, "tmpfs", _MS_NOSUID | _MS_NODEV, data)
    for path, descriptor in zip(covered, held, strict=True):
        os.makedirs(path, exist_ok=True)
        _mount(f"/proc/self/fd/{descriptor}", path, None, _MS_BIND | _MS_REC)
        os.close(descriptor)


def mount_processes(processes: int) -> None:
    """A /proc that shows this pid namespace only, and a bound on its processes. Called by its first process."""
    _mount("proc", "/proc", "proc", _MS_NOSUID | _MS_NODEV | _MS_NOEXEC)
    # From Linux 6.14 each namespace has its own. What root runs escapes RLIMIT_NPROC, in a user namespace too.
    with contextlib.suppress(OSError):
        # Numbers are given out in a cycle, from 300 on once it has come round: the bound has to lie above those.
        _write("/proc/sys/kernel/pid_max", str(RESERVED_PIDS + processes))


def mount_terminals() -> None:
    """Pseudo-terminals of this mount namespace's own."""
    _mount("devpts", "/dev/pts", "devpts", _MS_NOSUID | _MS_NOEXEC, "newinstance,ptmxmode=0666,mode=0620")


def loopback_up() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        interface_up_and_running = struct.pack("16sH14s", b"lo", 0x41, b"")
        fcntl.ioctl(sock, 0x8914, interface_up_and_running)  # SIOCSIFFLAGS


def _write(path: str, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY)
    try:
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)


def _mount(source: str | None, target: str, kind: str | None, flags: int, data: str | None = None) -> None:
    texts = [None if text is None else os.fsencode(text) for text in (source, target, kind, data)]
    result = _libc.mount(texts[0], texts[1], texts[2], ctypes.c_ulong(flags), texts[3])
    _checked(result, f"mount {kind or ''} on {target}")


# --------------------------------------------------------------------------------------------- capabilities, limits


def drop_capabilities() -> None:
    """No capability left, none to be regained by exec. Linux."""
    for capability in range(64):
        try:
            _prctl(_PR_CAPBSET_DROP, capability)
        except OSError:
            break
    header = struct.pack("Ii", 0x2008_0522, 0)  # _LINUX_CAPABILITY_VERSION_3, this process
    _checked(_libc.capset(header, bytes(24)), "capset")


def no_new_privileges() -> None:
    """Set-user-id programs give nothing any more. Linux."""
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def leave_root(own: list[str], needed: list[str]) -> None:
    """As root without a user namespace: go on as a user who owns nothing but the folders `own`.

    Root may read what is root's and is not held by RLIMIT_NPROC, without any capability. Not done where the interpreter
    or its libraries (`needed`) are out of others' reach. The number is from the range for users made up on the fly.
    """
    if os.getuid() != 0 or not all(map(_open_to_others, needed)):
        return
    user = 61_184 + os.getpid() % 4_336
    with contextlib.suppress(OSError):  # a container may keep even root from this
        for folder in own:
            os.chown(folder, user, user)
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)


def _open_to_others(path: str) -> bool:
    try:
        return all(folder.stat().st_mode & 0o001 for folder in (Path(path), *Path(path).parents) if folder.is_dir())
    except OSError:
        return False


def apply_limits(limits: Limits, own_user_namespace: bool) -> None:
    """Resource limits for this process and its children. Raises OSError where the machine allows less than is promised.

    With less, right work would fail for want of what the limit promises: that is told here, before any of it runs.
    """
    # Without a user namespace of our own the count is of all that this user runs, on the whole machine.
    wanted = _wanted(limits, 0 if own_user_namespace or not LINUX else _processes_of_user())
    _refuse_less(wanted)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for which, value, _, _ in wanted:
        if which != resource.RLIMIT_AS:  # CUDA reserves address space by the terabyte
            resource.setrlimit(which, (value, value))


def refuse_less_than(limits: Limits) -> None:
    """Raises OSError, with the name of the limit, where what this process may use is less than a pod is promised."""
    _refuse_less(_wanted(limits, 0))


def _wanted(limits: Limits, running: int) -> list[tuple[int, int, str, str]]:
    """Each limit: which one, what a pod is promised, what it counts, and the letter that ulimit has for it."""
    mebi = 1 << 20
    wanted = [
        (resource.RLIMIT_CPU, limits.cpu, "seconds of CPU time", "t"),
        (resource.RLIMIT_FSIZE, limits.file_size * mebi, "bytes in a file", "f"),
        (resource.RLIMIT_NOFILE, limits.open_files, "open files", "n"),
        (resource.RLIMIT_DATA, limits.memory * mebi, "bytes of memory", "d"),
        (resource.RLIMIT_AS, limits.memory * mebi, "bytes of address space", "v"),
    ]
    if LINUX:
        wanted.append((resource.RLIMIT_NPROC, limits.processes + running, "processes and threads of a user", "u"))
    return wanted


def _refuse_less(wanted: list[tuple[int, int, str, str]]) -> None:
    for which, value, what, letter in wanted:
        _, hard = resource.getrlimit(which)
        if hard != resource.RLIM_INFINITY and hard < value:
            raise OSError(0, f"this machine allows {hard} {what} (`ulimit -{letter}`), and a test is promised {value}")


def _processes_of_user() -> int:
    """Threads that this user runs: RLIMIT_NPROC counts them all."""
    count = 0
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            try:
                if entry.stat().st_uid == os.getuid():
                    count += len(os.listdir(f"/proc/{entry.name}/task"))
            except OSError:
                continue
    return count


# --------------------------------------------------------------------------------------------------------- Landlock

_LANDLOCK_CREATE, _LANDLOCK_ADD, _LANDLOCK_RESTRICT = 444, 445, 446
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR, _TRUNCATE, _IOCTL_DEV = 1, 2, 4, 8, 1 << 14, 1 << 15
_ALL_RIGHTS = {0: 0, 1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1}


def landlock_version() -> int:
    """The kernel's Landlock ABI; 0 where there is none."""
    if not LINUX:
        return 0
    return max(0, int(_libc.syscall(_LANDLOCK_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint32(1))))


def restrict_files(readable: list[str], writable: list[str], network: bool, listable: tuple[str, ...] = ()) -> None:
    """Landlock: only these paths, and from ABI 4 no TCP where `network` is false, from ABI 6 no outside signals.

    Of `listable` folders only the names of what is in them can be had.
    """
    version = landlock_version()
    if version < 1:
        raise OSError("this kernel has no Landlock")
    rights = _ALL_RIGHTS.get(version, (1 << 16) - 1)
    denied_network = 3 if version >= 4 and not network else 0
    scoped = 3 if version >= 6 else 0
    attributes = struct.pack("QQQ", rights, denied_network, scoped)[: 8 if version < 4 else 16 if version < 6 else 24]
    ruleset = _checked(
        _libc.syscall(_LANDLOCK_CREATE, attributes, ctypes.c_size_t(len(attributes)), ctypes.c_uint32(0)), "landlock"
    )
    for path in readable:
        _landlock_allow(ruleset, path, rights & (_EXECUTE | _READ_FILE | _READ_DIR))
    for path in listable:
        _landlock_allow(ruleset, path, rights & _READ_DIR)
    for path in writable:
        _landlock_allow(ruleset, path, rights)
    no_new_privileges()
    _checked(_libc.syscall(_LANDLOCK_RESTRICT, ruleset, ctypes.c_uint32(0)), "landlock restrict")
    os.close(ruleset)


def _landlock_allow(ruleset: int, path: str, rights: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not Path(path).is_dir():
            rights &= _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEV
        rule = struct.pack("=Qi", rights, place)
        _checked(_libc.syscall(_LANDLOCK_ADD, ruleset, 1, rule, ctypes.c_uint32(0)), f"landlock {path}")
    finally:
        os.close(place)


# ---------------------------------------------------------------------------------------------------------- seccomp

_ARCHITECTURES = {"x86_64": 0xC000_003E, "aarch64": 0xC000_00B7}
_Numbers = tuple[int, int | None]  # on x86-64 and aarch64
_REFUSED: dict[str, _Numbers] = {
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "kcmp": (312, 272),
    "pidfd_getfd": (438, 438), "process_madvise": (440, 440), "perf_event_open": (298, 241), "bpf": (321, 280),
    "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51), "fsopen": (430, 430),
    "fsmount": (432, 432), "move_mount": (429, 429), "open_tree": (428, 428), "mount_setattr": (442, 442),
    "unshare": (272, 97), "setns": (308, 268), "userfaultfd": (323, 282), "io_uring_setup": (425, 425),
    "keyctl": (250, 219), "add_key": (248, 217), "request_key": (249, 218), "open_by_handle_at": (304, 265),
    "name_to_handle_at": (303, 264), "fanotify_init": (300, 262), "init_module": (175, 105),
    "finit_module": (313, 273), "delete_module": (176, 106), "kexec_load": (246, 104), "reboot": (169, 142),
    "swapon": (167, 224), "swapoff": (168, 225), "acct": (163, 89), "syslog": (103, 116), "quotactl": (179, 60),
    "settimeofday": (164, 170), "clock_settime": (227, 112), "adjtimex": (159, 171), "sethostname": (170, 161),
    "vhangup": (153, 58), "lookup_dcookie": (212, 18), "mbind": (237, 235), "migrate_pages": (256, 238),
    "move_pages": (279, 239), "fsconfig": (431, 431), "fspick": (433, 433),
}  # fmt: skip
_CLONE = (56, 220)
_CLONE_NEW = 0x7E02_0080  # every CLONE_NEW* flag
# Said not to exist, so that programs go another way. What the last three make is memory that no limit counts.
_ABSENT: dict[str, _Numbers] = {
    "clone3": (435, 435),  # its flags are behind a pointer; libc falls back to clone
    "memfd_create": (319, 279), "memfd_secret": (447, 447), "shmget": (29, 194),
}  # fmt: skip
_SOCKET, _PRLIMIT = (41, 198), (302, 261)
# No family that leads around the network namespace (vsock: the host of a virtual machine) or into rare kernel code.
_FAMILIES = (1, 2, 10, 16)  # unix, inet, inet6, and netlink, which getaddrinfo asks
# What starts a process or opens a way into a network: refused to the judge, who has its sockets from the pods.
_OF_OTHERS: dict[str, _Numbers] = {
    "execve": (59, 221), "execveat": (322, 281), "fork": (57, None), "vfork": (58, None),
    "socket": _SOCKET, "connect": (42, 203), "bind": (49, 200),
}  # fmt: skip
_CLONE_THREAD = 0x0001_0000
_ALLOW, _KILL, _ERRNO = 0x7FFF_0000, 0x8000_0000, 0x0005_0000
_EPERM, _ENOSYS, _EAFNOSUPPORT = 1, 38, 97


def seccomp_known() -> bool:
    return LINUX and platform.machine() in _ARCHITECTURES


def filter_syscalls() -> None:
    """Refuse what no exercise needs and breakouts do: tracing, mounting, namespaces, keys, modules, clocks."""
    _filter(_student_program)


def filter_judge() -> None:
    """Refuse the same, and to start a process or to open, connect or bind a socket. Threads can be started."""
    _filter(_judge_program)


def _filter(steps_for: Callable[[int], list[bytes]]) -> None:
    machine = platform.machine()
    column = list(_ARCHITECTURES).index(machine)
    program = b"".join([*_only_on(_ARCHITECTURES[machine]), *steps_for(column)])
    buffer = ctypes.create_string_buffer(program, len(program))
    description = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(buffer)))
    no_new_privileges()
    _prctl(_PR_SET_SECCOMP, 2, ctypes.addressof(description))


_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _GIVE = 0x20, 0x15, 0x35, 0x45, 0x06


def _step(code: int, if_true: int, if_false: int, operand: int) -> bytes:
    return struct.pack("HBBI", code, if_true, if_false, operand & 0xFFFF_FFFF)


def _only_on(architecture: int) -> list[bytes]:
    """Load the number of the call; no other architecture's, whose numbers mean something else."""
    return [
        _step(_LOAD, 0, 0, 4),  # seccomp_data.arch
        _step(_EQUAL, 1, 0, architecture),
        _step(_GIVE, 0, 0, _KILL),
        _step(_LOAD, 0, 0, 0),  # seccomp_data.nr
        _step(_AT_LEAST, 0, 1, 0x4000_0000),  # the x32 numbers
        _step(_GIVE, 0, 0, _ERRNO | _EPERM),
    ]


def _refusing(calls: Iterable[_Numbers], column: int, error: int) -> list[bytes]:
    steps = []
    for numbers in calls:
        number = numbers[column]
        if number is not None:  # not every architecture has every call
            steps += [_step(_EQUAL, 0, 1, number), _step(_GIVE, 0, 0, _ERRNO | error)]
    return steps


def _student_program(column: int) -> list[bytes]:
    return [
        *_refusing(_ABSENT.values(), column, _ENOSYS),
        *_refusing(_REFUSED.values(), column, _EPERM),
        *_own_limits_only(column),
        _step(_EQUAL, 0, 3 + len(_FAMILIES), _SOCKET[column]),
        _step(_LOAD, 0, 0, 16),  # its first argument, the family
        *(_step(_EQUAL, len(_FAMILIES) - place, 0, family) for place, family in enumerate(_FAMILIES)),
        _step(_GIVE, 0, 0, _ERRNO | _EAFNOSUPPORT),
        _step(_GIVE, 0, 0, _ALLOW),
        _step(_EQUAL, 0, 3, _CLONE[column]),
        _step(_LOAD, 0, 0, 16),  # its first argument, the flags
        _step(_ANY_BIT, 0, 1, _CLONE_NEW),
        _step(_GIVE, 0, 0, _ERRNO | _EPERM),
        _step(_GIVE, 0, 0, _ALLOW),
    ]


def _judge_program(column: int) -> list[bytes]:
    return [
        *_refusing([_ABSENT["clone3"]], column, _ENOSYS),
        *_refusing([*_REFUSED.values(), *_OF_OTHERS.values()], column, _EPERM),
        *_own_limits_only(column),
        _step(_EQUAL, 0, 3, _CLONE[column]),
        _step(_LOAD, 0, 0, 16),  # its first argument, the flags
        _step(_ANY_BIT, 1, 0, _CLONE_THREAD),
        _step(_GIVE, 0, 0, _ERRNO | _EPERM),
        _step(_GIVE, 0, 0, _ALLOW),
    ]


def _own_limits_only(column: int) -> list[bytes]:
    return [
        _step(_EQUAL, 0, 4, _PRLIMIT[column]),
        _step(_LOAD, 0, 0, 16),  # its first argument: another process, or 0 for this one
        _step(_EQUAL, 1, 0, 0),
        _step(_GIVE, 0, 0, _ERRNO | _EPERM),
        _step(_GIVE, 0, 0, _ALLOW),
    ]
