"""Job summaries of the local AWS Backup: counts that agree with the lists of jobs."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from local_stage import ACCOUNT, START, Stage, day, table_arn, vault_arn, when

from backupkit import errors
from backupkit.emulator.kernel.behavior import Choices

EACH = {"State": "ANY", "ResourceType": "ANY", "MessageCategory": "ANY"}
BUCKET = "arn:aws:s3:::photos"


@pytest.fixture
def stage():
    return filled(Stage())


def filled(stage: Stage) -> Stage:
    """Three days of jobs: each day a table, on the second a bucket and a table that is not there."""
    stage.world.add(table_arn("orders"))
    stage.world.add(BUCKET)
    for number in range(3):
        stage.back_up(table_arn("orders"))
        if number == 1:
            stage.back_up(BUCKET)
            stage.back_up(table_arn("absent"))
        stage.clock.until(START + day(number + 1) + timedelta(hours=1))
    return stage


def summaries(stage: Stage, kind: str = "Backup", **params: Any) -> list[dict[str, Any]]:
    return stage.every(f"List{kind}JobSummaries", f"{kind}JobSummaries", **params)


def counted(found: list[dict[str, Any]], *members: str) -> Counter[tuple[str, ...]]:
    counts: Counter[tuple[str, ...]] = Counter()
    for each in found:
        counts[tuple(each[member] for member in members)] += each["Count"]
    return counts


def test_the_counts_agree_with_the_list_of_jobs(stage):
    """By state, type and category a summary counts exactly what ListBackupJobs lists."""
    members = ("AccountId", "State", "ResourceType", "MessageCategory")
    expected = Counter(tuple(job[member] for member in members) for job in stage.jobs())
    assert len(expected) == 3
    for period in ("ONE_DAY", "SEVEN_DAYS", "FOURTEEN_DAYS"):
        assert counted(summaries(stage, AggregationPeriod=period, **EACH), *members) == expected


def test_one_day_counts_each_day_of_utc_by_itself(stage):
    """Each summary is of one day, from midnight to midnight, the newest first."""
    found = summaries(stage, AggregationPeriod="ONE_DAY")
    assert [(when(each["StartTime"]), each["Count"]) for each in found] == [
        (START + day(2), 1),
        (START + day(1), 3),
        (START, 1),
    ]
    assert {each["EndTime"] - each["StartTime"] for each in found} == {86_400}


@pytest.mark.parametrize(("period", "days"), [("SEVEN_DAYS", 7), ("FOURTEEN_DAYS", 14)])
def test_longer_periods_are_one_sum_over_their_days(stage, period, days):
    """One count with the bounds of the whole period; what is older no longer counts."""
    [found] = summaries(stage, AggregationPeriod=period)
    assert (found["Count"], found["EndTime"] - found["StartTime"]) == (5, days * 86_400)
    stage.clock.until(START + day(days + 1))
    [found] = summaries(stage, AggregationPeriod=period)
    assert found["Count"] == 1
    stage.clock.advance(days=1)
    assert summaries(stage, AggregationPeriod=period) == []


def test_a_job_that_has_not_ended_counts_however_old_it_is(stage):
    """A job from before the period that is still under way counts on the period's first day."""
    stage.service.faults.block_backups(BUCKET)
    stage.start(BUCKET, StartWindowMinutes=30 * 1440, CompleteWindowMinutes=60 * 1440)
    stage.clock.advance(days=20)
    [found] = summaries(stage, State="CREATED", AggregationPeriod="ONE_DAY")
    assert (when(found["StartTime"]), found["Count"]) == (START + day(10), 1)


def test_filters_choose_and_aggregate_all_sums(stage):
    """A value counts only its own, ANY counts each apart, AGGREGATE_ALL counts all as one; categories in any case."""
    whole = {"AggregationPeriod": "FOURTEEN_DAYS"}
    [failed] = summaries(stage, State="FAILED", **whole)
    assert (failed["State"], failed["Count"], failed["ResourceType"]) == ("FAILED", 1, "AGGREGATE_ALL")
    [s3] = summaries(stage, ResourceType="S3", State="AGGREGATE_ALL", **whole)
    assert (s3["ResourceType"], s3["State"], s3["Count"]) == ("S3", "AGGREGATE_ALL", 1)
    [fine] = summaries(stage, MessageCategory="Success", **whole)
    assert (fine["MessageCategory"], fine["Count"]) == ("SUCCESS", 4)
    assert counted(summaries(stage, State="ANY", **whole), "State") == {("COMPLETED",): 4, ("FAILED",): 1}


