"""The laws of previewing and applying, over random stacks on the local service."""

from __future__ import annotations

import json

import attrs
from hypothesis import given, settings
from hypothesis import strategies as st

from backupkit import (
    AdvancedBackupSetting,
    CopyAction,
    GovernanceLock,
    Lifecycle,
    Notifications,
    Plan,
    Rule,
    Selection,
    TagCondition,
    Vault,
)
from backupkit.declare.selection import OPERATORS
from backupkit.emulator.kernel.behavior import Choices
from backupkit.emulator.service import LocalService
from backupkit.provider import Changes, Stack
from backupkit.schedule import Schedule
from backupkit.transport.protocol import Params, Transport

ROLE = "arn:aws:iam::123456789012:role/"
VAULTS = ("one", "two")
FAR = [f"arn:aws:backup:{region}:123456789012:backup-vault:far" for region in ("eu-west-1", "eu-west-2")]


@attrs.frozen
class Here:
    transport: Transport


class Noted:
    """A transport that notes the writes."""

    def __init__(self, inner: LocalService) -> None:
        self.inner = inner
        self.region_name = inner.region_name
        self.clock = inner.clock
        self.writes: list[str] = []

    def call(self, operation: str, params: Params, /) -> bytes:
        if not operation.startswith(("List", "Get", "Describe")):
            self.writes.append(operation)
        return self.inner.call(operation, params)


words = st.text("abcXYZ09", min_size=1, max_size=5)
tags = st.dictionaries(words, words, max_size=3)
few = st.integers(1, 3)


@st.composite
def lifecycles(draw):
    cold = draw(st.none() | st.integers(1, 100))
    delete = draw(st.none() | st.just(-1) | st.integers((cold or 0) + 91, 400))
    return Lifecycle(
        delete_after_days=delete,
        move_to_cold_storage_after_days=cold,
        opt_in_to_archive_for_supported_resources=draw(st.booleans()) if cold else False,
    )


copies = st.lists(
    st.builds(CopyAction, st.sampled_from(FAR), lifecycle=st.none() | lifecycles()),
    max_size=2,
    unique_by=lambda copy: copy.vault,
)
schedules = st.sampled_from(
    [
        Schedule.daily(),
        Schedule.weekly("MON", timezone="Europe/Berlin"),
        Schedule.monthly(1),
        Schedule("cron(0 3 L 3,9 ? *)"),
    ]
)


@st.composite
def rules(draw):
    rule = Rule(
        draw(words),
        draw(st.sampled_from(VAULTS)),
        schedule=draw(st.none() | schedules),
        start_window_minutes=draw(st.none() | st.integers(60, 600)),
        completion_window_minutes=draw(st.none() | st.integers(120, 20_000)),
        point_tags=draw(tags),
    )
    if draw(st.booleans()):
        return rule.continuously(keep_days=draw(st.integers(1, 35)))
    return attrs.evolve(rule, lifecycle=draw(st.none() | lifecycles()), copies=draw(copies))


conditions = st.builds(TagCondition, words, st.sampled_from(OPERATORS), words)
arns = st.sampled_from(["*", "arn:aws:s3:::bucket", "arn:aws:dynamodb:*:*:table/*"])


@st.composite
def selections(draw):
    pairs = tuple(draw(tags).items())
    resources = draw(st.lists(arns, min_size=0 if pairs else 1, max_size=2, unique=True))
    return Selection(
        draw(words),
        ROLE + draw(words),
        resources=resources,
        not_resources=draw(st.lists(arns, max_size=1)),
        tags=pairs,
        conditions=draw(st.lists(conditions, max_size=3)),
    )


@st.composite
def plans(draw):
    return Plan(
        draw(st.sampled_from(["p", "q"])),
        rules=draw(st.lists(rules(), min_size=1, max_size=3, unique_by=lambda rule: rule.name)),
        selections=draw(st.lists(selections(), max_size=2, unique_by=lambda selection: selection.name)),
        advanced_settings=draw(st.lists(st.just(AdvancedBackupSetting.windows_vss()), max_size=1)),
        tags=draw(tags),
    )


