"""The laws of changing many points: whatever goes wrong, nothing is lost, nothing is done twice, and a second run ends it."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import backupkit as bk
from backupkit.connection import Connection
from backupkit.errors import CredentialsError, UnavailableError, UnreachableError
from backupkit.recover.point_change import PointChange
from backupkit.recover.point_preview import held_back
from backupkit.transport.fault_injection import FaultInjection
from backupkit.transport.retry import Retrying, RetryPolicy

ACCOUNT, REGION = "123456789012", "us-east-1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/backup"
POINTS = 5


def files(number):
    return f"arn:aws:elasticfilesystem:{REGION}:{ACCOUNT}:file-system/fs-{number:017x}"


def stage(verb):
    """A service with some points, and the changes to make."""
    aws = bk.local()
    for name in ("prod", "second"):
        aws.call("CreateBackupVault", BackupVaultName=name)
    for number in range(POINTS):
        aws.resources.add(files(number))
    bk.wait_all([aws.back_up(files(number), vault="prod", role=ROLE, keep_days=400) for number in range(POINTS)])
    points = aws.recovery_points(vault="prod")
    return aws, {
        "delete": lambda: points.preview_deletion(keep_last=0),
        "lifecycle": lambda: points.preview_lifecycle(keep_days=300),
        "tags": lambda: points.preview_tags({"Case": "7"}),
        "copy": lambda: points.preview_copies(aws.vaults.get("second").backup_vault_arn),
    }[verb]()


def all_done(aws, verb):
    """Whether what was asked for has happened to every point, and once."""
    if verb == "delete":
        return list(aws.recovery_points()) == []
    if verb == "lifecycle":
        return {point.lifecycle.delete_after_days for point in aws.recovery_points()} == {300}
    if verb == "tags":
        return {frozenset(point.tags().items()) for point in aws.recovery_points()} == {frozenset({("Case", "7")})}
    copies = Counter(point.resource_arn for point in aws.recovery_points(vault="second"))
    return copies == dict.fromkeys(map(files, range(POINTS)), 1) and len(list(aws.copy_jobs())) == POINTS


def holds_every_point_once(report):
    return len({each.recovery_point_arn for each in report.outcomes}) == len(report.outcomes) == POINTS


def run(aws, changes, **faults):
    """One run over a transport that fails; what became of each point, whatever ended the run."""
    broken = FaultInjection(aws.service, **faults)
    calls = Retrying(broken, RetryPolicy(attempts=2, unreachable_attempts=2))
    try:
        here = bk.PointChanges.from_json(changes.to_json(), Connection(calls))
        return broken, here.apply(allow_delete=True, workers=3)
    except bk.PointsInterrupted as stopped:
        return broken, stopped.report
    except (bk.errors.BackupKitError, KeyboardInterrupt):
        # Whose the points are is asked while they are loaded, when nothing has been done.
        return broken, None


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("error", [KeyboardInterrupt, UnreachableError, CredentialsError, UnavailableError])
@pytest.mark.parametrize("verb", ["delete", "lifecycle", "tags", "copy"])
def test_a_run_that_breaks_at_any_call_loses_nothing_and_does_nothing_twice(verb, error, after):
    """At each call in turn the program is stopped, unreachable, without credentials or throttled: the next run ends it.

    The next run has the report of the first, or, as after a kill, nothing but the saved changes.
    """
    at, hit = 0, True
    while hit:
        at += 1
        aws, changes = stage(verb)
        raised = error("Op", "ThrottlingException", "slow") if error is UnavailableError else error("broken")
        broken, report = run(aws, changes, at=at, times=3, error=raised, after=after)
        assert report is None or holds_every_point_once(report)
        hit = broken.counted >= at
        resumed = report if at % 2 else None
        second = changes.apply(allow_delete=True, resume=resumed)
        assert holds_every_point_once(second)
        assert second.complete, str(second)
        assert all_done(aws, verb)
        aws.close()


@pytest.mark.parametrize("verb", ["delete", "lifecycle", "tags", "copy"])
@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_with_half_of_all_calls_throttled_every_point_is_done(verb, seed):
    """Throttling slows a run, and loses no point."""
    aws, changes = stage(verb)
    aws.faults.throttle("*", rate=0.5, seed=seed)
    first = changes.apply(allow_delete=True)
    aws.faults.clear()
    assert holds_every_point_once(first)
    assert changes.apply(allow_delete=True, resume=first).complete
    assert all_done(aws, verb)


ages = st.integers(0, 50)
points = st.lists(
    st.tuples(st.sampled_from("ab"), ages, st.sampled_from(["COMPLETED", "EXPIRED", "CREATING"]), st.booleans()),
    max_size=12,
)


@settings(max_examples=200, deadline=None)
@given(points, st.integers(0, 4))
def test_enough_points_of_each_resource_remain(made, keep_last):
    """After a deletion each resource has so many points as are to be kept, or all that it had."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    going, stays = [], {}
    for number, (resource, age, status, chosen) in enumerate(made):
        arn = f"point-{number}"
        if status == "COMPLETED":
            stays.setdefault(resource, set()).add(arn)
        if chosen:
            created = start + timedelta(days=age)
            going.append(
                PointChange(recovery_point_arn=arn, vault="v", resource_arn=resource, status=status, created=created)
            )
    kept = list(held_back(going, stays, keep_last))
    assert len(kept) == len(set(kept))
    for resource in "ab":
        mine = [each for each in going if each.resource_arn == resource]
        whole = {each.recovery_point_arn for each in mine if each.status != "CREATING"}
        gone = {each.recovery_point_arn for each in mine} - set(kept)
        remain = (stays.get(resource, set()) | whole) - gone
        had = stays.get(resource, set()) | whole
        assert len(remain) >= min(keep_last, len(had))
