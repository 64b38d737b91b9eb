"""Time: sleeping past deadlines, clocks that lie, answers that drip."""

# ruff: noqa: E501 - payloads are code in strings

from corpus import plain, service

ATTACKS = [
    plain("sleeps", "sleeps past the deadline", "import time\ndef weighted(v, w): time.sleep(1000)\n", "import time; time.sleep(1000)"),
    plain("loops", "computes for ever", "def weighted(v, w):\n    while True: pass\n"),
    plain("clocks_stand_still", "stops every clock it can reach, and loops",
          "import time\nfor n in ('time', 'monotonic', 'perf_counter', 'process_time', 'thread_time'): setattr(time, n, lambda: 0.0)\n"
          "time.sleep = lambda s: None\ndef weighted(v, w):\n    while time.monotonic() < 1: pass\n"),
    plain("sets_the_clock", "sets the machine's clock", "import time\ntry: time.clock_settime(time.CLOCK_REALTIME, time.time()); broken('the clock')\nexcept OSError as error: print(error)\n"),
    plain("blocks_the_import", "never gets through its import", instead="import time\nopen('/proc/self/status').read()\nimport signal\nsignal.alarm(0)\n"
          "def weighted(v, w):\n    import threading; lock = threading.Lock(); lock.acquire(); lock.acquire()\n"),
    plain("reads_for_ever", "waits for input that does not come", "", "import time\nr, w = os.pipe()\nos.read(r, 1)\n"),
    service("drips", "answers a byte at a time", """
import asyncio
async def app(scope, receive, send):
    if scope["type"] != "http": return
    await send({"type": "http.response.start", "status": 200, "headers": []})
    for _ in range(1000):
        await send({"type": "http.response.body", "body": b"1", "more_body": True})
        await asyncio.sleep(0.5)
"""),
    service("never_accepts", "listens and never takes a connection", "import time\ntime.sleep(1000)\n"),
]  # fmt: skip
