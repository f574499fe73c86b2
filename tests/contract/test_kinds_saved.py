"""What every kind does alike in drift, in changes as JSON, and at the end of its stack."""

from __future__ import annotations

import pytest
from kinds_all import EXAMPLES
from kinds_table import Example

import backupkit as bk
from backupkit.declare.declared import Declared

ALL = pytest.mark.parametrize("kind", EXAMPLES)
MOVED = [
    pytest.param(example, change, id=f"{kind}: {entry}")
    for kind, example in EXAMPLES.items()
    for entry, change in {**example.updates, **example.replaces}.items()
]


def stack(*things: Declared) -> bk.Stack:
    return bk.Stack("mine", *things)


def ready(example: Example) -> bk.LocalConnection:
    aws = example.service()
    stack(*example.things).preview(aws).apply()
    return aws


@ALL
def test_what_was_changed_by_hand_is_drift_with_both_values(kind):
    """Nothing drifts after applying; then the field, what is declared and what was found."""
    example = EXAMPLES[kind]
    aws = ready(example)
    assert not stack(*example.things).drift(aws)
    example.altered(aws)
    path, found, declared = example.drift
    rows = [(row.field, row.declared, row.found) for row in stack(*example.things).drift(aws)]
    assert (path, declared, found) in rows


@pytest.mark.parametrize(("example", "change"), MOVED)
def test_every_field_drifts(example, change):
    """Each field that is declared otherwise than it is there is told, at the address of what would change."""
    aws = ready(example)
    moved = stack(*example.parents, change(example.thing))
    drift = moved.drift(aws)
    assert drift
    assert all(row.declared != row.found for row in drift if row.state == "different")
    assert set(drift.addresses) == {each.address for each in moved.preview(aws)}
    moved.preview(aws).apply(allow_delete=True, allow_irreversible=True)
    assert not moved.drift(aws)


@ALL
def test_its_changes_come_back_from_json_and_are_applied(kind):
    """Made, changed and dropped by changes that went through a file, it ends as declared."""
    example = EXAMPLES[kind]
    aws = example.service()
    changes = [next(iter(found.values())) for found in (example.updates, example.replaces) if found]
    changed = [each for change in changes for each in ((*example.parents, change(example.thing)), example.things)]
    for things in (example.things, *changed, example.parents):
        previewed = stack(*things).preview(aws)
        loaded = bk.Changes.from_json(previewed.to_json(), aws)
        assert (tuple(loaded), loaded.calls, loaded.to_json(), str(loaded)) == (
            tuple(previewed),
            previewed.calls,
            previewed.to_json(),
            str(previewed),
        )
        loaded.apply(allow_delete=True, allow_irreversible=True)
        assert not stack(*things).preview(aws)


@ALL
def test_its_stack_is_destroyed_and_another_one_stays(kind):
    """All goes that the stack owns, also in two halves; what another stack owns stays as it is."""
    example = EXAMPLES[kind]
    aws = ready(example)
    other = bk.Stack("others", bk.Vault("others"))
    other.preview(aws).apply()
    changes = stack(*example.things).preview_destroy(aws)
    assert not changes.problems
    assert bk.Changes.from_json(changes.to_json(), aws).calls == changes.calls
    last = [change.address for change in changes][-1:]
    changes.without(*last).apply(allow_delete=True)
    stack(*example.things).preview_destroy(aws).apply(allow_delete=True)
    aws.clock.advance(minutes=5)
    assert not stack(*example.things).preview_destroy(aws)
    assert example.count(aws) == (1 if example.stays else 0)
    assert not other.preview(aws)
