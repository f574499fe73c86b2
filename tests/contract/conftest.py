"""Programs of others that call a served local service, installed once for all tests."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest


@pytest.fixture(scope="session")
def cli(tmp_path_factory):
    """The AWS CLI: that of this machine, or one of its own; it pins what docs and tests need otherwise."""
    found = shutil.which("aws")
    if found is not None and subprocess.run([found, "--version"], capture_output=True, check=False).returncode == 0:
        return found
    place = tmp_path_factory.mktemp("cli")
    subprocess.run([sys.executable, "-m", "venv", place], check=True)
    tool = place / ("Scripts" if os.name == "nt" else "bin")
    subprocess.run([tool / "pip", "install", "--quiet", "awscli>=1.45,<2"], check=True, timeout=300)
    return str(tool / "aws")


@pytest.fixture(scope="session")
def sdk_for_javascript(tmp_path_factory):
    """A folder with the SDK in it."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("there is no node on this machine")
    place = tmp_path_factory.mktemp("node")
    (place / "package.json").write_text("{}")
    install = ["npm", "install", "--no-audit", "--no-fund", "--no-package-lock", "@aws-sdk/client-backup@3"]
    subprocess.run(install, cwd=place, capture_output=True, check=True, timeout=300)
    return place
