"""Using up the disk, memory file systems, inodes, memory, processor and pipes."""

# ruff: noqa: E501 - payloads are code in strings

from corpus import LANDLOCK, LIMITS, plain

ALLOCATE = """
def filled(folder, count=4, each=200 << 20):
    done = 0
    try:
        for n in range(count):
            with open(f"{folder}/big{n}", "wb") as file: os.posix_fallocate(file.fileno(), 0, each)
            done += each
    except OSError as error: print(folder, error.strerror)
    finally:
        for n in range(count):
            try: os.unlink(f"{folder}/big{n}")
            except OSError: pass
    return done >> 20
"""
ATTACKS = [
    plain("fills_the_workspace", "fills the disk by way of its workspace", ALLOCATE + "if filled('.') > 600: broken('600 MiB')\n", opens=(LANDLOCK, LIMITS)),
    plain("fills_temporary_folders", "fills the disk by way of its temporary folder", ALLOCATE + "import tempfile\n"
          "if filled(tempfile.gettempdir()) > 600: broken('600 MiB')\n", opens=(LANDLOCK, LIMITS)),
    plain("one_huge_file", "writes a file of a gigabyte", ALLOCATE + "if filled('.', 1, 1 << 30): broken('1 GiB')\n"),
    plain("inodes", "makes files until there is no inode left", "n = 0\ntry:\n    for n in range(30_000): os.mknod(f'f{n}')\n    broken('30,000 files')\n"
          "except OSError as error: print(n, error.strerror)\n", spares=(LANDLOCK, LIMITS)),
    plain("memory_at_once", "asks for four gigabytes", "data = bytearray(4 << 30)\n"),
    plain("memory_in_steps", "takes memory in a call until there is none", "def weighted(v, w):\n    kept = []\n    while True: kept.append(bytearray(1 << 24))\n"),
    plain("memory_of_many", "takes memory in many processes, each within its limit",
          "import time\nfor _ in range(6):\n    if os.fork() == 0:\n        data = bytearray(os.urandom(1 << 20)) * 180; time.sleep(20); os._exit(0)\n"
          "def weighted(v, w): time.sleep(2.5); broken('a gigabyte')\nrunning = weighted(0, 0)\n"),
    plain("shared_memory", "takes shared memory, which no limit of a process counts",
          "import mmap, time\nm = mmap.mmap(-1, 600 << 20)\nfor n in range(0, len(m), 4096): m[n] = 1\ntime.sleep(1)\nbroken('600 MiB')\n"),
    plain("anonymous_files", "takes memory in files without a name or a mapping", "import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\n"
          "try: fd = os.memfd_create('x'); broken('memfd')\nexcept OSError as error: print(error)\n"
          "if libc.shmget(0, 1 << 20, 0o1600) >= 0: broken('shmget')\n", opens=(LIMITS,)),
    plain("floods_output", "prints without end", "", "while True: os.write(1, b'x' * 65536)\n"),
    plain("floods_errors", "prints to standard error without end, in the middle of a call", "def weighted(v, w):\n    while True: os.write(2, b'y' * 65536)\n"),
    plain("prints_spaces", "prints a megabyte of spaces, which a pattern of ours could go over for hours", "", "print(' ' * 1_000_000 + 'x')\nsys.exit(3)\n"),
    plain("prints_quotation_marks", "prints a megabyte of quotation marks", "", "print('\"\\'' * 500_000)\nsys.exit(3)\n"),
    plain("open_files", "opens files until it may not", "kept = []\ntry:\n    while len(kept) < 5000: kept.append(os.open('/dev/null', 0))\n    broken('5,000 files')\nexcept OSError as error: print(error)\n"),
    plain("regular_expression", "has the regular expression engine run for years", "import re\ndef weighted(v, w): re.match(r'(a+)+$', 'a' * 60 + 'b')\n"),
    plain("folders_too_deep", "nests folders deeper than a path can name them", "for n in range(1500):\n    os.mkdir('d'); os.chdir('d')\n"),
    plain("locked_folders", "leaves folders that nobody may enter", "os.makedirs('a/b/c')\nopen('a/b/c/x', 'w').close()\nos.chmod('a/b/c', 0); os.chmod('a/b', 0); os.chmod('a', 0)\n"),
]  # fmt: skip
