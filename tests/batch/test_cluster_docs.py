"""docs/cluster.md does what it says, as far as it can be run without a cluster."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "cluster.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_the_certificates_are_made_and_accepted(tmp_path: Path) -> None:
    distributed = pytest.importorskip("distributed")
    script = next(block for block in blocks("bash") if "openssl" in block)
    subprocess.run(["bash", "-e", "-c", script], cwd=tmp_path, check=True, capture_output=True)
    security = distributed.Security(
        tls_ca_file=str(tmp_path / "ca.pem"), tls_client_cert=str(tmp_path / "cert.pem"),
        tls_client_key=str(tmp_path / "key.pem"), require_encryption=True,
    )  # fmt: skip
    assert security.get_connection_args("client")["ssl_context"] is not None


def test_the_configuration_has_the_keys_that_dask_reads() -> None:
    dask_config = pytest.importorskip("dask").config
    pytest.importorskip("distributed")
    (settings,) = (yaml.safe_load(block) for block in blocks("yaml") if "require-encryption" in block)
    known = dask_config.get("distributed.comm.tls")
    assert set(settings["distributed"]["comm"]["tls"]) <= set(known)
    assert set(settings["distributed"]["comm"]["tls"]["client"]) == set(known["client"])


@pytest.mark.slow
@pytest.mark.parametrize(("scheduler", "directive"), [("SLURM", "#SBATCH -p compute"), ("LSF", "#BSUB -q hpc")])
def test_the_job_scripts_start_one_worker_with_a_thread_a_core(
    scheduler: str, directive: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobqueue = pytest.importorskip("dask_jobqueue")
    distributed = pytest.importorskip("distributed")
    monkeypatch.chdir(tmp_path)
    script = next(block for block in blocks("python") if f"{scheduler}Cluster(" in block)
    call = script[script.index("cluster = ") : script.index("cluster.scale")]
    security = distributed.Security.temporary()
    settings = {"security": security, "scheduler_options": {"dashboard_address": None, "host": "127.0.0.1"}}
    made = eval(  # the page's own words, with certificates and an address for this test
        call.removeprefix("cluster = ").strip().removesuffix(")") + "    **settings)",
        {f"{scheduler}Cluster": getattr(jobqueue, f"{scheduler}Cluster"), "settings": settings},
    )
    try:
        job = made.job_script()
    finally:
        made.close()
    assert directive in job
    assert "tls://127.0.0.1" in job
    assert "--nthreads 8" in job
    assert "--nworkers 8" not in job


def test_the_kubernetes_manifest_is_consistent() -> None:
    (manifest,) = (yaml.safe_load(block) for block in blocks("yaml") if "DaskCluster" in block)
    worker, scheduler = manifest["spec"]["worker"]["spec"], manifest["spec"]["scheduler"]["spec"]
    assert worker["containers"][0]["image"] == scheduler["containers"][0]["image"]
    for pod in (worker, scheduler):
        mounts = {mount["name"] for mount in pod["containers"][0]["volumeMounts"]}
        assert mounts == {volume["name"] for volume in pod["volumes"]} == {"tls", "dask"}
    ports = {port["name"] for port in scheduler["containers"][0]["ports"]}
    assert {port["targetPort"] for port in manifest["spec"]["scheduler"]["service"]["ports"]} <= ports


def test_the_commands_of_the_pages_have_the_options_that_they_name() -> None:
    from typer.testing import CliRunner

    from mlops_grade.cli import app

    text = PAGE + (DOCS / "instructors.md").read_text(encoding="utf-8")
    for name in ("batch", "explain", "replay"):
        shown = CliRunner().invoke(app, [name, "--help"], terminal_width=200).output
        lines = re.findall(rf"mlops-grade {name} ([^\n`]*)", text)
        assert lines
        for option in {option for line in lines for option in re.findall(r"--[a-z-]+", line)}:
            assert option in shown, f"{name} {option}"
