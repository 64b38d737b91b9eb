"""Changing the tools that a test would use, and the worker itself, from within."""

# ruff: noqa: E501 - payloads are code in strings

from corpus import network, plain

ATTACKS = [
    plain("builtins", "replaces all, any, abs, sum, isinstance and the comparison of floats",
          "import builtins\nfor n in ('all', 'any', 'isinstance', 'callable'): setattr(builtins, n, lambda *a: True)\n"
          "for n in ('abs', 'sum', 'round', 'max'): setattr(builtins, n, lambda *a, **k: 0)\n"),
    plain("math_and_numpy", "makes isclose and allclose always true",
          "import math, numpy\nmath.isclose = numpy.allclose = numpy.isclose = numpy.array_equal = lambda *a, **k: True\n"),
    plain("json", "replaces json.dumps, through which the worker's answers go",
          "import json\njson.dumps = lambda *a, **k: '[1, true, true]'\njson.loads = lambda *a, **k: True\n"),
    plain("codec", "replaces the worker's encoder",
          "from mlops_grade.student import wire\nreal = wire.encode\n"
          "wire.encode = lambda value, *a: real((value[0], True, True) if type(value) is tuple and len(value) == 3 else True)\n"),
    plain("worker_loop", "finds the worker by way of the garbage collector and replaces what it does",
          "import gc\nfrom mlops_grade.student.worker import Bench\n"
          "for o in gc.get_objects():\n    if type(o) is Bench: o._sock = None\n"
          "Bench._do_call = lambda self, *a: True\nBench._substitute = lambda self, v: True\n"),
    plain("frames_upwards", "walks the stack up and changes what it finds in every frame",
          "f = sys._getframe()\nwhile f:\n    for k in list(f.f_globals):\n"
          "        if callable(f.f_globals[k]) and not k.startswith('_') and f.f_globals is not globals():\n"
          "            f.f_globals[k] = lambda *a, **k: True\n    f = f.f_back\n"),
    plain("os_and_socket", "replaces os.write, os._exit and the methods of sockets",
          "import socket\nos.write = os.read = lambda *a: b''\nos._exit = lambda *a: None\n"
          "socket.socket.sendmsg = lambda self, parts, *a: sum(map(len, parts))\n"),
    plain("import_hooks", "answers every import with itself, also that of the suite, pytest and the grader",
          "class Finder:\n    def find_spec(self, *a):\n        return None\n    def find_module(self, *a): return self\n"
          "sys.meta_path.insert(0, Finder())\nfor n in ('pytest', '_pytest', 'mlops_grade.suite', 'mlops_grade.judge', 'test_plain'):\n"
          "    sys.modules[n] = sys.modules[__name__]\n"),
    plain("seeds", "seeds every generator, to know the inputs", "import random\nrandom.seed(1)\nimport numpy; numpy.random.seed(1)\n"
          "numpy.random.default_rng = lambda *a: numpy.random.RandomState(0)\n"),
    network("torch", "patches allclose, testing, tensor arithmetic and the module's call", """
import torch
torch.allclose = torch.equal = lambda *a, **k: True
torch.testing.assert_close = lambda *a, **k: None
torch.Tensor.__eq__ = lambda s, o: torch.ones(())
torch.Tensor.detach = lambda s: s
nn.Module.__call__ = lambda s, x: torch.zeros(len(x), 10)
"""),
]  # fmt: skip
