from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
from local_stage import ACCOUNT, REGION, ROLE, START, Stage, any_tag, day, table_arn, vault_arn, when

from backupkit.emulator.kernel.job_records import JOB_KINDS, JobKind
from backupkit.emulator.kernel.resource_protocol import ResourceInfo, WorldError
from backupkit.emulator.kernel.shapes import model, operation_names
from backupkit.emulator.model import BackupJob, CopyJob, ReportJob, RestoreJob, ScanJob
from backupkit.emulator.resources.synthetic import SyntheticWorld
from backupkit.emulator.resources.worlds import Worlds
from backupkit.errors import AccessDeniedError, NotFoundError, RejectedError

TABLE = table_arn("orders")
DATABASE = f"arn:aws:rds:{REGION}:{ACCOUNT}:db:main"
HUGE = 10**14
RUNNING = "Backup job failed because there was a running job for the same resource."


@pytest.fixture
def stage() -> Stage:
    made = Stage()
    made.world.add(TABLE, size_bytes=5_000_000, tags={"Backup": "daily"})
    return made


def test_a_job_passes_its_states_in_order(stage: Stage) -> None:
    """CREATED, RUNNING, COMPLETED, with the times of each, a growing PercentDone, and a point at the end."""
    job_id = stage.start(TABLE)
    seen = [stage.job(job_id)]
    while seen[-1]["State"] != "COMPLETED":
        stage.clock.advance(seconds=20)
        seen.append(stage.job(job_id))
    states = [job["State"] for job in seen]
    assert list(dict.fromkeys(states)) == ["CREATED", "RUNNING", "COMPLETED"]
    percents = [float(job["PercentDone"].removesuffix("%")) for job in seen]
    assert percents == sorted(percents)
    assert (seen[0]["PercentDone"], seen[-1]["PercentDone"]) == ("0.00%", "100.00%")
    done = seen[-1]
    assert done["CreationDate"] <= done["InitiationDate"] < done["CompletionDate"]
    assert done["StartBy"] == done["CreationDate"] + 480 * 60
    assert done["MessageCategory"] == "SUCCESS"
    assert stage.point(done["RecoveryPointArn"])["Status"] == "COMPLETED"
    assert "CreatedBy" not in done


def test_the_same_seed_makes_the_same_jobs() -> None:
    """Ids and times repeat from run to run."""

    def run() -> Any:
        stage = Stage()
        stage.world.add(TABLE)
        return stage.back_up(TABLE)

    assert run() == run()


def test_one_token_starts_one_job(stage: Stage) -> None:
    """Repeating a start with its token answers the first job; another token starts another job."""
    first = stage.start(TABLE, IdempotencyToken="once")
    assert stage.start(TABLE, IdempotencyToken="once") == first
    assert stage.start(TABLE, IdempotencyToken="twice") != first
    assert len(stage.jobs()) == 2


def test_the_point_is_told_at_once_where_aws_tells_it(stage: Stage) -> None:
    """StartBackupJob answers a point's ARN for EFS and DynamoDB with advanced features, and it is the ARN that comes."""
    asked = {"BackupVaultName": "prod", "IamRoleArn": ROLE}
    stage.world.add(DATABASE)
    assert "RecoveryPointArn" not in stage.call("StartBackupJob", ResourceArn=DATABASE, **asked)
    told = stage.call("StartBackupJob", ResourceArn=TABLE, **asked)
    stage.clock.advance(hours=1)
    assert stage.job(told["BackupJobId"])["RecoveryPointArn"] == told["RecoveryPointArn"]


def test_a_missing_vault_answers_access_denied(stage: Stage) -> None:
    """AWS does not tell a missing vault from a forbidden one."""
    with pytest.raises(AccessDeniedError, match="Insufficient privileges"):
        stage.start(TABLE, BackupVaultName="nowhere")


