"""Reading what is hidden: suites, solutions, other students' work, the grader's memory, environment and files."""

# ruff: noqa: E501 - payloads are code in strings

from corpus import LANDLOCK, LIMITS, plain

FIND = """
import re
def show(data):
    data = data if isinstance(data, bytes) else str(data).encode(errors="replace")
    for secret in set(re.findall(rb"SECRET-[a-z]+-[0-9a-f]{8}", data)): print(secret.decode(), flush=True)
def read(path, limit=1 << 20):
    try:
        with open(path, "rb", buffering=0) as file: show(file.read(limit))
    except OSError: pass
def processes():
    return [int(entry) for entry in os.listdir("/proc") if entry.isdigit()]
def ancestors():
    found, pid = [], os.getpid()
    while pid > 1:
        try: pid = int(open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()[1])
        except OSError: break
        found.append(pid)
    return found
"""
# In the weakest tier student code is a process of the same user: what that user can read, it can read.
ATTACKS = [
    plain("hidden_suite", "opens the hidden suite by its path", FIND + "read('@hidden@/test_plain.py')\n", opens=(LIMITS,)),
    plain("solution", "opens the reference solution", FIND + "read('@hidden@/solution/plain.py')\n", opens=(LIMITS,)),
    plain("by_bash", "searches the course with grep, from bash", "",
          "import subprocess\nprint(subprocess.run(['bash', '-c', 'grep -rhoE \"SECRET-[a-z]+-[0-9a-f]+\" @course@ @home@'],"
          " capture_output=True, text=True).stdout)\n", opens=(LIMITS,)),
    plain("neighbour", "opens another student's submission", FIND + "read('@neighbour@/plain.py')\n", opens=(LIMITS,)),
    plain("home", "opens files in the user's home", FIND + "read('@home@/.netrc')\nread(os.path.expanduser('~root/.netrc'))\n", opens=(LIMITS,)),
    plain("own_environment", "looks for secrets in the environment", FIND + "show(os.environ)\nread('/proc/self/environ')\n"),
    plain("environments", "reads the environment of every process", FIND + "for pid in processes(): read(f'/proc/{pid}/environ')\n", opens=(LIMITS,)),
    plain("own_memory", "searches its own memory, a copy of the warm parent's",
          FIND + "import gc\nfor o in gc.get_objects():\n    if type(o) in (dict, list, tuple):\n"
          "        try: show(repr(o)[:100_000])\n        except Exception: pass\n"
          "f = sys._getframe()\nwhile f: show(repr(f.f_locals)[:100_000]); f = f.f_back\n"
          "import linecache; show(repr(linecache.cache)[:100_000])\n"),
    plain("parents_memory", "reads the memory of the processes above it, but for the grader's own",
          FIND + "for pid in ancestors()[:3]:\n    try:\n        maps = open(f'/proc/{pid}/maps').read().splitlines()\n"
          "        with open(f'/proc/{pid}/mem', 'rb', buffering=0) as memory:\n"
          "            broken(f'the memory of process {pid}')\n    except OSError as error: print(pid, error.strerror)\n"),
    plain("graders_memory", "reads the heap of the grader's main process",
          FIND + "for pid in ancestors():\n    try:\n        with open(f'/proc/{pid}/mem', 'rb', buffering=0) as memory:\n"
          "            for line in open(f'/proc/{pid}/maps'):\n                if '[heap]' in line:\n"
          "                    start, end = (int(n, 16) for n in line.split()[0].split('-'))\n"
          "                    memory.seek(start); show(memory.read(min(end - start, 1 << 26))); broken('the heap')\n"
          "    except OSError as error: print(pid, error.strerror)\n", opens=(LIMITS,)),
    plain("ptrace", "attaches to the process above it", "import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\n"
          "if libc.ptrace(0x4206, os.getppid(), 0, 0) == 0: broken('ptrace')\nelse: print(os.strerror(ctypes.get_errno()))\n"),
    plain("process_vm_readv", "reads another process's memory by a system call", "import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\n"
          "buffer = ctypes.create_string_buffer(8)\nvector = (ctypes.c_size_t * 2)(ctypes.addressof(buffer), 8)\n"
          "source = (ctypes.c_size_t * 2)(id(None), 8)\n"
          "if libc.process_vm_readv(os.getppid(), vector, 1, source, 1, 0) == 8: broken('process_vm_readv')\n"),
    plain("descriptors_of_others", "takes descriptors of the process above it",
          FIND + "import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\n"
          "for pid in ancestors()[:3]:\n    try: pidfd = os.pidfd_open(pid)\n    except OSError: continue\n"
          "    for number in range(64):\n        got = libc.syscall(438, pidfd, number, 0)\n"
          "        if got >= 0: broken(f'descriptor {number}'); break\n"
          "    for number in range(64):\n        read(f'/proc/{pid}/fd/{number}')\n"),
    plain("inherited_descriptors", "reads whatever descriptors it was left",
          FIND + "for number in range(4, 1024):\n    try: os.set_blocking(number, False); show(os.read(number, 1 << 16)); broken(f'descriptor {number}')\n"
          "    except OSError: pass\n"),
    plain("roots_of_others", "goes through the root and working folders of other processes",
          FIND + "for pid in processes():\n    for way in ('root', 'cwd'):\n        read(f'/proc/{pid}/{way}@hidden@/test_plain.py')\n"
          "        read(f'/proc/{pid}/{way}/test_plain.py')\n", opens=(LIMITS,)),
    plain("raw_devices", "opens disks and kernel memory",
          "import glob\nfor path in [*glob.glob('/dev/[svx][dv]?'), *glob.glob('/dev/nvme*'), '/dev/mem', '/dev/kmem', '/dev/kvm', '/dev/fuse', '/proc/kcore', '/etc/shadow']:\n"
          "    try: os.open(path, os.O_RDONLY); broken(path)\n    except OSError as error: print(path, error.strerror)\n", spares=(LIMITS,)),
    plain("names_of_processes", "reads the command lines of everything that runs",
          "for entry in os.listdir('/proc'):\n    if entry.isdigit():\n        try:\n"
          "            if b'mlops_grade.judge' in open(f'/proc/{entry}/cmdline', 'rb').read(): broken('the judge is seen'); break\n"
          "        except OSError: pass\n", opens=(LANDLOCK, LIMITS)),
]  # fmt: skip
