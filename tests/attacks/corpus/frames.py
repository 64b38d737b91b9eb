"""Bytes on the worker's descriptors: forged, replayed, huge, deep, late, or none at all; and values that cost a lot."""

# ruff: noqa: E501 - payloads are code in strings

from corpus import plain

SEND = """
import json, socket, struct
def frame(header, body=b""):
    header = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<II", len(header), len(body)) + header + body
def send(data):
    try:
        socket.socket(fileno=os.dup(3)).sendall(data)
    except OSError:
        pass
"""
ATTACKS = [
    plain("garbage_everywhere", "writes garbage to every descriptor",
          "for fd in range(256):\n    try: os.write(fd, b'\\xff' * 4096)\n    except OSError: pass\n"),
    plain("answer_in_advance", "answers the next questions before they are asked",
          SEND + "for turn in range(1, 9): send(frame({'T': [turn, True, True]}))\n"),
    plain("wrong_turn", "answers with numbers that were never given",
          SEND + "for turn in (-1, 0, 10**9, 'x', None, 1.5): send(frame({'T': [turn, True, 1]}))\n"),
    plain("lengths_of_gigabytes", "announces a frame of four gigabytes", SEND + "send(struct.pack('<II', 2**32 - 1, 2**32 - 1))\n"),
    plain("deep_header", "nests a hundred thousand lists", SEND + "send(frame(b'[' * 100_000 + b']' * 100_000))\n"),
    plain("millions_of_nodes", "sends a header of thirty million bytes of empty lists",
          SEND + "send(frame(b'[' + b'[],' * 10_000_000 + b'[]]'))\n"),
    plain("odd_numbers", "sends integers of a million digits, NaN, infinities and 1e999",
          SEND + "send(frame(b'{\"T\": [1, true, ' + b'9' * 1_000_000 + b']}'))\n"
          "def runs(t): send(frame(b'{\"T\": [2, true, NaN]}'))\n"),
    plain("lying_shapes", "sends arrays whose shape and bytes disagree",
          SEND + "send(frame({'T': [1, True, {'N': ['float64', [2**30, 2**30, 0], 0]}]}))\n"
          "send(frame({'T': [1, True, {'X': ['float32', [-1, 4], 16]}]}, bytes(16)))\n"),
    plain("unknown_tags", "sends tags that name methods and attributes of the decoder",
          SEND + "for tag in ('_take', 'value', '__init__', 'H', 'Z', '__class__'): send(frame({'T': [1, True, {tag: [1, 2, 3]}]}))\n"),
    plain("colliding_keys", "sends keys that all have the same hash",
          SEND + "send(frame({'T': [1, True, {'S': [{'I': hex(n * (2**61 - 1))} for n in range(20_000)]}]}))\n"),
    plain("closes_everything", "closes every descriptor, so that no answer can come", "os.closerange(0, 1024)\n"),
    plain("null_over_the_wire", "puts /dev/null in the wire's place", "os.dup2(os.open('/dev/null', os.O_RDWR), 3)\n"),
    plain("byte_by_byte", "sends its answer so slowly that it never ends",
          SEND + "import time\ndef weighted(v, w):\n    data = frame({'T': [2, True, 1]})\n    for byte in data:\n"
          "        send(bytes([byte])); time.sleep(1)\n"),
    plain("reads_the_questions", "takes the judge's questions off the wire itself",
          SEND + "def weighted(v, w):\n    s = socket.socket(fileno=os.dup(3)); s.settimeout(0.3)\n"
          "    try: print(s.recv(1 << 16))\n    except OSError: pass\n    send(frame({'T': [99, True, 1]}))\n"),
    plain("nine_dimensions", "gives an array whose printed form has ten million numbers",
          "import numpy\ndef runs(t): return numpy.zeros((7,) * 8, dtype='int8')\n"),
    plain("text_to_compare", "gives long texts that a line-by-line comparison takes hours for",
          "def runs(t): return '\\n'.join('ab' * (n % 99) for n in range(60_000))\n",
          "print('\\n'.join('ab' * (n % 99) for n in range(30_000)))"),
    plain("wide_texts", "gives a list of texts that becomes an array of terabytes",
          "def weighted(v, w): return ['a' * 4_000_000] + ['b'] * 100_000\n"),
    plain("bytes_to_print", "gives 100 MiB of bytes where a list is due", "def runs(t): return bytes(100 << 20)\n"),
    plain("many_large_answers", "gives as much as may cross, again and again",
          "class Counter:\n    add = lambda s, a: [bytes(1 << 24)] * 9\n    total = lambda s: bytes(1 << 27)\n"),
]  # fmt: skip
