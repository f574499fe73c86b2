"""The laws of what is saved as JSON: it comes back equal, and a damaged file is refused in one way or taken as it is."""

from __future__ import annotations

import contextlib
import copy
import functools
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import backupkit as bk
from backupkit import testing
from backupkit.declare.codec.written import read_written, written
from backupkit.errors import BackupKitError, InvalidValueError

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


ROLE = "arn:aws:iam::123456789012:role/backup"
TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/orders"
VOLUME = "arn:aws:ec2:us-east-1:123456789012:volume/vol-0123456789abcdef0"
STACK = "arn:aws:cloudformation:us-east-1:123456789012:stack/shop/4f2c9d60-1111-4222-8333-0123456789ab"
KINDS = ("delete", "lifecycle", "tags", "stack")
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 400),
    st.text(max_size=3),
    st.sampled_from([[], {}, ROLE, VOLUME, "prod", "2026-01-01T00:00:00", "delete", "done"]),
)


@functools.cache
def saved():
    """The state of a service with points and a composite, and what was previewed of it."""
    with bk.local() as aws:
        aws.call("CreateBackupVault", BackupVaultName="prod")
        for arn in (TABLE, VOLUME):
            aws.resources.add(arn)
        aws.resources.add(STACK, members={"Orders": TABLE})
        for arn in (VOLUME, STACK):
            aws.back_up(arn, vault="prod", role=ROLE, keep_days=400).wait()
        points = aws.recovery_points()
        stack = bk.Stack("shop", bk.Vault("new"), bk.Plan("nightly", bk.Rule("daily", "new").keep(days=35)))
        changes = (
            points.preview_deletion(keep_last=0),
            points.preview_lifecycle(keep_days=900),
            points.preview_tags({"Case": "7"}, remove=["Old"]),
            stack.preview(aws),
        )
        texts = dict(zip(KINDS, (each.to_json() for each in changes), strict=True))
        return aws.save_state(), texts, points.preview_deletion(keep_last=0).apply(allow_delete=True).to_json()


def places(value, way=()):
    """Every place in a document."""
    for name, each in value.items() if isinstance(value, dict) else enumerate(value):
        yield (*way, name)
        if isinstance(each, dict | list):
            yield from places(each, (*way, name))


def damaged(draw, text):
    """A document in which something is of another kind, missing, there twice, or in another order."""
    document = json.loads(text)
    *above, last = draw(st.sampled_from(list(places(document))))
    inner = functools.reduce(lambda value, step: value[step], above, document)
    match draw(st.sampled_from(["replace", "drop", "double", "reverse"])):
        case "drop":
            del inner[last]
        case "double" if isinstance(inner, list):
            inner.append(copy.deepcopy(inner[last]))
        case "reverse" if isinstance(inner, list):
            inner.reverse()
        case _:
            inner[last] = draw(ODD)
    return json.dumps(document)


def loaded(cls, text, *aws):
    """What a text is taken for; None where it is refused."""
    try:
        return cls.from_json(text, *aws)
    except InvalidValueError:
        return None


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=25, deadline=None)
@given(st.data())
def test_a_damaged_file_is_refused_or_is_what_it_says(kind, data):
    """Loading raises InvalidValueError or nothing, and so does applying but for the library's own errors."""
    state, texts, _ = saved()
    cls = bk.Changes if kind == "stack" else bk.PointChanges
    with bk.local() as aws:
        aws.load_state(state)
        changes = loaded(cls, damaged(data.draw, texts[kind]), aws)
        if changes is None:
            return
        assert str(changes)
        assert cls.from_json(changes.to_json()).to_json() == changes.to_json()
        with contextlib.suppress(BackupKitError):
            assert str(changes.apply(allow_delete=True))


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_a_damaged_report_never_says_more_points_than_the_preview(data):
    """Whatever a report holds, the run that takes it up reports each point of the preview once."""
    state, texts, report = saved()
    resumed = loaded(bk.PointReport, damaged(data.draw, report))
    with bk.local() as aws:
        aws.load_state(state)
        changes = bk.PointChanges.from_json(texts["delete"], aws)
        try:
            done = changes.apply(allow_delete=True, resume=resumed)
        except InvalidValueError:
            return
        arns = [each.recovery_point_arn for each in done.outcomes]
        assert arns == [each.recovery_point_arn for each in changes.records]


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=10, deadline=None)
@given(st.data())
def test_a_part_of_a_file_is_refused(kind, data):
    """A file that was cut anywhere is not taken for the whole."""
    text = saved()[1][kind]
    cls = bk.Changes if kind == "stack" else bk.PointChanges
    assert loaded(cls, text[: data.draw(st.integers(0, len(text) - 1))]) is None