@pytest.mark.parametrize(
    "more",
    [
        {"Lifecycle": {"MoveToColdStorageAfterDays": 30, "DeleteAfterDays": 35}},
        {"Lifecycle": {"DeleteAfterDays": 0}},
        {"Lifecycle": {"DeleteAfterDays": 36_501}},
        {"StartWindowMinutes": 30},
        {"ResourceArn": "arn:aws:lambda:us-east-1:123456789012:function:f"},
        {"RecoveryPointTags": {"aws:mine": "x"}},
        {"RecoveryPointTags": {"k" * 129: "x"}},
        {"RecoveryPointTags": {"k": "x" * 257}},
        {"RecoveryPointTags": {f"k{number}": "x" for number in range(11)}},
    ],
)
def test_a_start_that_cannot_be_is_refused(stage: Stage, more: dict[str, Any]) -> None:
    """Lifecycles, windows, types and tags that AWS refuses make no job."""
    with pytest.raises(RejectedError):
        stage.start(TABLE, **more)
    assert stage.jobs() == []


def test_ninety_days_in_cold_storage_are_enough(stage: Stage) -> None:
    """Deletion exactly 90 days after the move to cold storage is accepted."""
    job = stage.back_up(TABLE, Lifecycle={"MoveToColdStorageAfterDays": 30, "DeleteAfterDays": 120})
    assert job["State"] == "COMPLETED"


def test_a_second_job_for_a_resource_fails_while_one_runs(stage: Stage) -> None:
    """One backup runs for a resource; the other fails with AWS's sentence."""
    stage.world.add(table_arn("big"), size_bytes=HUGE)
    first = stage.start(table_arn("big"))
    stage.clock.advance(minutes=2)
    second = stage.back_up(table_arn("big"))
    assert (second["State"], second["StatusMessage"]) == ("FAILED", RUNNING)
    assert stage.job(first)["State"] == "RUNNING"


@pytest.mark.parametrize("world", [SyntheticWorld, Worlds])
def test_a_resource_that_is_gone_fails_its_job(world: type[SyntheticWorld]) -> None:
    """A missing resource is not an error of the call; the job fails and leaves no point."""
    stage = Stage(world())
    job = stage.back_up(TABLE)
    assert job["State"] == "FAILED"
    assert "does not exist" in job["StatusMessage"]
    assert stage.points() == []


def test_a_role_that_cannot_be_assumed_fails_the_job(stage: Stage) -> None:
    """A denied role fails the job with AWS's sentence and its category, by which the list filters."""
    stage.service.faults.deny(ROLE)
    job = stage.back_up(TABLE)
    assert job["StatusMessage"] == f"IAM Role {ROLE} cannot be assumed by AWS Backup"
    assert [one["BackupJobId"] for one in stage.jobs(ByMessageCategory="ACCESSDENIED")] == [job["BackupJobId"]]


@pytest.mark.parametrize("lifecycle", [{"DeleteAfterDays": 6}, {"DeleteAfterDays": 366}, {}])
def test_a_retention_outside_the_lock_fails_the_job(stage: Stage, lifecycle: dict[str, int]) -> None:
    """Too short, too long and forever all break a lock of 7 to 365 days, and only the job shows it."""
    stage.call("PutBackupVaultLockConfiguration", BackupVaultName="prod", MinRetentionDays=7, MaxRetentionDays=365)
    job = stage.back_up(TABLE, Lifecycle=lifecycle)
    assert job["State"] == "FAILED"
    text = "Backup job failed because the lifecycle is outside the valid range for backup vault."
    assert job["StatusMessage"] == text


@pytest.mark.parametrize("days", [7, 365])
def test_a_retention_at_the_edge_of_the_lock_is_inside(stage: Stage, days: int) -> None:
    """The lock's bounds belong to its range."""
    stage.call("PutBackupVaultLockConfiguration", BackupVaultName="prod", MinRetentionDays=7, MaxRetentionDays=365)
    assert stage.back_up(TABLE, Lifecycle={"DeleteAfterDays": days})["State"] == "COMPLETED"


def test_a_vault_that_is_gone_at_job_time_fails_the_job(stage: Stage) -> None:
    """A plan may name a vault that is not there; its jobs fail with AWS's sentence."""
    stage.plan({"RuleName": "daily", "TargetBackupVaultName": "gone"})
    stage.clock.advance(days=1)
    (job,) = stage.jobs()
    assert job["StatusMessage"] == f"Backup job failed because backup vault {vault_arn('gone')} does not exist."


