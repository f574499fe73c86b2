"""Lists of jobs: one word for their states, several states at once, and iterated as often as one likes."""

from __future__ import annotations

from datetime import timedelta

import pytest

import backupkit as bk
from backupkit.connection import Connection
from backupkit.errors import InvalidValueError
from backupkit.observe import JOB_STATES, BackupJobState
from backupkit.transport.recording import Recording

TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/orders"
OTHER = "arn:aws:dynamodb:us-east-1:123456789012:table/ledger"
COPIES = "arn:aws:backup:us-east-1:123456789012:backup-vault:copies"
KINDS = ("backup", "copy", "restore", "report", "scan")


@pytest.fixture
def aws():
    with bk.local() as connection:
        for arn in (TABLE, OTHER):
            connection.resources.add(arn)
        for name in ("prod", "copies"):
            connection.call("CreateBackupVault", BackupVaultName=name)
        yield connection


def listed(connection, kind, **words):
    return getattr(connection, f"{kind}_jobs")(**words)


def test_a_list_can_be_gone_through_again(aws):
    """A list that is empty the second time hides jobs from whoever counts first; each time AWS is asked again."""
    jobs = aws.backup_jobs(resource=TABLE)
    assert list(jobs) == []
    first = aws.back_up(TABLE, vault="prod")
    assert [job.id for job in jobs] == [job.id for job in jobs] == [first.id]
    assert repr(aws.backup_jobs(state="FAILED")) == "<Jobs of backup jobs with FAILED: 0 jobs on the first page>"


def test_several_states_are_asked_for_at_once(aws):
    """What is under way is CREATED or RUNNING: one list for both, and no job twice."""
    done = aws.back_up(TABLE, vault="prod").wait()
    new = aws.back_up(OTHER, vault="prod")
    for states in (("COMPLETED", "CREATED"), ["CREATED", "COMPLETED", "CREATED"], set(BackupJobState)):
        assert sorted(job.id for job in aws.backup_jobs(state=states)) == sorted([done.id, new.id])
    assert [job.id for job in aws.backup_jobs(state=BackupJobState.CREATED)] == [new.id]
    assert list(aws.backup_jobs(state=[])) == []


def test_a_job_that_changes_its_state_between_two_lists_is_there_once(aws):
    """States are asked for in the order in which jobs go through them, so that none slips through and none comes twice."""
    job = aws.back_up(TABLE, vault="prod")
    seen = []
    for each in aws.backup_jobs(state=["COMPLETED", "CREATED", "RUNNING"]):
        seen.append(each.id)
        aws.backup_job(job.id).wait()
    assert seen == [job.id]


@pytest.mark.parametrize("kind", KINDS)
def test_states_are_asked_for_in_the_order_in_which_jobs_go_through_them(aws, kind):
    """A job that moves on while the lists are read is in one that comes later, and not in one that was read before."""
    recording = Recording(aws.transport)
    assert list(listed(Connection(recording), kind, state=reversed(JOB_STATES[kind]))) == []
    assert [call.params.get("ByState", call.params.get("ByStatus")) for call in recording.calls] == list(
        JOB_STATES[kind]
    )


@pytest.mark.parametrize("kind", KINDS)
def test_a_state_that_only_another_kind_has_matches_nothing(aws, kind):
    """A loop over all kinds asks each for EXPIRED or CANCELED and gets what there is, without a call for nothing."""
    recording = Recording(aws.transport)
    every = {state for states in JOB_STATES.values() for state in states}
    strange = sorted(every - set(JOB_STATES[kind]))
    assert list(listed(Connection(recording), kind, state=strange)) == []
    assert recording.calls == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("wrong", ["DONE", "completed", ["COMPLETED", "OK"], 5, [None]])
def test_a_state_that_no_job_has_is_refused_with_those_there_are(aws, kind, wrong):
    """A typing error would list nothing, which reads like "no failures"."""
    with pytest.raises(InvalidValueError, match=f"state: .* is not a state of any job; {kind} jobs have .*COMPLETED"):
        listed(aws, kind, state=wrong)


@pytest.mark.parametrize("kind", KINDS)
def test_every_list_can_be_asked_for_a_resource(aws, kind):
    """Whatever kind of job it is, what happened to one resource is one question; a table has no reports."""
    recording = Recording(aws.transport)
    assert list(listed(Connection(recording), kind, resource=TABLE)) == []
    assert len(recording.calls) == (0 if kind == "report" else 1)


def test_the_restores_of_a_resource_are_asked_for_with_all_other_words(aws):
    """AWS's list by resource knows the state only; the other filters hold all the same."""
    point = aws.back_up(TABLE, vault="prod").wait().recovery_point
    other = aws.back_up(OTHER, vault="prod").wait().recovery_point
    early = point.restore(bk.restore.DynamoDBTable("orders-2")).wait()
    other.restore(bk.restore.DynamoDBTable("ledger-2")).wait()
    aws.clock.advance(hours=1)
    late = point.restore(bk.restore.DynamoDBTable("orders-3")).wait()
    began = late.refresh().creation_date
    between = began - timedelta(seconds=1)

    def ids(**words):
        return {job.id for job in aws.restore_jobs(resource=TABLE, **words)}

    assert ids() == ids(resource_type="DynamoDB") == ids(state=["COMPLETED", "FAILED"]) == {early.id, late.id}
    assert ids(account_id="123456789012") == {early.id, late.id}
    recording = Recording(aws.transport)
    list(Connection(recording).restore_jobs(resource=TABLE, account_id="123456789012"))
    assert [call.params["ByAccountId"] for call in recording.calls] == ["123456789012"]
    assert (ids(created_before=between), ids(created_after=between)) == ({early.id}, {late.id})
    assert (ids(completed_before=between), ids(completed_after=between)) == ({early.id}, {late.id})
    running = point.restore(bk.restore.DynamoDBTable("orders-4"))
    assert running.id in ids(state=["PENDING", "RUNNING"])
    assert running.id not in ids(completed_before=began + timedelta(days=1)) | ids(completed_after=between)
    running.wait()
    for words in (
        {"created_after": began},
        {"created_before": began},
    ):  # as AWS's own list has it: the bound is outside
        assert ids(**words) == {job.id for job in aws.restore_jobs(**words) if job.resource_arn == TABLE}
        assert late.id not in ids(**words)
    assert ids(state="FAILED") == ids(resource_type="S3") == ids(parent="p") == set()
    assert ids(restore_testing_plan_arn="arn:aws:backup:us-east-1:123456789012:restore-testing-plan:p") == set()


def test_the_apis_own_spelling_stays_on_the_record(aws):
    """Restores and reports have a status in the API: it is there beside the common word."""
    point = aws.back_up(TABLE, vault="prod").wait().recovery_point
    job = point.restore(bk.restore.DynamoDBTable("orders-2")).wait()
    assert (job.state, job.status, job.resource_arn, job.source_resource_arn) == (
        "COMPLETED",
        "COMPLETED",
        TABLE,
        TABLE,
    )