def test_what_is_not_named_is_summed_or_shown_by_choice():
    """No source says which; `summaries_sum_what_is_not_asked` decides."""
    stage = filled(Stage(choices=Choices(summaries_sum_what_is_not_asked=False)))
    assert summaries(stage) == summaries(stage, **EACH)


def test_the_accounts_of_the_world_are_counted_apart_or_together(stage):
    """ANY shows each account and AGGREGATE_ALL their sum; without AccountId it is one's own."""
    other = stage.service.as_account("210987654321")
    for params in ({}, {"IdempotencyToken": "again"}):
        other.call("CreateBackupVault", {"BackupVaultName": "prod", "CreatorRequestId": "once"})
        asked = {"BackupVaultName": "prod", "IamRoleArn": "arn:aws:iam::210987654321:role/backup"}
        arn = "arn:aws:dynamodb:us-east-1:210987654321:table/t"
        other.call("StartBackupJob", {**asked, "ResourceArn": arn, **params})
    whole = {"AggregationPeriod": "FOURTEEN_DAYS"}
    each = counted(summaries(stage, AccountId="ANY", **whole), "AccountId")
    assert each == {(ACCOUNT,): 5, ("210987654321",): 2}
    assert counted(summaries(stage, AccountId="AGGREGATE_ALL", **whole), "AccountId") == {("AGGREGATE_ALL",): 7}
    assert counted(summaries(stage, AccountId="210987654321", **whole), "AccountId") == {("210987654321",): 2}
    assert counted(summaries(stage, **whole), "AccountId") == {(ACCOUNT,): 5}


def test_copy_and_restore_jobs_are_counted_as_well(stage):
    """One copy and one restore turn up in their own summaries only; restores have no category."""
    stage.call("CreateBackupVault", BackupVaultName="copies")
    point = stage.points(ByResourceType="DynamoDB")[0]["RecoveryPointArn"]
    role = "arn:aws:iam::123456789012:role/backup"
    asked = {"RecoveryPointArn": point, "SourceBackupVaultName": "prod", "IamRoleArn": role}
    stage.call("StartCopyJob", **asked, DestinationBackupVaultArn=vault_arn("copies"))
    stage.restore(point, {"targetTableName": "again"})
    stage.clock.advance(hours=1)
    [copy] = summaries(stage, "Copy", **EACH)
    assert (copy["State"], copy["ResourceType"], copy["Count"]) == ("COMPLETED", "DynamoDB", 1)
    [restore] = summaries(stage, "Restore", ResourceType="ANY")
    assert (restore["ResourceType"], restore["Count"]) == ("DynamoDB", 1)


def test_summaries_come_in_pages(stage):
    """Page by page they are the same as at once, and a foreign token is refused."""
    assert summaries(stage, MaxResults=1, **EACH) == summaries(stage, **EACH)
    with pytest.raises(errors.ServiceError, match="NextToken"):
        stage.call("ListBackupJobSummaries", NextToken="none")
    with pytest.raises(errors.ServiceError, match="MaxResults"):
        stage.call("ListBackupJobSummaries", MaxResults=501)


@pytest.mark.parametrize("account", ["*", "ROOT"])
def test_a_summary_has_words_of_its_own_for_all_accounts(stage, account):
    """What lists of jobs and report plans call all accounts is not an account here: it is ANY or AGGREGATE_ALL."""
    with pytest.raises(errors.RejectedError, match="AccountId"):
        stage.call("ListBackupJobSummaries", AccountId=account)


def test_a_summary_says_what_period_it_is_of(stage):
    """The answer repeats the period, also where the call gave none."""
    assert stage.call("ListBackupJobSummaries", AggregationPeriod="SEVEN_DAYS")["AggregationPeriod"] == "SEVEN_DAYS"
    assert stage.call("ListCopyJobSummaries")["AggregationPeriod"] == "ONE_DAY"
