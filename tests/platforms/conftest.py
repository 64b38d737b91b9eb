"""A Python that is, as far as Linux can pretend, one on a Mac: an environment in which every interpreter is less."""

from __future__ import annotations

import shutil
import sys
import sysconfig
from pathlib import Path

import pytest

AS_IF_MACOS = Path(__file__).with_name("as_if_macos.py")


@pytest.fixture(scope="session")
def a_mac(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `python` of an environment with this one's packages, in which all that starts lacks what a Mac lacks."""
    root = tmp_path_factory.mktemp("mac")
    commands, packages = (
        root / "bin",
        root / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages",
    )
    commands.mkdir()
    packages.mkdir(parents=True)
    (root / "pyvenv.cfg").write_text(f"home = {Path(sys.base_prefix) / 'bin'}\ninclude-system-site-packages = false\n")
    for command in Path(sysconfig.get_path("scripts")).iterdir():
        if not command.name.startswith("python"):
            (commands / command.name).symlink_to(command)
    for name in ("python", "python3", f"python3.{sys.version_info[1]}"):
        (commands / name).symlink_to(sys.executable)  # a chain, all of whose folders the grader shows to student code
    shutil.copy(AS_IF_MACOS, packages)
    others = f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})"
    (packages / "a_mac.pth").write_text(f"import as_if_macos\n{others}\n")
    return commands / "python"