def test_more_than_fifty_tags_fail_the_job(stage: Stage) -> None:
    """Copied tags and those of the caller make at most 50 on a point."""
    stage.world.tag(TABLE, {f"k{number}": "v" for number in range(49)})
    job = stage.back_up(TABLE, RecoveryPointTags={"one-more": "v"})
    assert job["StatusMessage"] == "The resultant tag set must not have more than 50 user tags."
    assert stage.back_up(TABLE, RecoveryPointTags={"k0": "mine"})["State"] == "COMPLETED"


def test_a_job_that_cannot_start_expires_with_its_window(stage: Stage) -> None:
    """A resource that is held back is tried again until the start window ends; then the job is EXPIRED."""
    stage.service.faults.block_backups(TABLE)
    job_id = stage.start(TABLE, StartWindowMinutes=60)
    stage.clock.advance(minutes=59)
    assert stage.job(job_id)["State"] == "CREATED"
    stage.clock.advance(minutes=2)
    assert (stage.job(job_id)["State"], stage.job(job_id)["CompletionDate"]) == (
        "EXPIRED",
        stage.job(job_id)["StartBy"],
    )


def test_a_job_that_waits_starts_when_it_can(stage: Stage) -> None:
    """Within the start window a job is tried at least every ten minutes."""
    stage.service.faults.block_backups(TABLE)
    job_id = stage.start(TABLE)
    stage.clock.advance(minutes=30)
    stage.service.faults.release(TABLE)
    stage.clock.advance(minutes=15)
    assert stage.job(job_id)["State"] == "COMPLETED"


def test_a_job_beyond_its_completion_window_expires(stage: Stage) -> None:
    """A job that takes too long is cancelled with AWS's sentence, and its point goes."""
    stage.world.add(table_arn("big"), size_bytes=HUGE)
    job_id = stage.start(table_arn("big"), StartWindowMinutes=60, CompleteWindowMinutes=120)
    stage.clock.advance(minutes=60)
    assert [point["Status"] for point in stage.points()] == ["CREATING"]
    stage.clock.advance(minutes=61)
    job = stage.job(job_id)
    assert (job["State"], job["StatusMessage"]) == ("EXPIRED", "Backup job expired before completion.")
    assert stage.points() == []
    patient = stage.start(table_arn("big"), CompleteWindowMinutes=60 * 24 * 30)
    stage.clock.advance(days=10)
    assert stage.job(patient)["State"] == "COMPLETED"


def test_stopping_aborts_a_job_without_a_point(stage: Stage) -> None:
    """StopBackupJob ends in ABORTED, and what was made of the point is gone."""
    stage.world.add(table_arn("big"), size_bytes=HUGE)
    job_id = stage.start(table_arn("big"))
    stage.clock.advance(minutes=5)
    stage.call("StopBackupJob", BackupJobId=job_id)
    assert stage.job(job_id)["State"] == "ABORTING"
    stage.clock.advance(minutes=5)
    assert stage.job(job_id)["State"] == "ABORTED"
    assert stage.points() == []
    stage.clock.advance(days=10)
    assert stage.job(job_id)["State"] == "ABORTED"
    with pytest.raises(RejectedError):
        stage.call("StopBackupJob", BackupJobId=job_id)


def test_stopping_a_job_that_has_not_started_aborts_it(stage: Stage) -> None:
    """A job in its start window is stopped, too, and never runs."""
    job_id = stage.start(TABLE)
    stage.call("StopBackupJob", BackupJobId=job_id)
    stage.clock.advance(hours=1)
    assert stage.job(job_id)["State"] == "ABORTED"
    assert stage.points() == []


def test_a_stopped_job_stays_stopped_when_its_backup_would_have_ended(stage: Stage) -> None:
    """What was noted for its end has no effect any more, and no point comes."""
    job_id = stage.start(TABLE)
    while stage.job(job_id)["State"] != "RUNNING":
        stage.clock.advance(seconds=1)
    stage.call("StopBackupJob", BackupJobId=job_id)
    stage.clock.advance(hours=1)
    assert (stage.job(job_id)["State"], stage.points()) == ("ABORTED", [])


