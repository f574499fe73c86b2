"""Programs of others that call a served local service, installed once for all tests."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys

import pytest


@pytest.fixture(scope="session")
def once(tmp_path_factory):
    """Returns the folder that a function fills, which is called once for all workers of a run."""
    root = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        root = root.parent

    def folder(name, fill):
        place, filled = root / name, root / f"{name}.filled"
        with (root / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not filled.exists():
                place.mkdir(exist_ok=True)
                fill(place)
                filled.touch()
        return place

    return folder


def _with_cli(place):
    subprocess.run([sys.executable, "-m", "venv", place], check=True)
    pip = place / "bin" / "pip"
    subprocess.run([pip, "install", "--quiet", "awscli>=1.45,<2"], check=True, timeout=300)


@pytest.fixture(scope="session")
def cli(once):
    """The AWS CLI: that of this machine, or one of its own; it pins what docs and tests need otherwise."""
    found = shutil.which("aws")
    if found is not None and subprocess.run([found, "--version"], capture_output=True, check=False).returncode == 0:
        return found
    return str(once("awscli", _with_cli) / "bin" / "aws")


@pytest.fixture(scope="session")
def npm(once):
    """Returns a folder with a package of npm in it; skips where it cannot be had."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("there is no node on this machine")

    def folder(name, package):
        def fill(place):
            (place / "package.json").write_text("{}")
            install = ["npm", "install", "--no-audit", "--no-fund", "--no-package-lock", package]
            for _ in range(3):  # a registry may be out of reach for a moment
                ended = subprocess.run(install, cwd=place, capture_output=True, text=True, check=False, timeout=100)
                if not ended.returncode:
                    return
            pytest.skip(f"npm cannot install {package}: {ended.stderr.strip()[-200:]}")

        return once(name, fill)

    return folder


@pytest.fixture(scope="session")
def sdk_for_javascript(npm):
    """A folder with the SDK in it."""
    return npm("sdk", "@aws-sdk/client-backup@3")
