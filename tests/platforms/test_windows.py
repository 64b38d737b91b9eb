"""Windows itself: two lines say what to do, before anything is loaded that is not there. And WSL, which is the way."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from mlops_grade import machine

STUDENTS = Path(__file__).resolve().parents[2] / "docs" / "students.md"
#: What only Unix brings, and what takes long to load or may be missing in an environment that is not ready.
NOT_THERE = ("fcntl", "resource", "termios", "pwd", "grp", "pty", "numpy", "pydantic", "typer", "rich", "torch")
AS_ON_WINDOWS = """
import sys
sys.platform = {system!r}
sys.modules.update(dict.fromkeys({missing!r}))
sys.argv = ["mlops-grade", *{words!r}]
from mlops_grade.__main__ import main
main()
"""


def on_windows(*words: str, system: str = "win32") -> subprocess.CompletedProcess[str]:
    program = AS_ON_WINDOWS.format(system=system, missing=NOT_THERE, words=words)
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("words", [(), ("s1",), ("m04", "--watch"), ("doctor",), ("--version",)])
def test_the_command_says_in_two_lines_what_to_do(words: tuple[str, ...]) -> None:
    done = on_windows(*words)
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    first, second = done.stderr.splitlines()
    assert "WSL 2" in first
    assert "wsl --install -d Ubuntu-24.04" in second, "the exact command"
    assert "docs/students.md" in second, "where the steps are"


@pytest.mark.parametrize("system", ["cygwin", "msys"])
def test_the_unix_shells_of_windows_are_told_the_same(system: str) -> None:
    assert on_windows(system=system).stderr == on_windows().stderr


def test_any_console_of_windows_can_show_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    assert machine.refusal().isascii()
    assert max(map(len, machine.refusal().splitlines())) <= 120


def test_elsewhere_nothing_is_refused() -> None:
    assert machine.refusal() == ""


def test_the_steps_are_where_the_lines_say() -> None:
    text = STUDENTS.read_text(encoding="utf-8")
    _, found, rest = text.partition("\n## On Windows\n")
    assert found, "docs/students.md has no heading “On Windows”"
    steps = rest.partition("\n## ")[0]
    assert [f"\n{number}. " in steps for number in range(1, 7)] == [True] * 5 + [False], "five steps"
    assert "wsl --install -d Ubuntu-24.04" in steps
    for trap in ("/mnt/c", "CRLF", "Store"):
        assert trap in steps, f"the trap {trap} is not named"


# ------------------------------------------------------------------------------------------------------------------ WSL


def system(root: Path, release: str, mounts: str = "") -> Path:
    """A root folder whose /proc says these things."""
    (root / "proc" / "sys" / "kernel").mkdir(parents=True)
    (root / "proc" / "sys" / "kernel" / "osrelease").write_text(f"{release}\n")
    (root / "proc" / "self").mkdir()
    (root / "proc" / "self" / "mounts").write_text(textwrap.dedent(mounts).lstrip())
    return root


@pytest.mark.parametrize(
    ("release", "version"),
    [
        ("5.15.167.4-microsoft-standard-WSL2", 2),
        ("6.6.87.2-microsoft-standard-WSL2", 2),
        ("4.4.0-19041-Microsoft", 1),
        ("6.8.0-45-generic", 0),
        ("6.5.0-1025-azure", 0),
    ],
)
def test_the_kernel_tells_which_wsl_it_is(tmp_path: Path, release: str, version: int) -> None:
    assert machine.windows_subsystem(system(tmp_path, release)) == version


MOUNTS = """
    /dev/sdd / ext4 rw,relatime 0 0
    C:\\134 /mnt/c 9p rw,dirsync,aname=drvfs;path=C:\\ 0 0
    D:\\134 /mnt/my\\040disk 9p rw 0 0
"""


@pytest.mark.parametrize(
    ("folder", "there"),
    [
        ("/mnt/c/Users/ada/mlops", True),
        ("/mnt/my disk/mlops", True),
        ("/home/ada/mlops", False),
        ("/mnt/cloud/mlops", False),
    ],
)
def test_a_checkout_on_windows_disk_is_seen(tmp_path: Path, folder: str, there: bool) -> None:
    root = system(tmp_path, "5.15.167.4-microsoft-standard-WSL2", MOUNTS)
    assert machine.on_windows_disk(Path(folder), root) is there


def test_a_shared_folder_of_another_virtual_machine_is_not_windows_disk(tmp_path: Path) -> None:
    root = system(tmp_path, "6.8.0-45-generic", MOUNTS)
    assert not machine.on_windows_disk(Path("/mnt/c/mlops"), root)