def test_jobs_of_databases_cannot_be_stopped(stage: Stage) -> None:
    """StopBackupJob is not supported for RDS and its relatives."""
    stage.world.add(DATABASE)
    with pytest.raises(RejectedError, match="RDS"):
        stage.call("StopBackupJob", BackupJobId=stage.start(DATABASE))


def test_an_unknown_job_is_not_found(stage: Stage) -> None:
    """Describing or stopping it is refused."""
    for operation in ("DescribeBackupJob", "StopBackupJob"):
        with pytest.raises(NotFoundError):
            stage.call(operation, BackupJobId="no-such-job")


def test_job_lists_filter_by_everything_that_the_api_has(stage: Stage) -> None:
    """Each filter keeps what it names and drops the rest."""
    stage.call("CreateBackupVault", BackupVaultName="other")
    stage.world.add(DATABASE)
    table = stage.back_up(TABLE)
    stage.clock.advance(days=1)
    base = stage.back_up(DATABASE, BackupVaultName="other")
    waiting = stage.start(TABLE)
    middle = START + timedelta(hours=12)

    def ids(**filters: Any) -> set[str]:
        return {job["BackupJobId"] for job in stage.jobs(**filters)}

    first, second = {table["BackupJobId"]}, {base["BackupJobId"]}
    assert ids() == first | second | {waiting}
    assert ids(ByResourceArn=DATABASE) == second
    assert ids(ByState="CREATED") == {waiting}
    assert ids(ByBackupVaultName="other") == second
    assert ids(ByResourceType="RDS") == second
    assert ids(ByAccountId=ACCOUNT) == ids(ByAccountId="*") == first | second | {waiting}
    assert ids(ByAccountId="999999999999") == set()
    assert ids(ByCreatedBefore=middle) == ids(ByCompleteBefore=middle) == first
    assert ids(ByCreatedAfter=middle) == second | {waiting}
    assert ids(ByCompleteAfter=middle) == second
    assert ids(ByMessageCategory="SUCCESS") == first | second
    assert ids(ByParentJobId="x") == set()
    assert ids(MaxResults=1) == first | second | {waiting}


def test_jobs_are_forgotten_after_thirty_days(stage: Stage) -> None:
    """The record of a job goes 30 days after its end; its point stays."""
    job = stage.back_up(TABLE)
    stage.clock.advance(days=29)
    assert stage.jobs()
    stage.clock.advance(days=2)
    assert stage.jobs() == []
    with pytest.raises(NotFoundError):
        stage.job(job["BackupJobId"])
    assert [point["RecoveryPointArn"] for point in stage.points()] == [job["RecoveryPointArn"]]


def asked(operation: str) -> set[str]:
    """What AWS's model lets an operation be asked for."""
    shape = model().operation_model(operation).input_shape
    return set(shape.members) if shape is not None else set()


RECORDS = (BackupJob, CopyJob, RestoreJob, ScanJob, ReportJob)


@pytest.mark.parametrize(("kind", "record"), [*zip(JOB_KINDS, RECORDS, strict=True)])
def test_a_list_of_jobs_looks_at_every_filter_that_aws_has(kind: JobKind[Any], record: type) -> None:
    """Whatever filter AWS's model gives the list of a kind of job, the emulator heeds it: none is passed over."""
    lists = [name for name in operation_names() if re.fullmatch(f"List{kind.name}Jobs(By.*)?", name)]
    members = {member for name in lists for member in asked(name)}
    assert set(kind.filters) == members - {"MaxResults", "NextToken", "ByAccountId", "ByParentJobId"}
    assert [name for name in kind.filters.values() if not hasattr(record, name)] == []


@pytest.mark.parametrize("kind", JOB_KINDS, ids=lambda kind: kind.name)
def test_a_summary_counts_by_every_member_that_aws_has(kind: JobKind[Any]) -> None:
    """Summaries of each kind of job can be asked for all that AWS's model lets them be asked for."""
    operation = f"List{kind.name}JobSummaries"
    if operation not in operation_names():
        assert kind.counted_by == {}
        return
    assert set(kind.counted_by) == asked(operation) - {"MaxResults", "NextToken", "AccountId", "AggregationPeriod"}


# Schedules


