import contextlib
import os
import pathlib
import typing

_YES = frozenset("1 true yes on".split())
_NO = frozenset("0 false no off".split())


class Settings(typing.NamedTuple):
    api_key: str
    data_dir: pathlib.PurePath = pathlib.Path("data")
    epochs: int = 10
    learning_rate: float = 0.001
    debug: bool = False

    def __repr__(self):
        shown = self._replace(api_key="(hidden)")
        return "Settings" + repr(tuple(shown))


def _line(line):
    """Name and value of a line, or None where there is nothing in it."""
    line = line.strip()
    if line == "" or line[0] == "#":
        return None
    first, *rest = line.split(None, 1)
    if first == "export" and rest:
        line = rest[0]
    name, equals, value = line.partition("=")
    if not equals or not name.isascii() or not name.isidentifier():
        raise ValueError("no assignment to a name")
    if value[:1] not in ("'", '"'):
        before = [value[:i] for i in range(1, len(value)) if value[i] == "#" and value[i - 1].isspace()]
        return name, (before or [value])[0].strip()
    text, closing, after = value[1:].partition(value[0])
    if not closing or after.strip()[:1] not in ("", "#"):
        raise ValueError("quotes that do not fit")
    return name, text


def read_env(path):
    found = {}
    with open(path, encoding="utf8") as lines:
        for number, text in enumerate(lines, 1):
            try:
                pair = _line(text)
            except ValueError as error:
                raise ValueError(f"{path}:{number}: {error}") from error
            if pair is not None:
                found[pair[0]] = pair[1]
    return found


def _truth(text):
    word = text.casefold()
    if word in _YES or word in _NO:
        return word in _YES
    raise ValueError("neither yes nor no")


def load_settings(path=".env", environ=None):
    known = {}
    with contextlib.suppress(FileNotFoundError):
        known |= read_env(path)
    known |= os.environ if environ is None else environ
    if not known.get("API_KEY"):
        raise ValueError("give an API_KEY")
    given = {"api_key": known["API_KEY"]}
    kinds = {"DATA_DIR": pathlib.Path, "EPOCHS": int, "LEARNING_RATE": float, "DEBUG": _truth}
    for name, kind in kinds.items():
        if name in known:
            try:
                given[name.lower()] = kind(known[name])
            except ValueError as error:
                raise ValueError(f"{name}: {error}") from None
    return Settings(**given)
