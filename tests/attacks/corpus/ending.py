"""Ending the process early, in every way, so that nothing is left to fail."""

# ruff: noqa: E501 - payloads are code in strings

from corpus import plain

ATTACKS = [
    plain("exit_at_import", "leaves with status 0 while it is imported", "os._exit(0)", "os._exit(0)"),
    plain("system_exit", "raises SystemExit(0), which ends a runner that does not expect it", "sys.exit(0)", "sys.exit(0)"),
    plain("keyboard_interrupt", "raises KeyboardInterrupt, which ends pytest", "raise KeyboardInterrupt"),
    plain("kills_itself", "sends itself SIGKILL", "os.kill(os.getpid(), 9)", "os.kill(os.getpid(), 9)"),
    plain("segmentation_fault", "reads from address 0", "import ctypes; ctypes.string_at(0)"),
    plain("aborts", "calls abort()", "os.abort()", "os.abort()"),
    plain("becomes_true", "replaces the process by /bin/true", "os.execv('/bin/true', ['true'])", "os.execv('/bin/true', ['true'])"),
    plain(
        "exits_from_a_thread", "a thread leaves with status 0 in the middle of a call",
        "import threading, time\ndef weighted(values, weights):\n"
        "    threading.Timer(0.05, os._exit, (0,)).start(); time.sleep(9)\n",
    ),
    plain(
        "overflows_the_stack", "recurses until the C stack ends",
        "sys.setrecursionlimit(1 << 30)\ndef weighted(values, weights):\n"
        "    x = ()\n    for _ in range(10**6): x = (x,)\n    hash(x)\n    return weighted(values, weights)\n",
    ),
    plain(
        "pytest_outcomes", "raises pytest's own skip and exit",
        "import pytest\ndef weighted(values, weights):\n    pytest.skip('not needed')\n"
        "def runs(text):\n    raise pytest.exit.Exception('done', 0)\n"
        "class Counter:\n    def __init__(self): pytest.xfail('known')\n",
    ),
    plain("ends_at_exit", "leaves with status 0 from an exit handler after a failure", "",
          "import atexit; atexit.register(os._exit, 0)\nprint('no number')\nraise SystemExit(1)"),
]  # fmt: skip
