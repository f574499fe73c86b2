"""What every family of operations has made survives a snapshot, and goes on in the same way after it."""

from __future__ import annotations

import importlib
import json
from pathlib import Path

import pytest

from backupkit.local import LocalService, shapes

STORIES = sorted(path.stem for path in Path(__file__).parent.glob("story_*.py"))


class Asked:
    def __init__(self):
        self.service = LocalService()

    def __call__(self, operation, **params):
        return json.loads(self.service.call(operation, params))


def lists():
    """The list operations that need no member."""
    for operation in sorted(shapes.operation_names()):
        shape = shapes.model().operation_model(operation).input_shape
        if operation.startswith("List") and not (shape and shape.required_members):
            yield operation


def told(service):
    """All that the lists say, and all points of all vaults."""
    found = {operation: json.loads(service.call(operation, {})) for operation in lists()}
    for vault in found["ListBackupVaults"]["BackupVaultList"]:
        named = {"BackupVaultName": vault["BackupVaultName"], "MaxResults": 1000}
        points = json.loads(service.call("ListRecoveryPointsByBackupVault", named))
        found[vault["BackupVaultName"]] = points
    # Tokens are opaque; what they lead to is in the tests of pages.
    return {name: {key: value for key, value in answer.items() if key != "NextToken"} for name, answer in found.items()}


@pytest.mark.parametrize("story", STORIES)
def test_a_service_that_takes_a_snapshot_over_tells_and_does_the_same(story):
    """Restored elsewhere, everything is there; 40 days later both have had the same story, ids included."""
    ask = Asked()
    importlib.import_module(story).play(ask)
    state = ask.service.snapshot()
    other = LocalService(seed=99)
    other.go_back(state)
    assert told(other) == told(ask.service)
    for service in (ask.service, other):
        service.clock.advance(days=40)
    assert told(other) == told(ask.service)
