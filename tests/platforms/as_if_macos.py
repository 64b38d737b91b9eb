"""Takes away from a Python on Linux what one on a Mac does not have. Loaded first by every interpreter of `a_mac`.

It goes by what CPython leaves out there (the `Availability` notes of os, signal, socket, select, resource) and by what
the system lacks: /proc, prctl and its kind, abstract sockets, limits on memory that are kept. What it cannot take away:
libraries compiled for Linux, the tools of GNU, a file system that tells a from A, and what a fork does to frameworks.
"""

from __future__ import annotations

import ctypes
import errno
import os
import resource
import select
import selectors
import signal
import socket
import sys
import sysconfig
import types
from collections.abc import Callable
from typing import Any

#: By module; a name that ends with * stands for all that begin so.
MISSING = {
    os: """
        memfd_create MFD_* pidfd_open PIDFD_* unshare setns CLONE_* sched_* SCHED_* getresuid getresgid setresuid
        setresgid pipe2 eventfd* EFD_* timerfd_* TFD_* copy_file_range splice SPLICE_* getrandom GRND_* posix_fadvise
        posix_fallocate POSIX_FADV_* getxattr setxattr listxattr removexattr XATTR_* O_PATH O_TMPFILE O_DIRECT
        O_LARGEFILE O_NOATIME
    """,
    signal: "pidfd_send_signal sigtimedwait sigwaitinfo SIGRTMIN SIGRTMAX SIGSTKFLT SIGPWR",
    socket: "SO_PEERCRED SO_PEERSEC SO_BINDTODEVICE SOCK_CLOEXEC SOCK_NONBLOCK AF_NETLINK AF_PACKET AF_VSOCK AF_CAN "
    "AF_ALG AF_TIPC MSG_CMSG_CLOEXEC MSG_ERRQUEUE",
    select: "epoll EPOLL*",
    resource: "prlimit RLIMIT_MSGQUEUE RLIMIT_NICE RLIMIT_OFILE RLIMIT_RTPRIO RLIMIT_RTTIME RLIMIT_SIGPENDING",
}
OF_LINUX_LIBC = ("prctl", "unshare", "setns", "mount", "capset", "capget", "syscall", "memfd_create", "pidfd_open")
KEPT_BY_NOBODY = ("RLIMIT_AS", "RLIMIT_DATA", "RLIMIT_RSS")
#: Packages that look for another system's compiled part than the one that is installed.
COMPILED_FOR_LINUX = ("psutil",)


def take_away() -> None:
    sysconfig.get_config_vars()  # kept from now on: what this Python was built with is found by the system's name
    sys.platform = "darwin"
    for module, names in MISSING.items():
        for name in names.split():
            for each in [
                each for each in dir(module) if each == name or (name[-1] == "*" and each.startswith(name[:-1]))
            ]:
                delattr(module, each)
    _no_proc()
    _no_selector_across_a_fork()
    _framework_that_does_not_survive_a_fork()
    _no_calls_of_linux()
    _no_limit_on_memory()
    sys.addaudithook(_refuse)
    sys.meta_path.insert(0, _OnLinuxAfterAll())


def _within_proc(path: Any) -> bool:
    if not isinstance(path, str | bytes | os.PathLike):
        return False
    text = os.fsdecode(path)
    return text == "/proc" or text.startswith("/proc/")


def _no_proc() -> None:
    """What is asked of /proc by way of `os`; what opens or lists it is seen by the audit hook."""
    for name in ("stat", "lstat", "access", "readlink", "statvfs"):
        setattr(os, name, _blind(getattr(os, name), denies=name == "access"))
    for functions in (os.supports_dir_fd, os.supports_fd, os.supports_follow_symlinks, os.supports_effective_ids):
        functions.update(getattr(os, name) for name in ("stat", "access", "readlink"))


def _blind(function: Callable[..., Any], denies: bool) -> Callable[..., Any]:
    def blind(path: Any, *arguments: Any, **named: Any) -> Any:
        if _within_proc(path):
            if denies:
                return False
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
        return function(path, *arguments, **named)

    return blind


def _no_selector_across_a_fork() -> None:
    """The best selector is kqueue's, and a forked child has no kqueue: what it asks of one fails (kqueue(2))."""

    class AsOfKqueue(selectors.PollSelector):
        def __init__(self) -> None:
            super().__init__()
            self._maker = os.getpid()

        def _still_there(self) -> None:
            if os.getpid() != self._maker:
                raise OSError(errno.EBADF, os.strerror(errno.EBADF))

        def register(self, *arguments: Any, **named: Any) -> Any:
            self._still_there()
            return super().register(*arguments, **named)

        def select(self, timeout: float | None = None) -> Any:
            self._still_there()
            return super().select(timeout)

        def close(self) -> None:
            self._still_there()
            super().close()

    selectors.DefaultSelector = AsOfKqueue  # type: ignore[misc]
    del selectors.EpollSelector


def _framework_that_does_not_survive_a_fork() -> None:
    """What urllib asks for proxies there: it ends a process that was forked since it was loaded (bpo-30385)."""
    loaded_in = os.getpid()

    def ask() -> dict[str, str]:
        if os.getpid() != loaded_in:
            os.kill(os.getpid(), signal.SIGSEGV)
        return {}

    framework: Any = types.ModuleType("_scproxy")
    framework._get_proxies = framework._get_proxy_settings = ask
    sys.modules["_scproxy"] = framework


def _no_calls_of_linux() -> None:
    real = ctypes.CDLL.__getattr__

    def found(library: ctypes.CDLL, name: str) -> Any:
        if library._name is None and name in OF_LINUX_LIBC:
            raise AttributeError(f"dlsym(RTLD_DEFAULT, {name}): symbol not found")
        return real(library, name)

    ctypes.CDLL.__getattr__ = found  # type: ignore[method-assign]


def _no_limit_on_memory() -> None:
    """The system takes these limits and does not keep them."""
    real = resource.setrlimit
    ignored = {getattr(resource, name) for name in KEPT_BY_NOBODY}

    def set_limit(which: int, limits: tuple[int, int]) -> None:
        if which not in ignored:
            real(which, limits)

    resource.setrlimit = set_limit


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    if event in ("open", "os.listdir", "os.scandir", "os.chdir") and _within_proc(arguments[0]):
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), arguments[0])
    if event in ("socket.bind", "socket.connect"):
        address = arguments[1]
        if isinstance(address, str | bytes) and address[:1] in ("\0", b"\0"):
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), "an abstract socket")


class _OnLinuxAfterAll:
    """Has a package that was compiled for Linux see Linux while it is loaded."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        if name.partition(".")[0] not in COMPILED_FOR_LINUX:
            return None
        from importlib.machinery import PathFinder

        spec = PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            real = spec.loader.exec_module

            def execute(module: Any) -> None:
                sys.platform, before = "linux", sys.platform
                try:
                    real(module)
                finally:
                    sys.platform = before

            spec.loader.exec_module = execute  # type: ignore[method-assign]
        return spec


take_away()
