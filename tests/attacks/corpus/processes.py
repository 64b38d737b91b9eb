"""Processes that stay, multiply, or go for those above them."""

# ruff: noqa: E501 - payloads are code in strings

from corpus import LIMITS, plain

# The range looks for processes of this name when the verdict is there.
NAME = """
import ctypes, signal, time
libc = ctypes.CDLL(None)
def named():
    libc.prctl(15, b"@trace@"[:15], 0, 0, 0)
def linger():
    named()
    for fd in range(64):
        try: os.close(fd)
        except OSError: pass
    while True: time.sleep(1)
"""
ATTACKS = [
    plain("daemon", "leaves a daemon behind, forked twice, in a session of its own",
          NAME + "if os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0: linger()\n    os._exit(0)\n"),
    plain("without_death_signal", "takes off the signal that its parent's death would send",
          NAME + "if os.fork() == 0:\n    libc.prctl(1, 0, 0, 0, 0)\n    os.setsid()\n    linger()\n"),
    plain("ignores_signals", "ignores every signal that can be ignored, in a daemon that starts itself anew",
          NAME + "if os.fork() == 0:\n    libc.prctl(1, 0, 0, 0, 0)\n    named()\n    os.setsid()\n"
          "    for n in range(1, 65):\n        try: signal.signal(n, signal.SIG_IGN)\n        except (OSError, ValueError): pass\n"
          "    end = time.time() + 60\n    while time.time() < end:\n        time.sleep(0.02)\n        if os.fork(): os._exit(0)\n"),
    plain("holds_the_pipe", "a daemon keeps the program's output open", "",
          NAME + "if os.fork() == 0:\n    named(); time.sleep(60)\nprint('done')\n"),
    plain("stops_itself", "stops itself in the middle of a call", "import signal\ndef weighted(v, w): os.kill(os.getpid(), signal.SIGSTOP)\n"),
    plain("kills_its_supervisor", "kills the process above it", "import signal\nos.kill(os.getppid(), signal.SIGKILL)\n"),
    plain("stops_its_supervisor", "stops the process above it", "import signal\nos.kill(os.getppid(), signal.SIGSTOP)\n"),
    plain("signals_to_supervisor", "sends every signal to the process above it",
          "for n in range(1, 65):\n    try:\n        if n not in (9, 19): os.kill(os.getppid(), n)\n    except OSError: pass\n"),
    plain("kills_its_group", "kills its process group and session", "import signal\nos.killpg(0, signal.SIGKILL)\n"),
    plain("kills_everything", "kills whatever it may", "import signal\nos.kill(-1, signal.SIGKILL)\n", spares=(LIMITS,)),
    plain("kills_those_above", "kills the keeper and the warm parent",
          "pid, above = os.getpid(), []\nfor _ in range(3):\n    try: pid = int(open(f'/proc/{pid}/stat').read().rsplit(')', 1)[1].split()[1])\n"
          "    except (OSError, ValueError): break\n    above.append(pid)\nfor pid in above[:0:-1]:\n"
          "    try: os.kill(pid, 9); broken(f'killed {pid}')\n    except OSError as error: print(pid, error)\n", spares=(LIMITS,)),
    plain("limits_of_others", "takes processor time from the processes above it by prlimit", "import resource\n"
          "pid = int(open(f'/proc/{os.getppid()}/stat').read().rsplit(')', 1)[1].split()[1]) if os.getppid() > 1 else 1\n"
          "try: resource.prlimit(pid, resource.RLIMIT_NOFILE); broken('prlimit')\nexcept OSError as error: print(error)\n", opens=(LIMITS,)),
    plain("fork_bomb", "forks without end", NAME + "import itertools\nfor _ in range(900):\n"
          "    try:\n        if os.fork() == 0: named(); time.sleep(30); os._exit(0)\n    except OSError: time.sleep(0.001)\n"
          "time.sleep(2)\n"),
    plain("thread_bomb", "starts threads without end", "import threading, time\nthreading.stack_size(64 << 10)\nfor _ in range(900):\n"
          "    try: threading.Thread(target=time.sleep, args=(30,), daemon=True).start()\n    except RuntimeError: break\ntime.sleep(2)\n"),
    plain("zombies", "leaves a hundred dead children that nobody buries", "for _ in range(100):\n    if os.fork() == 0: os._exit(0)\n"),
    plain("namespaces_of_its_own", "makes user and mount namespaces, in which it would be root", "import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\n"
          "if os.fork() == 0:\n    if libc.unshare(0x10000000 | 0x00020000) == 0: broken('unshare')\n    os._exit(0)\nos.wait()\n", spares=(LIMITS,)),
    plain("raw_sockets", "uses capabilities: raw sockets, the loopback interface, owners of files", "import socket, fcntl, struct\n"
          "def tried(what, f):\n    try: f(); broken(what)\n    except OSError as error: print(what, error)\n"
          "tried('raw socket', lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1))\n"
          "tried('lo down', lambda: fcntl.ioctl(socket.socket(socket.AF_INET, socket.SOCK_DGRAM), 0x8914, struct.pack('16sH14s', b'lo', 0x41, b'')))\n"
          "open('mine', 'w').close(); tried('chown', lambda: os.chown('mine', 12345, 12345))\n"),
]  # fmt: skip
