"""Time passes in the same way, however it is told to pass."""

from __future__ import annotations

import importlib
import importlib.util
import json
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backupkit.local import LocalService, shapes

STORIES = sorted((Path(__file__).parents[1] / "contract").glob("story_*.py"))
LONG = timedelta(days=45)


class Asked:
    def __init__(self):
        self.service = LocalService()

    def __call__(self, operation, **params):
        return json.loads(self.service.call(operation, params))


@cache
def after(path):
    """A snapshot of a service in which a story was played."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    story = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(story)
    ask = Asked()
    story.play(ask)
    return ask.service.snapshot()


def service_after(path):
    service = LocalService()
    service.go_back(after(path))
    return service


def told(service):
    """What every list that needs no member says, and the points of every vault."""
    found = {}
    for operation in sorted(shapes.operation_names()):
        shape = shapes.model().operation_model(operation).input_shape
        if operation.startswith("List") and not (shape and shape.required_members):
            answer = json.loads(service.call(operation, {}))
            found[operation] = {name: value for name, value in answer.items() if name != "NextToken"}
    for vault in found["ListBackupVaults"]["BackupVaultList"]:
        named = {"BackupVaultName": vault["BackupVaultName"], "MaxResults": 1000}
        found[vault["BackupVaultArn"]] = json.loads(service.call("ListRecoveryPointsByBackupVault", named))
    return found


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
@given(cuts=st.lists(st.floats(min_value=0, max_value=1, allow_subnormal=False), max_size=12))
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_one_long_move_and_many_short_ones_tell_the_same_story(path, cuts):
    """A test that waits step by step sees what one that jumps sees, ids and random moments included."""
    jumped, walked = service_after(path), service_after(path)
    end = jumped.clock.now() + LONG
    begin = walked.clock.now()
    for cut in sorted(cuts):
        walked.clock.until(begin + cut * LONG)
    for service in (jumped, walked):
        service.clock.until(end)
    assert told(walked) == told(jumped)