def test_a_schedule_fires_in_its_zone(stage: Stage) -> None:
    """05:00 in New York is 10:00 UTC in winter and 09:00 in summer."""
    zone = {"ScheduleExpression": "cron(0 5 * * ? *)", "ScheduleExpressionTimezone": "America/New_York"}
    stage.plan({"RuleName": "daily", **zone, "Lifecycle": {"DeleteAfterDays": 1}})
    stage.clock.until(START + day(1))
    assert [when(job["CreationDate"]) for job in stage.jobs()] == [START + timedelta(hours=10)]
    stage.clock.until(START + day(181))
    assert max(when(job["CreationDate"]) for job in stage.jobs()).hour == 9


def test_a_job_of_a_plan_says_which_rule_made_it(stage: Stage) -> None:
    """CreatedBy holds the plan and the rule, on the job and on its point."""
    plan_id = stage.plan({"RuleName": "daily"})
    stage.clock.advance(days=1)
    (job,) = stage.jobs()
    told = stage.call("GetBackupPlan", BackupPlanId=plan_id)
    made = job["CreatedBy"]
    assert made["BackupPlanId"] == plan_id
    assert made["BackupPlanVersion"] == told["VersionId"]
    assert made["BackupRuleId"] == told["BackupPlan"]["Rules"][0]["RuleId"]
    assert (made["BackupRuleName"], made["BackupRuleCron"]) == ("daily", "cron(0 5 ? * * *)")
    assert [point["CreatedBy"] for point in stage.points(ByBackupPlanId=plan_id)] == [made]


def test_a_changed_plan_fires_as_changed_and_a_deleted_one_no_more(stage: Stage) -> None:
    """An update takes the old schedule's place at once; after the plan's deletion nothing fires."""
    plan_id = stage.plan({"RuleName": "daily"})
    (chosen,) = stage.call("ListBackupSelections", BackupPlanId=plan_id)["BackupSelectionsList"]
    noon = {"RuleName": "daily", "TargetBackupVaultName": "prod", "ScheduleExpression": "cron(0 12 * * ? *)"}
    stage.call("UpdateBackupPlan", BackupPlanId=plan_id, BackupPlan={"BackupPlanName": "plan", "Rules": [noon]})
    stage.clock.advance(days=2)
    assert {when(job["CreationDate"]).hour for job in stage.jobs()} == {12}
    assert len(stage.jobs()) == 2
    stage.call("DeleteBackupSelection", BackupPlanId=plan_id, SelectionId=chosen["SelectionId"])
    stage.call("DeleteBackupPlan", BackupPlanId=plan_id)
    stage.clock.advance(days=2)
    assert len(stage.jobs()) == 2


def test_of_overlapping_rules_the_longest_retention_backs_up(stage: Stage) -> None:
    """Where start windows of one plan overlap, only the rule that keeps longest makes a backup."""
    short = {"RuleName": "short", "ScheduleExpression": "cron(0 7 * * ? *)", "Lifecycle": {"DeleteAfterDays": 7}}
    weekly = {"RuleName": "weekly", "ScheduleExpression": "cron(0 5 ? * SUN *)", "Lifecycle": {"DeleteAfterDays": 30}}
    stage.plan(short, weekly)
    stage.clock.until(START + day(7))  # a week from Thursday on, with one Sunday
    rules = [job["CreatedBy"]["BackupRuleName"] for job in stage.jobs()]
    assert (rules.count("short"), rules.count("weekly")) == (6, 1)


def test_rules_that_do_not_overlap_both_back_up(stage: Stage) -> None:
    """Start windows that only touch do not overlap."""
    early = {"RuleName": "early", "ScheduleExpression": "cron(0 5 * * ? *)", "StartWindowMinutes": 60}
    late = {"RuleName": "late", "ScheduleExpression": "cron(0 6 * * ? *)", "StartWindowMinutes": 60}
    stage.plan({**early, "Lifecycle": {"DeleteAfterDays": 7}}, {**late, "Lifecycle": {"DeleteAfterDays": 30}})
    stage.clock.advance(days=1)
    assert len(stage.jobs()) == 2


