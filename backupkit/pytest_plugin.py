"""The pytest plugin: plain ``boto3.client("backup")`` of a program under test talks to an AWS Backup in the process.

pytest finds it by itself where backupkit is installed. It costs nothing until a test asks for one of its fixtures:

- ``backupkit_local``: a connection to a new local service, with its clock, resources and faults; boto3 of the test ends
  there
- ``backupkit_local_url``: where the same service answers over HTTP, for other processes
- ``backupkit_world``: the resources to protect, to be overridden; synthetic ones unless it is

The ini options ``backupkit_region``, ``backupkit_account``, ``backupkit_seed`` and ``backupkit_start`` hold for all
tests; ``@pytest.mark.backupkit_local(region_name=..., seed=...)`` for one, with the arguments of ``backupkit.local()``.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from backupkit._local import LocalConnection
    from backupkit.emulator import World

__all__ = ["backupkit_local", "backupkit_local_url", "backupkit_world", "pytest_addoption", "pytest_configure"]

_OPTIONS = {
    "backupkit_region": "the Region of the local AWS Backup",
    "backupkit_account": "the account of the local AWS Backup, 12 digits",
    "backupkit_seed": "decides every id and random moment of the local AWS Backup",
    "backupkit_start": "when the clock of the local AWS Backup begins, like 2026-01-01T00:00:00Z",
}
_MARKER = (
    "backupkit_local(**settings): how the local AWS Backup of this test begins; the arguments of backupkit.local()"
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Make the ini options known."""
    for name, what in _OPTIONS.items():
        parser.addini(name, what)


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line("markers", _MARKER)


@pytest.fixture
def backupkit_world() -> World | None:
    """The resources that `backupkit_local` protects: override it with a ``SessionWorld``; None: synthetic ones."""
    return None


@pytest.fixture
def backupkit_local(request: pytest.FixtureRequest, backupkit_world: World | None) -> Iterator[LocalConnection]:
    """A connection to a new local AWS Backup, to which ``boto3.client("backup")`` talks in this test.

    Its ``resources``, ``clock``, ``faults``, ``accounts`` and ``events`` are at hand.
    """
    from inspect import signature  # noqa: PLC0415 - every run of pytest imports this module

    from backupkit._local import local  # noqa: PLC0415
    from backupkit.emulator.patching import patch_boto3  # noqa: PLC0415
    from backupkit.problems import nearest  # noqa: PLC0415

    settings = {**_of_ini(request.config), "world": backupkit_world, **_of_marker(request.node)}
    known = signature(local).parameters
    for name in settings.keys() - known.keys():
        raise pytest.UsageError(f"backupkit_local({name}=...): there is no such argument; {nearest(name, known)}")
    with local(**settings) as aws, patch_boto3(aws):
        yield aws


@pytest.fixture
def backupkit_local_url(backupkit_local: LocalConnection) -> Iterator[str]:
    """Where the service of `backupkit_local` answers over HTTP during this test."""
    from backupkit.emulator.http import serving  # noqa: PLC0415 - as above

    with serving(backupkit_local) as url:
        yield url


def _of_ini(config: pytest.Config) -> dict[str, Any]:
    options = {name: str(config.getini(name) or "") for name in _OPTIONS}
    settings: dict[str, Any] = {"region_name": options["backupkit_region"], "account_id": options["backupkit_account"]}
    settings = {name: value for name, value in settings.items() if value}
    if options["backupkit_seed"]:
        settings["seed"] = _seed(options["backupkit_seed"])
    if options["backupkit_start"]:
        settings["start"] = _start(options["backupkit_start"])
    return settings


def _of_marker(node: pytest.Item) -> dict[str, Any]:
    settings: dict[str, Any] = {}
    # The nearest marker comes first, and wins.
    for marker in node.iter_markers("backupkit_local"):
        if marker.args:
            options = ", ".join(map(repr, marker.args))
            raise pytest.UsageError(f"backupkit_local({options}): name each argument, as in region_name='eu-west-1'")
        settings = {**marker.kwargs, **settings}
    return settings


def _seed(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise pytest.UsageError(f"backupkit_seed = {text}: give a whole number") from None


def _start(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise pytest.UsageError(f"backupkit_start = {text}: write it with its zone, like 2026-01-01T00:00:00Z")
    return found
