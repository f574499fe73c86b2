"""The laws of changes as JSON, over drawn stacks on the local service."""

from __future__ import annotations

import json

from hypothesis import HealthCheck, given, settings

import backupkit as bk
from backupkit import testing
from backupkit.declare.codec.written import read_written, written

FEW = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@given(testing.stacks())
@FEW
def test_what_is_declared_comes_back_equal(stack):
    """Whatever a stack holds is the same after the way through JSON."""
    assert read_written(json.loads(json.dumps(written(stack)))) == stack


@given(testing.stacks(), testing.stacks())
@FEW
def test_changes_come_back_equal_and_end_as_the_same_changes(first, second):
    """From any stack to any other, and to its end: loaded changes are those saved, and applying them ends as declared."""
    with bk.local() as aws:
        for preview in (first.preview, second.preview, second.preview_destroy):
            changes = preview(aws)
            text = changes.to_json()
            loaded = bk.Changes.from_json(text, aws)
            assert (tuple(loaded), loaded.kept, loaded.to_json()) == (tuple(changes), changes.kept, text)
            loaded.without(*(change.address for change in loaded if change.problems)).apply(
                allow_delete=True, allow_irreversible=True, allow_drain=["Default"]
            )