DENY = {"Effect": "Deny", "Principal": "*", "Action": "backup:DeleteRecoveryPoint", "Resource": "*"}
POLICIES = [None, *({"Version": "2012-10-17", "Statement": [{**DENY, "Sid": sid}]} for sid in "AB")]
notifications = st.builds(
    Notifications,
    st.just("arn:aws:sns:us-east-1:123456789012:alerts"),
    st.lists(st.sampled_from(["COPY_JOB_FAILED", "BACKUP_JOB_COMPLETED"]), min_size=1, unique=True),
)


def vaults(name):
    return st.builds(
        Vault,
        st.just(name),
        tags=tags,
        lock=st.none()
        | st.builds(GovernanceLock, min_days=st.none() | st.just(1), max_days=st.none() | st.just(36_500)),
        policy=st.sampled_from(POLICIES),
        notifications=st.none() | notifications,
    )


@st.composite
def stacks(draw):
    held = draw(st.lists(plans(), max_size=2, unique_by=lambda plan: plan.name))
    return Stack("random", *(draw(vaults(name)) for name in VAULTS), *held, tags=draw(tags))


def applied(stack: Stack, aws: Here) -> Changes:
    changes = stack.preview(aws)
    changes.apply(allow_delete=True)
    return changes


@settings(max_examples=30, deadline=None)
@given(stacks(), stacks())
def test_from_any_stack_to_any_other(first, second):
    """Whatever was applied before, preview after apply is empty, the calls are those listed, and a turn back comes back."""
    service = LocalService()
    for stack in (first, second, first):
        noted = Noted(service)
        changes = applied(stack, Here(noted))
        assert sorted(noted.writes) == sorted(call.operation for call in changes.calls)
        assert not stack.preview(Here(service))


choices = st.builds(
    Choices,
    selection_names_unique=st.booleans(),
    same_token_returns_plan=st.booleans(),
    identical_update_makes_version=st.booleans(),
    rule_ids_survive_update=st.booleans(),
    target_vault_must_exist=st.booleans(),
    deleted_plan_readable=st.booleans(),
    lock_put_restarts_grace=st.booleans(),
    policy_lists_collapse=st.booleans(),
)


@settings(max_examples=30, deadline=None)
@given(stacks(), stacks(), choices)
def test_the_laws_hold_whatever_aws_does_where_nobody_knows(first, second, chosen):
    """Where sources leave open how AWS behaves, preview after apply is empty on either side."""
    service = LocalService(choices=chosen)
    for stack in (first, second, first):
        applied(stack, Here(service))
        assert not stack.preview(Here(service))


@settings(max_examples=30, deadline=None)
@given(stacks(), stacks())
def test_every_difference_is_seen(first, second):
    """Two stacks that say different things always show a difference, and one that says the same never does."""
    service = LocalService()
    applied(first, Here(service))
    changes = second.preview(Here(service))
    touched = {change.address.split("/")[0] for change in changes}
    for address in touched:
        ours, theirs = (_thing(stack, address) for stack in (first, second))
        assert ours is None or theirs is None or ours != theirs or first.tags != second.tags
    if not changes:
        # What is left may differ only in ways that mean the same to AWS, so the second is applied already.
        assert applied(second, Here(service)).calls == ()


def _thing(stack: Stack, address: str) -> object:
    return next((thing for thing in stack.things if thing.address == address), None)


@settings(max_examples=30, deadline=None)
@given(stacks(), stacks())
def test_what_is_printed_says_everything(first, second):
    """Every address is printed, and the JSON form is plain JSON."""
    service = LocalService()
    for stack in (first, second):
        changes = stack.preview(Here(service))
        text = str(changes)
        assert all(change.address in text for change in changes)
        assert text == changes.__rich__().plain
        document = json.loads(changes.to_json())
        assert [each["address"] for each in document["changes"]] == [change.address for change in changes]
        changes.apply(allow_delete=True)
