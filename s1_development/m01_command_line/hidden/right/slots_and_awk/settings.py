"""Settings of a training run. No regular expressions, no data class."""

import os
import pathlib
import string

_WHITE = " \t\r\v\f"
_FIRST = set(string.ascii_letters + "_")
_OTHER = _FIRST | set(string.digits)
_WORDS = dict.fromkeys(("1", "true", "yes", "on"), True) | dict.fromkeys(("0", "false", "no", "off"), False)


class Settings:
    """Compares by its values; shows all of them but the key."""

    __slots__ = ("api_key", "data_dir", "epochs", "learning_rate", "debug")

    def __init__(self, api_key, data_dir=pathlib.Path("data"), epochs=10, learning_rate=0.001, debug=False):
        self.api_key = api_key
        self.data_dir = data_dir
        self.epochs = epochs
        self.learning_rate = learning_rate
        self.debug = debug

    def __eq__(self, other):
        return isinstance(other, Settings) and all(getattr(self, n) == getattr(other, n) for n in self.__slots__)

    def __hash__(self):
        return hash(tuple(getattr(self, name) for name in self.__slots__))

    def __repr__(self):
        shown = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.__slots__[1:])
        return f"Settings(api_key=<hidden>, {shown})"


class EnvError(ValueError):
    """Something is wrong with a `.env` file or with what it says."""


def _unquote(text, quote):
    inside, closed, rest = text[1:].partition(quote)
    if not closed:
        raise EnvError("the quote is not closed")
    rest = rest.strip(_WHITE)
    if rest and not rest.startswith("#"):
        raise EnvError("only a comment may follow the quote")
    return inside


def _plain(text):
    for position in range(1, len(text)):
        if text[position] == "#" and text[position - 1] in _WHITE:
            text = text[:position]
            break
    return text.strip(_WHITE)


def _parse(line):
    line = line.lstrip(_WHITE)
    if not line or line[0] == "#":
        return None
    if line.startswith(("export ", "export\t")):
        line = line[len("export ") :].lstrip(_WHITE)
    name, sign, text = line.partition("=")
    if not sign or not name or name[0] not in _FIRST or not _OTHER.issuperset(name):
        raise EnvError("this is no NAME=value")
    return name, _unquote(text, text[0]) if text[:1] in ('"', "'") and text else _plain(text)


def read_env(path):
    with open(path, encoding="utf-8", newline="\n") as file:
        pairs = []
        for number, line in enumerate(file, start=1):
            try:
                pairs.append(_parse(line.removesuffix("\n")))
            except EnvError as problem:
                raise EnvError(f"line {number}: {problem}") from None
    return dict(filter(None, pairs))


def _bool(text):
    if text.casefold() not in _WORDS:
        raise ValueError
    return _WORDS[text.casefold()]


def load_settings(path=".env", environ=None):
    if environ is None:
        environ = os.environ
    values = read_env(path) if os.path.exists(path) else {}
    types = {"API_KEY": str, "DATA_DIR": pathlib.Path, "EPOCHS": int, "LEARNING_RATE": float, "DEBUG": _bool}
    values.update({name: environ[name] for name in types if name in environ})
    if not values.get("API_KEY"):
        raise EnvError("API_KEY has to be given")
    arguments = {}
    for name in types.keys() & values.keys():
        try:
            arguments[name.lower()] = types[name](values[name])
        except ValueError as problem:
            raise EnvError(f"{name}: does not fit") from problem
    return Settings(**arguments)
