"""Damage to whoever is graded next: what stays in folders, caches, tables of the kernel or the warm parent."""

# ruff: noqa: E501 - payloads are code in strings

from corpus import LANDLOCK, LIMITS, plain

PLACES = ("/dev", "/dev/shm", "/run", "/", "/var/tmp", "/tmp", "/workspace", "/etc", "@home@", "/proc/sys/kernel")
LEAVE = f"""
PLACES = {PLACES!r}
def leave(places=PLACES):
    for place in places:
        try:
            with open(place + "/@trace@", "w") as file: file.write("x")
        except OSError as error: print(place, error.strerror)
def look(places=PLACES):
    for place in places:
        if os.path.exists(place + "/@trace@"): broken(place)
        try: os.unlink(place + "/@trace@")
        except OSError: pass
"""
CACHES = """
CACHES = [os.environ[n] for n in ("HOME", "TMPDIR", "XDG_CACHE_HOME", "TORCHINDUCTOR_CACHE_DIR", "WANDB_DATA_DIR", "DVC_SITE_CACHE_DIR", "MPLCONFIGDIR")]
def leave():
    for place in CACHES:
        os.makedirs(place, exist_ok=True)
        with open(place + "/@trace@", "w") as file: file.write("x")
def look():
    for place in CACHES:
        if os.path.exists(place + "/@trace@"): broken(place)
"""
PACKAGES = """
import sysconfig, mlops_grade, mlops_course
PLACES = [sysconfig.get_path("purelib"), sysconfig.get_path("stdlib"), mlops_grade.__path__[0], mlops_course.__path__[0], "/usr/lib", "/usr/local/bin", "/usr/local/lib"]
"""
ATTACKS = [
    plain("files_left", "leaves files wherever it may write", LEAVE + "leave()\n", follow_up=LEAVE + "look()\n",
          opens=(LANDLOCK,), spares=(LIMITS,)),
    plain("files_left_by_user", "leaves a file in the user's home", LEAVE + "leave(['@home@'])\n", opens=(LIMITS,)),
    plain("caches", "poisons the caches of torch, wandb, DVC and matplotlib", CACHES + "leave()\n", follow_up=CACHES + "look()\n"),
    plain("packages", "writes into the installed packages and the grader itself", LEAVE + PACKAGES + "leave(PLACES)\n",
          follow_up=LEAVE + PACKAGES + "look(PLACES)\n", spares=(LIMITS,)),
    plain("patches_stay", "patches modules, in the hope that the next one is forked from it",
          "import json\njson.poisoned = True\nos.environ['POISONED'] = '1'\n",
          follow_up="import json\nif hasattr(json, 'poisoned') or 'POISONED' in os.environ: broken('patched')\n"),
    plain("kernel_tables", "leaves shared memory, message queues and semaphores", "import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\n"
          "libc.shmget(0x4D4C, 4096, 0o1666)\nlibc.msgget(0x4D4C, 0o1666)\n",
          follow_up="import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\n"
          "q = libc.msgget(0x4D4C, 0)\nif q >= 0: broken('a message queue'); libc.msgctl(q, 0, 0)\n"
          "if libc.shmget(0x4D4C, 0, 0) >= 0: broken('shared memory')\n", opens=(LANDLOCK,), spares=(LIMITS,)),
    plain("takes_the_port", "keeps a port, in a daemon", "import socket, time\nif os.fork() == 0:\n    s = socket.socket(); s.bind(('127.0.0.1', 28473)); s.listen()\n    time.sleep(60)\n",
          follow_up="import socket\ntry: socket.create_connection(('127.0.0.1', 28473), 1); broken('the port')\nexcept OSError: pass\n"),
]  # fmt: skip
