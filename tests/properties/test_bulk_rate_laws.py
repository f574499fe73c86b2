"""Bulk work where AWS admits few calls a second, and answers get lost on top: all of it done, once, at that rate."""

from __future__ import annotations

from collections import Counter

import pytest

import backupkit as bk
from backupkit.connection import Connection
from backupkit.transport.fault_injection import FaultInjection
from backupkit.transport.recording import Recording
from backupkit.transport.retry import Retrying

ROLE = "arn:aws:iam::123456789012:role/backup"
POINTS = 32


def stage():
    """A service with a vault of points."""
    aws = bk.local()
    aws.call("CreateBackupVault", BackupVaultName="prod")
    for number in range(POINTS):
        arn = f"arn:aws:elasticfilesystem:us-east-1:123456789012:file-system/fs-{number:017x}"
        aws.resources.add(arn)
        aws.back_up(arn, vault="prod", role=ROLE, keep_days=400)
    aws.clock.advance(days=1)
    return aws


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("rate", [0.5, 20])
def test_a_bulk_deletion_at_a_rate_loses_nothing_and_does_nothing_twice(rate, seed):
    """Under a bucket of tokens, with calls that are lost before and after their work, each point goes, and goes once."""
    aws = stage()
    limit = aws.faults.limit("DeleteRecoveryPoint", per_second=rate, burst=5)
    aws.faults.limit("DescribeRecoveryPoint", per_second=5, burst=5)
    lost = [aws.faults.drop("DeleteRecoveryPoint", rate=0.1, seed=seed, after=after) for after in (False, True)]
    arns = {point.recovery_point_arn for point in aws.recovery_points()}
    recording = Recording(aws.service)
    slow = Connection(Retrying(recording))
    began = aws.clock.now()
    changes = slow.recovery_points().preview_deletion(keep_last=0)
    report = changes.apply(allow_delete=True, wait=False)
    took = (aws.clock.now() - began).total_seconds()
    assert not report.failed, str(report)
    assert {point.recovery_point_arn for point in (*report.started, *report.done)} == arns
    # Only an answer that was lost lets a deletion be asked for again.
    admitted = limit.counted - limit.fired
    assert POINTS <= admitted <= POINTS + sum(each.fired for each in lost)
    assert (admitted - 5) / rate <= took
    asked = Counter(call.params["RecoveryPointArn"] for call in recording.calls if "DeleteRecovery" in call.operation)
    assert set(asked) == arns
    aws.faults.clear()
    assert changes.apply(allow_delete=True, resume=report).complete
    assert list(aws.recovery_points()) == []


@pytest.mark.slow
def test_a_run_that_is_interrupted_at_a_rate_goes_on_where_it_stopped():
    """Threads that wait for their turn end with the run; the next run deletes the rest, and nothing again."""
    aws = stage()
    limit = aws.faults.limit("DeleteRecoveryPoint", per_second=1, burst=10)
    broken = FaultInjection(aws.service, operation="DeleteRecoveryPoint", at=20, error=KeyboardInterrupt())
    changes = Connection(Retrying(broken)).recovery_points().preview_deletion(keep_last=0)
    with pytest.raises(bk.PointsInterrupted) as stopped:
        changes.apply(allow_delete=True, wait=False)
    report = stopped.value.report
    assert len(report.outcomes) == POINTS
    assert report.started
    assert report.not_started
    again = changes.apply(allow_delete=True, resume=report, wait=False)
    assert not again.failed
    assert not again.not_started
    assert limit.counted - limit.fired == POINTS
