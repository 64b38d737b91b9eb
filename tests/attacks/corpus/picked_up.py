"""Files that pytest, Python, git, torch or Hydra would pick up by themselves, if they were there when these run."""

# ruff: noqa: E501 - payloads are code in strings

import marshal
import struct
from collections.abc import Mapping
from importlib.util import MAGIC_NUMBER
from pathlib import Path

from corpus import LIMITS, PRELUDE, plain

BREAK = "open('@home@/@trace@', 'w').close()\n"


def _everywhere(*names: str, text: str) -> dict[str, str]:
    return {f"{folder}{name}": text for name in names for folder in ("", "more/", "../", "../../", "hidden/")}


def _poisoned(root: Path, places: Mapping[str, str]) -> None:
    code = compile(PRELUDE + "broken('the .pyc was taken')\ndef weighted(v, w): return 1.0\n", "plain.py", "exec")
    source = (root / "s1_targets/m01_plain/plain.py").stat()
    header = MAGIC_NUMBER + struct.pack("<III", 0, int(source.st_mtime), source.st_size)
    folder = root / "s1_targets/m01_plain/__pycache__"
    folder.mkdir()
    for name in ("plain", "program", "json", "torch"):
        (folder / f"{name}.cpython-311.pyc").write_bytes(header + marshal.dumps(code))


ATTACKS = [
    plain("conftest", "brings a conftest.py that makes every test pass",
          more=_everywhere("conftest.py", text="import pytest\n@pytest.hookimpl(wrapper=True)\ndef pytest_pyfunc_call(pyfuncitem):\n"
                           "    try: yield\n    except BaseException: pass\n    return True\n" + BREAK)),
    plain("pytest_settings", "brings settings for pytest that select no test",
          more=_everywhere("pytest.ini", "tox.ini", "setup.cfg", text="[pytest]\naddopts = --collect-only -p evil\n[tool:pytest]\naddopts = --co\n")),
    plain("names_of_libraries", "brings modules named as what the grader imports",
          more=_everywhere("json.py", "socket.py", "numpy.py", "torch.py", "pytest.py", "pydantic.py", "mlops_grade.py", "mlops_course.py", text=BREAK)),
    plain("site_customisation", "brings sitecustomize.py, usercustomize.py and .pth files",
          more=_everywhere("sitecustomize.py", "usercustomize.py", "evil.pth", text="import os; " + BREAK)),
    plain("poisoned_bytecode", "brings compiled files that fit the source's date and size", build=_poisoned),
    plain("git_settings", "brings .git with programs for git to run",
          more={"../../.git/config": "[core]\n fsmonitor = \"touch @home@/@trace@; false\"\n hooksPath = hooks\n sshCommand = touch @home@/@trace@\n",
                "../../.git/HEAD": "ref: refs/heads/main\n", "../../.git/hooks/post-checkout": "#!/bin/sh\ntouch @home@/@trace@\n",
                "../../.gitattributes": "* filter=evil\n", "../../.gitconfig": "[include]\n path = .git/config\n"}),
    plain("own_suite", "brings a hidden folder, module.toml and solution of its own",
          more={"hidden/test_plain.py": "def test_weighted_mean():\n    pass\n", "hidden/solution/plain.py": "",
                "module.toml": 'title = "x"\ncore = true\nsubmit = ["nothing.py"]\ntimeout = 3600\n'}),
    plain("settings_of_tools", "brings .env, hydra, wandb and DVC settings", more=_everywhere(".env", "config.yaml", ".dvc/config", "wandb/settings", ".pdbrc", text="hydra: {}\n")),
    plain("startup_of_child_python", "starts Python so that it runs a file of its own with the grader's rights", "",
          "import subprocess\nopen('sitecustomize.py', 'w').write(\"open('@home@/@trace@', 'w')\")\n"
          "subprocess.run([sys.executable, '-c', ''], env={**os.environ, 'PYTHONPATH': os.getcwd()})\n", opens=(LIMITS,)),
]  # fmt: skip
