"""What a machine's owner wrote into /etc for everybody makes no right work fail, in whatever tier it is graded.

The files are made in a mount namespace: the machine's own /etc stays as it is.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from functools import lru_cache
from pathlib import Path

import pytest

from mlops_grade.student import isolation
from mlops_grade.student.isolation import Tier

ROOT = Path(__file__).resolve().parents[2]
CONFIGURATION = {
    "gitconfig": "[commit]\n\tgpgsign = true\n[init]\n\tdefaultBranch = trunk\n",
    "pip.conf": "[global]\nindex-url = http://127.0.0.1:9/simple\nno-binary = :all:\n",
    "ssh/ssh_config": "Host *\n    ProxyCommand false\n",
    "dvc/config": "[core]\n    remote = nowhere\n",
    "xdg/dvc/config": "[core]\n    remote = nowhere\n",
}
# Under them what git, pip, DVC and pre-commit read at their start.
MODULES = ["m02", "m05", "m08", "m18"]
IN_NAMESPACE = """
set -e
cp -a /etc/. "$1" 2>/dev/null || true
mount --bind "$1" /etc
cp -a "$2"/. /etc/
shift 2
exec "$@"
"""


@lru_cache(maxsize=1)
def mounts_work() -> bool:
    command = ["unshare", "--map-root-user", "--mount", "mount", "--bind", "/tmp", "/etc"]
    return shutil.which("unshare") is not None and subprocess.run(command, capture_output=True).returncode == 0


@pytest.fixture(scope="module")
def solutions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The reference solutions as one submission."""
    place = tmp_path_factory.mktemp("work") / "solutions"
    command = [sys.executable, "-m", "mlops_grade", "solutions", str(place)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return place


@pytest.mark.slow
@pytest.mark.parametrize("tier", list(Tier))
def test_reference_solutions_pass_where_etc_has_files_for_everybody(
    tier: Tier, solutions: Path, tmp_path: Path
) -> None:
    """git, pip, DVC and ssh find the usual files, with settings that would break what the exercises ask for"""
    if tier not in isolation.possible_tiers():
        pytest.skip(isolation.missing_for(tier))
    if not mounts_work():
        pytest.skip("no mount namespaces on this machine: /etc cannot be replaced")
    for name, text in CONFIGURATION.items():
        file = tmp_path / "files" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    (tmp_path / "etc").mkdir()
    report = tmp_path / "report.json"
    grade = [sys.executable, "-m", "mlops_grade", *MODULES, "--submission", str(solutions), "--isolation", str(tier)]
    namespace = ["unshare", "--map-root-user", "--mount", "bash", "-c", IN_NAMESPACE, "bash"]
    command = [*namespace, str(tmp_path / "etc"), str(tmp_path / "files"), *grade, "--json", str(report)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)

    assert report.exists(), ran.stdout[-500:] + ran.stderr[-2000:]
    verdicts = json.loads(report.read_text())["verdicts"]
    failed = {
        f"{verdict['module']} {check['name']}": check["message"]
        for verdict in verdicts
        for check in verdict["checks"]
        if check["outcome"] != "passed"
    }
    assert failed == {}
    assert {verdict["outcome"] for verdict in verdicts} <= {"passed", "not run"}, (
        "a module lacks what it needs, at most"
    )
