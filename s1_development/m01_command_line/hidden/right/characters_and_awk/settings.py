"""The same settings, read character by character, with no class machinery."""

import os
import string
from pathlib import Path

NAME_START = string.ascii_letters + "_"


class Settings:
    def __init__(self, api_key, data_dir, epochs, learning_rate, debug):
        self.api_key = api_key
        self.data_dir = data_dir
        self.epochs = epochs
        self.learning_rate = learning_rate
        self.debug = debug


class EnvironmentFileError(ValueError):
    def __init__(self, number, text):
        super().__init__(f"line {number} cannot be understood: {text}")


def _value(text):
    if text[0:1] in ("'", '"') and text:
        end = text.find(text[0], 1)
        if end < 0:
            return None
        after = text[end + 1 :].lstrip()
        if after and not after.startswith("#"):
            return None
        return text[1:end]
    for index, character in enumerate(text):
        if character == "#" and index > 0 and text[index - 1].isspace():
            return text[:index].strip()
    return text.strip()


def read_env(path):
    variables = {}
    number = 0
    for line in Path(path).read_bytes().decode("utf-8").splitlines():
        number += 1
        stripped = line.strip()
        if stripped.startswith("#") or len(stripped) == 0:
            continue
        words = stripped.split(None, 1)
        if words[0] == "export" and len(words) == 2:
            stripped = words[1]
        if "=" not in stripped:
            raise EnvironmentFileError(number, line)
        name, text = stripped.split("=", 1)
        if name == "" or name[0] not in NAME_START or set(name) - set(NAME_START + string.digits):
            raise EnvironmentFileError(number, line)
        value = _value(text)
        if value is None:
            raise EnvironmentFileError(number, line)
        variables[name] = value
    return variables


def _truth(text):
    if text.lower() in ("1", "true", "yes", "on"):
        return True
    if text.lower() in ("0", "false", "no", "off"):
        return False
    raise ValueError(text)


def load_settings(path=".env", environ=None):
    environ = os.environ if environ is None else environ
    file = read_env(path) if Path(path).exists() else {}

    def get(name, convert, *default):
        if name in environ:
            text = environ[name]
        elif name in file:
            text = file[name]
        elif default:
            return default[0]
        else:
            raise ValueError(name + " has to be given")
        try:
            return convert(text)
        except ValueError as error:
            raise ValueError(f"cannot use {text!r} as {name}") from error

    return Settings(
        get("API_KEY", str),
        get("DATA_DIR", Path, Path("data")),
        get("EPOCHS", int, 10),
        get("LEARNING_RATE", float, 1e-3),
        get("DEBUG", _truth, False),
    )
