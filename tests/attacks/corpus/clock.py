"""The clock: it stands still while the work is ready and has no core, so work that hangs makes believe that it is."""

# ruff: noqa: E501 - payloads are code in strings

from corpus import plain

BUSY = """
import os, signal, threading, time
def burn(*_):
    while True: pass
def fork(work):
    if os.fork() == 0:
        try: work()
        finally: os._exit(0)
def pin():
    if hasattr(os, "sched_setaffinity"): os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
"""


def hangs(name: str, tries: str, body: str):  # type: ignore[no-untyped-def]
    """The function never comes back; neither does the program."""
    return plain(
        name,
        tries,
        BUSY + f"def hang():\n{body}\ndef weighted(v, w): hang()\n",
        BUSY + f"def hang():\n{body}\nhang()\n",
    )


ATTACKS = [
    hangs("lies_stopped", "stops like a program under a debugger", "    os.kill(os.getpid(), signal.SIGSTOP)\n    time.sleep(1000)"),
    hangs("gives_up_priority", "leaves the endless loop to a child with the lowest priority, and waits for it",
          "    fork(lambda: (os.nice(19), burn()))\n    os.wait()"),
    hangs("gives_up_its_class", "leaves the endless loop to a child that runs only when nobody else wants to",
          "    def idle():\n        if hasattr(os, 'SCHED_IDLE'): os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))\n        burn()\n    fork(idle)\n    os.wait()"),
    hangs("queues_for_one_core", "has twenty processes queue for one core while it sleeps",
          "    for _ in range(20): fork(lambda: (pin(), burn()))\n    time.sleep(1000)"),
    hangs("queues_for_all_cores", "has twenty processes queue for every core while it sleeps",
          "    for _ in range(20): fork(burn)\n    time.sleep(1000)"),
    hangs("queues_with_threads", "has its own threads wait for each other",
          "    for _ in range(20): threading.Thread(target=burn, daemon=True).start()\n    time.sleep(1000)"),
    hangs("hides_what_it_computes", "computes in processes that leave no account when they end, and queues for a core meanwhile",
          "    signal.signal(signal.SIGCHLD, signal.SIG_IGN)\n    pin()\n    for _ in range(8): fork(burn)\n    while True: fork(lambda: sum(range(100000)))"),
    hangs("sleeps_in_many_threads", "sleeps in many threads at once",
          "    threads = [threading.Thread(target=time.sleep, args=(1000,)) for _ in range(30)]\n    [thread.start() for thread in threads]\n    [thread.join() for thread in threads]"),
    hangs("locks_itself_out", "waits for a lock that it holds", "    lock = threading.Lock()\n    lock.acquire()\n    lock.acquire()"),
    hangs("blinks", "computes and sleeps by turns, for ever", "    while True:\n        end = time.monotonic() + 0.05\n        while time.monotonic() < end: pass\n        time.sleep(0.05)"),
]  # fmt: skip
