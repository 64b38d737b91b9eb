"""Objects that say they are equal to whatever they are compared with."""

# ruff: noqa: E501 - payloads are code in strings

from corpus import network, plain

AGREES = """
class Agrees:
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __hash__(self): return 0
    def __lt__(self, other): return True
    __gt__ = __le__ = __ge__ = __lt__
    def __sub__(self, other): return 0
    __rsub__ = __add__ = __radd__ = __sub__
    def __abs__(self): return 0
    def __float__(self): return 0.0
    def __bool__(self): return True
    def __contains__(self, item): return True
    def __getattr__(self, name):
        if name.startswith("__"): raise AttributeError(name)
        return self
    def __call__(self, *arguments, **named): return self
    def __len__(self): return 1
    def __iter__(self): return iter([self])
"""
ATTACKS = [
    plain("always_equal", "gives back an object that equals everything",
          AGREES + "def weighted(v, w): return Agrees()\ndef runs(t): return Agrees()\nCounter = Agrees"),
    plain("module_always_equal", "puts such an object in the module's place",
          AGREES + "sys.modules[__name__] = Agrees()"),
    plain("int_subclass", "gives an int whose comparison lies",
          "class Lie(int):\n    __eq__ = lambda s, o: True\n    __ne__ = lambda s, o: False\n    __hash__ = int.__hash__\n"
          "    __int__ = lambda s: 5\n    __index__ = lambda s: 5\n"
          "class Counter:\n    add = lambda s, a: None\n    total = lambda s: Lie(0)\n"),
    plain("float_subclass", "gives a float whose arithmetic lies",
          "class Lie(float):\n    __eq__ = lambda s, o: True\n    __sub__ = __rsub__ = lambda s, o: 0.0\n"
          "    __hash__ = float.__hash__\ndef weighted(v, w): return Lie('nan')\n"),
    plain("list_subclass", "gives a list whose comparison and iteration lie",
          "class Lie(list):\n    __eq__ = lambda s, o: True\n    __iter__ = lambda s: iter(())\n    __len__ = lambda s: 7\n"
          "def runs(t): return Lie([('a', 1)])\n"),
    plain("str_subclass", "gives pairs with a str that lies",
          "class Lie(str):\n    __eq__ = lambda s, o: True\n    __hash__ = str.__hash__\n"
          "def runs(t): return [(Lie('a'), 1)] * 7\n"),
    plain("class_property", "says by __class__ that it is a float",
          AGREES + "class Posing(Agrees):\n    __class__ = property(lambda s: float)\ndef weighted(v, w): return Posing()\n"),
    plain("metaclass", "has a metaclass that is an instance of everything and gives odd names",
          "class Meta(type):\n    __instancecheck__ = __subclasscheck__ = lambda c, o: True\n"
          "    __name__ = property(lambda c: 5)\n    __qualname__ = property(lambda c: b'x')\n    __module__ = property(lambda c: None)\n"
          "class Odd(metaclass=Meta):\n    __mro__ = 7\ndef weighted(v, w): return Odd()\ndef runs(t): raise Odd\n"),
    plain("exception_lies", "raises what has no text, endless text, a huge name, or passes for the grader's own",
          "class Boom(Exception):\n    def __str__(self): raise self\n"
          "def weighted(v, w): raise type('E' * 10**6, (Boom,), {})()\n"
          "def runs(t): raise type('StudentError', (AssertionError,), {})('x' * 10**7)\n"
          "class Counter:\n    def __init__(self): raise type('GraderError', (Exception,), {})('our fault')\n"),
    plain("escapes_in_messages", "writes terminal escapes, markup and right-to-left marks into messages",
          "def weighted(v, w): raise ValueError('\\x1b[2J\\x1b]0;owned\\x07\\u202epassed [bold]x[/bold] </testsuite><!--')\n",
          "print('\\x1b[2K\\r\\x1b[1A\\u2713 passed', '\\ud800'.encode('utf-8', 'surrogatepass'), '::set-output name=x::y')"),
    plain("handle_of_nothing", "sends references to objects that it does not have",
          "from mlops_grade.student import wire\ndef weighted(v, w): return wire.Reference(1, ('builtins.float',), '7')\n"
          "def runs(t): return [wire.Reference(10**9, (), 'x')] * 3\n"),
    network("tensor_subclass", "gives a tensor whose __torch_function__ makes every comparison true", """
import torch
class Lie(torch.Tensor):
    @classmethod
    def __torch_function__(cls, function, types, args=(), kwargs=None):
        if getattr(function, "__name__", "") in ("allclose", "equal", "isclose"): return True
        return super().__torch_function__(function, types, args, kwargs or {})
    __eq__ = lambda s, o: torch.ones(s.shape, dtype=torch.bool)
    __sub__ = __rsub__ = lambda s, o: torch.zeros(s.shape)
def normalised(images): return images.as_subclass(Lie)
"""),
    network("array_subclass", "gives an ndarray whose arithmetic lies", """
import numpy
class Lie(numpy.ndarray):
    __array_priority__ = 1e9
    def __array_ufunc__(self, function, method, *inputs, **named): return True
    def __array__(self, *arguments, **named): return numpy.zeros(1)
    __eq__ = lambda s, o: True
def normalised(images): return numpy.zeros(tuple(images.shape)).view(Lie)
"""),
    network("all_nan", "gives NaN, which some comparisons take for anything",
            "def normalised(images): return images * float('nan')\n"),
    network("endless_tensor", "gives a tensor of a terabyte that takes four bytes here", """
import torch
def normalised(images): return torch.zeros(1).expand(1 << 38)
class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(64, 10)
    def forward(self, images): return torch.zeros(1).expand(7, 7, 7, 7, 7, 7, 7, 7)
"""),
    network("parameters_lie", "has parameters of any size whose product is any logits", """
import torch
class Network(nn.Module):
    def named_parameters(self, *a, **k): return iter([("layer.weight", torch.zeros(10, 64)), ("layer.bias", torch.zeros(10))])
    def forward(self, images): return torch.zeros(len(images), 10)
"""),
]  # fmt: skip