def test_tags_of_resource_and_rule_reach_the_point(stage: Stage) -> None:
    """The resource's tags are copied, and the rule's win."""
    stage.plan(
        {"RuleName": "daily", "RecoveryPointTags": {"Backup": "by-plan", "Rule": "daily"}}, **any_tag("Backup", "daily")
    )
    stage.world.tag(TABLE, Team="platform")
    stage.clock.advance(days=1)
    (point,) = stage.points()
    tags = stage.call("ListTags", ResourceArn=point["RecoveryPointArn"])["Tags"]
    assert tags == {"Backup": "by-plan", "Rule": "daily", "Team": "platform"}


def test_resources_that_come_and_go_are_followed(stage: Stage) -> None:
    """Each firing looks anew at what is there and how it is tagged."""
    stage.plan({"RuleName": "daily"}, **any_tag("Backup", "daily"))
    stage.clock.advance(days=1)
    stage.world.add(table_arn("new"), tags={"Backup": "daily"})
    stage.world.tag(TABLE, Backup="never")
    stage.clock.advance(days=1)
    assert [job["ResourceArn"] for job in stage.jobs()] == [table_arn("new"), TABLE]


def test_a_month_of_daily_and_monthly_rules_leaves_exactly_these_points() -> None:
    """40 days of a plan, counted by hand.

    Of 40 firings at 05:00, those of 1 January and 1 February belong to the monthly rule, which keeps longer; 38 are
    daily. By 10 February 00:00 the daily points of 2 to 5 January are 35 days old and up to 8 hours more, so gone. Both
    monthly points are more than 7 days old, so cold, except that of the volume, which did not opt in to the archive.
    """
    stage = Stage()
    volume = f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/vol-1"
    for arn in (table_arn("a"), table_arn("b"), volume):
        stage.world.add(arn, tags={"Backup": "daily"}, daily_change=0.01)
    stage.world.add(table_arn("untagged"))
    daily = {"RuleName": "daily", "ScheduleExpression": "cron(0 5 * * ? *)", "Lifecycle": {"DeleteAfterDays": 35}}
    monthly = {
        "RuleName": "monthly",
        "ScheduleExpression": "cron(0 5 1 * ? *)",
        "Lifecycle": {"MoveToColdStorageAfterDays": 7, "DeleteAfterDays": 365},
    }
    stage.plan(daily, monthly, **any_tag("Backup", "daily"))
    stage.clock.advance(days=40)
    assert stage.tiers() == {("COMPLETED", "WARM"): 3 * (38 - 4) + 2, ("COMPLETED", "COLD"): 2 * 2}
    rules = [point["CreatedBy"]["BackupRuleName"] for point in stage.points()]
    assert (rules.count("daily"), rules.count("monthly")) == (102, 6)
    assert {job["State"] for job in stage.jobs()} == {"COMPLETED"}
    # The records of 30 days: those of 11 January and later (10 January ended before 05:30).
    assert len(stage.jobs()) == 30 * 3
    sizes = [point["BackupSizeInBytes"] for point in stage.points(ByResourceArn=table_arn("a"))]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] > sizes[-1]


class Moody(SyntheticWorld):
    """A world that cannot be looked at for a while."""

    dark = False

    @property
    def revision(self) -> None:
        return None

    def resources(self, account_id: str, region_name: str) -> Iterable[ResourceInfo]:
        if self.dark:
            raise WorldError("DynamoDB answered AccessDenied to ListTables")
        return super().resources(account_id, region_name)


def test_a_schedule_whose_world_cannot_be_listed_says_so_and_fires_when_it_can_be() -> None:
    """Whoever moves the clock gets the reason; nothing is left out in silence, and the backup is made later."""
    world = Moody()
    stage = Stage(world)
    world.add(table_arn("orders"))
    stage.plan({"RuleName": "daily", "ScheduleExpression": "cron(0 5 ? * * *)"})
    world.dark = True
    for _ in range(2):
        with pytest.raises(WorldError, match="AccessDenied to ListTables"):
            stage.clock.advance(days=1)
    world.dark = False
    stage.clock.advance(hours=12)
    assert [job["State"] for job in stage.every("ListBackupJobs", "BackupJobs")] == ["COMPLETED"]
    stage.clock.advance(days=1)
    assert len(stage.every("ListBackupJobs", "BackupJobs")) == 2
