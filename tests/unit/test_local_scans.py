"""Malware scans of the local AWS Backup: what they find is what the points hold, and what was scanned before."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from local_stage import ACCOUNT, REGION, ROLE, START, Stage, day, table_arn, vault_arn, when
from msgspec.structs import replace

from backupkit import errors
from backupkit.emulator.kernel import event_records
from backupkit.emulator.kernel.behavior import Choices
from backupkit.emulator.kernel.resource_protocol import Captured
from backupkit.emulator.resources.synthetic import SyntheticWorld

VOLUME = f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/vol-0123456789abcdef0"
INSTANCE = f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/i-0123456789abcdef0"
BUCKET = "arn:aws:s3:::photos"
SCANNER = f"arn:aws:iam::{ACCOUNT}:role/scanner"
CLEAN, INFECTED = "NO_THREATS_FOUND", "THREATS_FOUND"
DAILY = {"RuleName": "daily", "ScheduleExpression": "cron(0 5 ? * * *)"}
HELD = {"Lifecycle": {"DeleteAfterDays": 35}}
SETTINGS = {"MalwareScanner": "GUARDDUTY", "ResourceTypes": ["ALL"], "ScannerRoleArn": SCANNER}


@pytest.fixture
def stage():
    return with_resources(Stage())


def with_resources(stage: Stage) -> Stage:
    for arn in (VOLUME, INSTANCE, BUCKET, table_arn("orders")):
        stage.world.add(arn)
    return stage


def backed_up(stage: Stage, arn: str = VOLUME, **more: Any) -> str:
    point: str = stage.back_up(arn, **more)["RecoveryPointArn"]
    return point


def asked(point: str, **more: Any) -> dict[str, Any]:
    """The members of StartScanJob for a full scan, or for what ``more`` says."""
    named = {"BackupVaultName": "prod", "RecoveryPointArn": point, "MalwareScanner": "GUARDDUTY"}
    return {**named, "ScanMode": "FULL_SCAN", "IamRoleArn": ROLE, "ScannerRoleArn": SCANNER, **more}


def start(stage: Stage, point: str, **more: Any) -> str:
    job_id: str = stage.call("StartScanJob", **asked(point, **more))["ScanJobId"]
    return job_id


def job(stage: Stage, job_id: str) -> dict[str, Any]:
    return stage.call("DescribeScanJob", ScanJobId=job_id)


def scan(stage: Stage, point: str, base: str | None = None, **more: Any) -> dict[str, Any]:
    """A scan that has ended; an incremental one where a base is given."""
    if base is not None:
        more = {"ScanMode": "INCREMENTAL_SCAN", "ScanBaseRecoveryPointArn": base, **more}
    started = start(stage, point, **more)
    return stage.ended(lambda: job(stage, started), "State")


def result(ended: dict[str, Any]) -> str:
    status: str = ended["ScanResult"]["ScanResultStatus"]
    return status


def scans(stage: Stage, **filters: Any) -> list[dict[str, Any]]:
    return stage.every("ListScanJobs", "ScanJobs", MaxResults=2, **filters)


def refused(stage: Stage, point: str, **more: Any) -> str:
    with pytest.raises(errors.ServiceError) as caught:
        start(stage, point, **more)
    return caught.value.code


def scanning_plan(stage: Stage, *rules: dict[str, Any], settings: dict[str, Any] | None = SETTINGS, **more: Any) -> str:
    """A plan with scan settings that takes in every resource unless told otherwise."""
    plan_id = stage.plan(*rules, **more)
    document = stage.call("GetBackupPlan", BackupPlanId=plan_id)["BackupPlan"]
    for rule in document["Rules"]:
        del rule["RuleId"]
    scanned = {"ScanSettings": [settings]} if settings is not None else {}
    stage.call("UpdateBackupPlan", BackupPlanId=plan_id, BackupPlan={**document, **scanned})
    return plan_id


def rule(mode: str = "FULL_SCAN", **more: Any) -> dict[str, Any]:
    return {**DAILY, "ScanActions": [{"MalwareScanner": "GUARDDUTY", "ScanMode": mode}], **more}


def test_a_full_scan_finds_what_the_point_holds_not_what_the_resource_has_now(stage):
    """Malware counts from the moment of the backup: it neither reaches back nor leaves points that hold it."""
    before = backed_up(stage)
    stage.world.infect(VOLUME)
    during = backed_up(stage)
    stage.world.disinfect(VOLUME)
    after = backed_up(stage)
    assert [result(scan(stage, point)) for point in (before, during, after)] == [CLEAN, INFECTED, CLEAN]


def test_malware_comes_back_with_a_restore(stage):
    """What is restored from an infected point is infected, and so are its backups."""
    stage.world.infect(VOLUME)
    point = backed_up(stage)
    stage.world.disinfect(VOLUME)
    given = {"availabilityZone": "us-east-1a", "encrypted": "false", "volumeId": "vol-0123456789abcdef0"}
    made = stage.restore(point, given)["CreatedResourceArn"]
    assert result(scan(stage, backed_up(stage, made))) == INFECTED


def test_a_scan_is_created_running_and_completed_on_the_clock(stage):
    """Its id of the scanner comes when it runs, its result when it ends."""
    started = start(stage, backed_up(stage))
    assert job(stage, started)["State"] == "CREATED"
    assert "ScanId" not in job(stage, started)
    stage.clock.advance(minutes=1)
    running = job(stage, started)
    assert running["State"] == "RUNNING"
    assert "ScanId" in running
    assert "ScanResult" not in running
    stage.clock.advance(minutes=10)
    ended = job(stage, started)
    assert (ended["State"], result(ended)) == ("COMPLETED", CLEAN)
    assert ended["CompletionDate"] > ended["CreationDate"]


def test_the_same_token_starts_no_second_scan(stage):
    """The first job is answered again."""
    point = backed_up(stage)
    assert start(stage, point, IdempotencyToken="t") == start(stage, point, IdempotencyToken="t")
    assert len(scans(stage)) == 1


def test_an_incremental_scan_looks_at_what_changed_since_its_base(stage):
    """What a base holds and no scan found stays unseen; what is new is found."""
    stage.world.infect(VOLUME, "old")
    base = backed_up(stage)
    scan(stage, base)
    same = backed_up(stage)
    stage.clock.advance(days=91)
    assert result(scan(stage, same, base)) == CLEAN
    stage.world.infect(VOLUME, "new")
    ended = scan(stage, backed_up(stage), base)
    assert (result(ended), ended["ScanMode"], ended["ScanBaseRecoveryPointArn"]) == (INFECTED, "INCREMENTAL_SCAN", base)


def test_what_the_base_scan_found_is_looked_at_again_for_ninety_days(stage):
    """An infected file that did not change is found again by an incremental scan, as long as the base's scan is new."""
    stage.world.infect(VOLUME)
    base = backed_up(stage)
    scan(stage, base)
    later = backed_up(stage)
    assert result(scan(stage, later, base)) == INFECTED
    stage.world.disinfect(VOLUME)
    assert result(scan(stage, backed_up(stage), base)) == CLEAN


@pytest.mark.parametrize("why", ["never scanned", "scanned too long ago", "deleted"])
def test_without_a_good_base_an_incremental_scan_is_a_full_one(stage, why):
    """The first scan of a resource is full, and so is one whose base is gone or was scanned more than 365 days ago."""
    stage.world.infect(VOLUME)
    base = backed_up(stage)
    if why != "never scanned":
        scan(stage, base)
    if why == "deleted":
        stage.call("DeleteRecoveryPoint", BackupVaultName="prod", RecoveryPointArn=base)
        stage.clock.advance(minutes=5)
    if why == "scanned too long ago":
        stage.clock.advance(days=366)
    ended = scan(stage, backed_up(stage), base)
    assert (ended["ScanMode"], result(ended)) == ("FULL_SCAN", INFECTED)
    assert "ScanBaseRecoveryPointArn" not in ended


def test_a_base_must_be_an_earlier_point_of_the_same_resource(stage):
    """Anything else is refused, as is a base for a full scan and an incremental scan without one."""
    earlier, later, other = backed_up(stage), backed_up(stage), backed_up(stage, BUCKET)
    incremental = {"ScanMode": "INCREMENTAL_SCAN"}
    for base in (later, other):
        code = refused(stage, earlier, **incremental, ScanBaseRecoveryPointArn=base)
        assert code == "InvalidParameterValueException"
    assert refused(stage, later, ScanBaseRecoveryPointArn=earlier) == "InvalidParameterValueException"
    assert refused(stage, later, **incremental) == "InvalidParameterValueException"


def test_by_choice_an_incremental_scan_finds_its_base_itself():
    """The newest scanned point before it is the base."""
    stage = with_resources(Stage(choices=Choices(incremental_scan_needs_base=False)))
    first, second = backed_up(stage), backed_up(stage)
    scan(stage, first)
    scan(stage, second)
    ended = scan(stage, backed_up(stage), ScanMode="INCREMENTAL_SCAN")
    assert ended["ScanBaseRecoveryPointArn"] == second


def test_only_points_that_are_ready_and_of_a_scanned_type_can_be_scanned(stage):
    """DynamoDB is not scanned, nor is a point in cold storage, nor one that is being deleted, nor one that is not."""
    assert refused(stage, backed_up(stage, table_arn("orders"))) == "InvalidRequestException"
    cold = {"MoveToColdStorageAfterDays": 1, "OptInToArchiveForSupportedResources": True}
    point = backed_up(stage, Lifecycle=cold)
    stage.clock.advance(days=2)
    assert refused(stage, point) == "InvalidRequestException"
    stage.call("DeleteRecoveryPoint", BackupVaultName="prod", RecoveryPointArn=point)
    assert refused(stage, point) == "InvalidRequestException"
    assert refused(stage, "arn:aws:ec2:us-east-1::snapshot/snap-0") == "ResourceNotFoundException"


def test_copies_of_ec2_points_can_be_scanned_whole_only(stage):
    """An incremental scan of such a copy is refused, a full one is not."""
    stage.call("CreateBackupVault", BackupVaultName="second")
    source = backed_up(stage, INSTANCE)
    copied = {"SourceBackupVaultName": "prod", "DestinationBackupVaultArn": vault_arn("second")}
    started = stage.call("StartCopyJob", RecoveryPointArn=source, IamRoleArn=ROLE, **copied)["CopyJobId"]
    done = stage.ended(lambda: stage.call("DescribeCopyJob", CopyJobId=started)["CopyJob"], "State")
    copy, there = done["DestinationRecoveryPointArn"], {"BackupVaultName": "second"}
    incremental = {"ScanMode": "INCREMENTAL_SCAN", "ScanBaseRecoveryPointArn": source}
    assert refused(stage, copy, **there, **incremental) == "InvalidRequestException"
    assert result(scan(stage, copy, **there)) == CLEAN


def test_points_tell_their_newest_results(stage):
    """DescribeRecoveryPoint tells each, lists tell them together; a failed scan shows in both."""
    stage.world.infect(VOLUME)
    point, bare = backed_up(stage), backed_up(stage)
    scan(stage, point)
    stage.service.faults.deny(SCANNER)
    failed = scan(stage, point)
    assert (failed["State"], "ScanResult" in failed) == ("FAILED", False)
    assert SCANNER in failed["StatusMessage"]
    newest, oldest = stage.point(point)["ScanResults"]
    assert (newest["ScanJobState"], newest["Findings"]) == ("FAILED", [])
    assert (oldest["ScanJobState"], oldest["Findings"]) == ("COMPLETED", ["MALWARE"])
    for shown in (stage.points(), stage.every("ListRecoveryPointsByResource", "RecoveryPoints", ResourceArn=VOLUME)):
        told = {each["RecoveryPointArn"]: each.get("AggregatedScanResult") for each in shown}
        together = {"FailedScan": True, "Findings": ["MALWARE"], "LastComputed": newest["LastScanTimestamp"]}
        assert told == {point: together, bare: None}
    stage.service.faults.admit(SCANNER)
    for _ in range(5):
        scan(stage, point)
    assert [each["ScanJobState"] for each in stage.point(point)["ScanResults"]] == ["COMPLETED"] * 5


def test_a_rule_with_scan_actions_scans_each_backup_of_a_scanned_type(stage):
    """Each backup of EBS, EC2 and S3 is followed by a scan that names the plan and rule, a table's is not."""
    plan_id = scanning_plan(stage, rule())
    stage.clock.advance(days=2)
    found = scans(stage)
    assert sorted(each["ResourceType"] for each in found) == ["EBS", "EBS", "EC2", "EC2", "S3", "S3"]
    [created_by] = {tuple(sorted(each["CreatedBy"].items())) for each in found}
    assert dict(created_by)["BackupPlanId"] == plan_id
    assert {each["ScannerRoleArn"] for each in found} == {SCANNER}


@pytest.mark.parametrize(
    ("settings", "types"),
    [(None, set()), ({**SETTINGS, "ResourceTypes": ["S3"]}, {"S3"}), (SETTINGS, {"EBS", "EC2", "S3"})],
)
def test_the_settings_of_the_plan_say_which_types_are_scanned(stage, settings, types):
    """Scan actions without settings of the plan scan nothing."""
    scanning_plan(stage, rule(), settings=settings)
    stage.clock.advance(days=1)
    assert {each["ResourceType"] for each in scans(stage)} == types


def test_scheduled_incremental_scans_build_on_the_scan_before(stage):
    """The first is full; each later one names the point before as its base, and malware is found when it comes."""
    scanning_plan(stage, rule("INCREMENTAL_SCAN"), Resources=[VOLUME])
    stage.clock.advance(days=2)
    stage.world.infect(VOLUME)
    stage.clock.advance(days=1)
    third, second, first = scans(stage)
    assert [each["ScanMode"] for each in (first, second, third)] == ["FULL_SCAN", *["INCREMENTAL_SCAN"] * 2]
    assert second["ScanBaseRecoveryPointArn"] == first["RecoveryPointArn"]
    assert third["ScanBaseRecoveryPointArn"] == second["RecoveryPointArn"]
    assert [result(each) for each in (first, second, third)] == [CLEAN, CLEAN, INFECTED]


def test_scan_settings_must_be_whole(stage):
    """Settings without scanner, types or role are refused, as are types that are not scanned."""
    document = {"BackupPlanName": "p", "Rules": [{"TargetBackupVaultName": "prod", **rule()}]}
    for settings in ({"ResourceTypes": ["S3"]}, {**SETTINGS, "ResourceTypes": ["DynamoDB"]}):
        with pytest.raises(errors.ServiceError) as caught:
            stage.call("CreateBackupPlan", BackupPlan={**document, "ScanSettings": [settings]})
        assert caught.value.code == "InvalidParameterValueException"


def continuous(stage: Stage, mode: str) -> dict[str, Any]:
    """Two days of a continuous point of the bucket, infected for the first of them; how to name the point."""
    held = rule(mode, EnableContinuousBackup=True, **HELD)
    scanning_plan(stage, held, Resources=[BUCKET])
    stage.world.infect(BUCKET)
    stage.clock.advance(days=1)
    stage.world.disinfect(BUCKET)
    stage.clock.advance(days=1)
    [point] = stage.points()
    return {"BackupVaultName": "prod", "RecoveryPointArn": point["RecoveryPointArn"]}


def at_moment(stage: Stage, named: dict[str, Any], moment: datetime) -> dict[str, Any]:
    return stage.call("GetPITRMalwareScanResults", **named, ScanEndTime=moment, MalwareScanner="GUARDDUTY")


def test_scans_of_a_continuous_point_follow_one_another_in_time(stage):
    """Each incremental scan begins where the one before ended, and tells of its part of the time."""
    named = continuous(stage, "INCREMENTAL_SCAN")
    second, first = scans(stage)
    assert second["ContinuousScanStartTime"] == first["ContinuousScanEndTime"]
    assert (first["ScanMode"], second["ScanMode"]) == ("FULL_SCAN", "INCREMENTAL_SCAN")
    assert (result(first), result(second)) == (INFECTED, CLEAN)
    early, late = (when(each["ContinuousScanEndTime"]) for each in (first, second))
    told = at_moment(stage, named, early - timedelta(seconds=1))
    assert told["ScanResult"]["ScanResultStatus"] == INFECTED
    assert (told["ScanId"], told["LastScanJobTime"]) == (first["ScanId"], first["CompletionDate"])
    assert at_moment(stage, named, late)["ScanResult"]["ScanResultStatus"] == CLEAN
    beyond = at_moment(stage, named, late + timedelta(seconds=1))
    assert (beyond["ScanResult"]["ScanResultStatus"], "ScanId" in beyond) == ("UNKNOWN", False)
    with pytest.raises(errors.RejectedError, match="is in the future"):
        at_moment(stage, named, stage.clock.now() + timedelta(seconds=1))


def test_an_on_demand_scan_of_a_continuous_point_reaches_from_its_beginning_to_the_end_asked_for(stage):
    """Up to the second day it finds the malware of the first; an incremental one cannot be started on demand."""
    named = continuous(stage, "FULL_SCAN")
    point = named["RecoveryPointArn"]
    whole = scan(stage, point)
    assert result(whole) == INFECTED
    part = scan(stage, point, ContinuousScanEndTime=START + day(0.5))
    assert part["ContinuousScanEndTime"] == (START + day(0.5)).timestamp()
    assert refused(stage, point, ScanMode="INCREMENTAL_SCAN") == "InvalidRequestException"
    for moment in (stage.clock.now() + day(1), START - day(1)):
        assert refused(stage, point, ContinuousScanEndTime=moment) == "InvalidParameterValueException"


def test_a_refused_moment_changes_nothing(stage):
    """A scan that is refused for its moment takes no id: what is made after it is as if it had never been asked for."""
    point = continuous(stage, "FULL_SCAN")["RecoveryPointArn"]
    before = stage.service.simulation.random.getstate()
    assert refused(stage, point, ContinuousScanEndTime=START - day(1)) == "InvalidParameterValueException"
    assert stage.service.simulation.random.getstate() == before


def test_a_moment_can_be_asked_of_a_continuous_point_only(stage):
    """A snapshot has no ContinuousScanEndTime and no results by time."""
    point = backed_up(stage)
    assert refused(stage, point, ContinuousScanEndTime=stage.clock.now()) == "InvalidParameterValueException"
    with pytest.raises(errors.ServiceError) as caught:
        at_moment(stage, {"BackupVaultName": "prod", "RecoveryPointArn": point}, stage.clock.now())
    assert caught.value.code == "InvalidParameterValueException"


def test_by_choice_continuous_points_are_not_scanned():
    """As the guide of early 2026 has it: neither on demand nor after a backup."""
    stage = with_resources(Stage(choices=Choices(continuous_points_scannable=False)))
    named = continuous(stage, "FULL_SCAN")
    assert scans(stage) == []
    assert refused(stage, named["RecoveryPointArn"]) == "InvalidRequestException"


def test_a_point_is_scanned_once_at_a_time_and_a_resource_five_times(stage):
    """What has no room stays CREATED, and starts when another ends."""
    points = [backed_up(stage) for _ in range(6)]
    twice = start(stage, points[0]), start(stage, points[0])
    others = [start(stage, point) for point in points[1:]]
    stage.clock.advance(minutes=1)
    assert len(scans(stage, ByState="RUNNING")) == 5
    assert job(stage, twice[1])["State"] == "CREATED"
    stage.clock.advance(hours=1)
    assert {job(stage, each)["State"] for each in (*twice, *others)} == {"COMPLETED"}


def test_too_many_waiting_scans_of_a_resource_crowd_out_the_oldest(stage):
    """The eleventh fails the first that waits, and is itself taken."""
    point = backed_up(stage)
    started = [start(stage, point) for _ in range(11)]
    assert [job(stage, each)["State"] for each in started] == ["FAILED", *["CREATED"] * 10]


def test_a_scan_of_a_point_that_is_gone_fails(stage):
    """Its message names the point, and nothing is kept of what it found."""
    stage.world.add(large := VOLUME.replace("abcdef0", "abcdef1"), size_bytes=10**12)
    point = backed_up(stage, large)
    started = start(stage, point)
    stage.clock.advance(minutes=2)
    assert job(stage, started)["State"] == "RUNNING"
    stage.call("DeleteRecoveryPoint", BackupVaultName="prod", RecoveryPointArn=point)
    ended = stage.ended(lambda: job(stage, started), "State")
    assert ended["State"] == "FAILED"
    assert point in ended["StatusMessage"]
    assert stage.service.simulation.scope(ACCOUNT, REGION).scanned == {}


def test_a_scan_that_waited_for_a_point_that_went_meanwhile_fails(stage):
    """The point's first scan keeps the second waiting; when there is room for it, there is no point any more."""
    point = backed_up(stage)
    first, second = start(stage, point), start(stage, point)
    stage.clock.advance(minutes=1)
    stage.call("DeleteRecoveryPoint", BackupVaultName="prod", RecoveryPointArn=point)
    stage.clock.advance(hours=1)
    for each in (first, second):
        assert (job(stage, each)["State"], point in job(stage, each)["StatusMessage"]) == ("FAILED", True)


def test_an_account_runs_a_hundred_and_fifty_scans_at_once(stage):
    """What is beyond stays CREATED, one starts for each that ends, and all are done at last."""
    volumes = [VOLUME.replace("vol-0123", f"vol-{number}") for number in range(1000, 1152)]
    for volume in volumes:
        stage.world.add(volume)
        stage.start(volume)
    stage.clock.advance(hours=9)
    for point in stage.points():
        start(stage, point["RecoveryPointArn"])
    most = 0
    while stage.call("ListScanJobs", ByState="CREATED")["ScanJobs"]:
        stage.clock.advance(seconds=5)
        most = max(most, len(stage.every("ListScanJobs", "ScanJobs", ByState="RUNNING")))
    assert most == 150
    stage.clock.advance(hours=1)
    assert {each["State"] for each in stage.every("ListScanJobs", "ScanJobs")} == {"COMPLETED"}


class Opaque(SyntheticWorld):
    """A world whose content nobody can look into."""

    def capture(self, *asked: Any) -> Captured:
        return replace(super().capture(*asked), content=b"?")


def test_content_that_cannot_be_looked_into_fails_its_scan():
    """A world of the caller's own need not tell what its content holds; then no scan says that it is clean."""
    stage = with_resources(Stage(Opaque()))
    ended = scan(stage, backed_up(stage))
    assert (ended["State"], "cannot be read" in ended["StatusMessage"]) == ("FAILED", True)


def test_the_list_filters_by_everything_the_operation_names(stage):
    """Each filter leaves exactly the jobs that fit it, the newest first."""
    stage.world.infect(VOLUME)
    volume, bucket = backed_up(stage), backed_up(stage, BUCKET)
    first = scan(stage, volume)
    stage.clock.advance(days=1)
    second = scan(stage, bucket)

    def ids(**filters: Any) -> list[str]:
        return [each["ScanJobId"] for each in scans(stage, **filters)]

    mine, other = first["ScanJobId"], second["ScanJobId"]
    assert ids() == ids(ByMalwareScanner="GUARDDUTY") == ids(ByBackupVaultName="prod") == [other, mine]
    assert ids(ByResourceType="EBS") == ids(ByResourceArn=VOLUME) == ids(ByRecoveryPointArn=volume) == [mine]
    assert ids(ByScanResultStatus=INFECTED) == ids(ByCompleteBefore=START + day(0.5)) == [mine]
    assert ids(ByScanResultStatus=CLEAN) == ids(ByCompleteAfter=START + day(0.5)) == [other]
    assert ids(ByState="COMPLETED", ByAccountId=ACCOUNT) == [other, mine]
    assert ids(ByState="FAILED") == ids(ByBackupVaultName="second") == ids(ByAccountId="210987654321") == []


def test_jobs_are_forgotten_after_thirty_days_and_results_are_not(stage):
    """The job is gone from list and description, the point still tells what was found."""
    stage.world.infect(VOLUME)
    point = backed_up(stage)
    ended = scan(stage, point)
    stage.clock.advance(days=31)
    assert scans(stage) == []
    with pytest.raises(errors.ServiceError, match="cannot be found"):
        job(stage, ended["ScanJobId"])
    assert stage.point(point)["ScanResults"][0]["Findings"] == ["MALWARE"]


def test_summaries_count_what_the_list_lists(stage):
    """By state, type and result; what is not asked for is summed, and a result is told only where it is asked for."""
    stage.world.infect(VOLUME)
    for arn in (VOLUME, BUCKET, BUCKET):
        scan(stage, backed_up(stage, arn))

    def counts(*members: str, **filters: Any) -> list[tuple[Any, ...]]:
        found = stage.every("ListScanJobSummaries", "ScanJobSummaries", **filters)
        return [(each["Count"], *(each.get(member) for member in members)) for each in found]

    assert counts("State", "MalwareScanner", "ScanResultStatus") == [(3, "AGGREGATE_ALL", None, None)]
    assert counts("ResourceType", ResourceType="ANY") == [(1, "EBS"), (2, "S3")]
    assert counts("ScanResultStatus", ScanResultStatus=INFECTED) == [(1, INFECTED)]
    assert counts("MalwareScanner", MalwareScanner="GUARDDUTY", State="COMPLETED") == [(3, "GUARDDUTY")]


def test_a_snapshot_keeps_scans_and_what_becomes_of_them(stage):
    """Restored in the middle of a scan, its end is the same."""
    stage.world.infect(VOLUME)
    points = [backed_up(stage) for _ in range(2)]
    started, waiting = (start(stage, point) for point in points)
    stage.clock.advance(seconds=50)
    kept = stage.service.save_state()
    stage.clock.advance(hours=1)
    ends = [job(stage, each) for each in (started, waiting)]
    stage.service.load_state(kept)
    assert job(stage, started)["State"] != "COMPLETED"
    stage.clock.advance(hours=1)
    assert [job(stage, each) for each in (started, waiting)] == ends


def test_every_state_of_a_scan_is_told_to_those_who_listen(stage):
    """CREATED, RUNNING and how it ended, each with what is known then."""
    stage.service.events.listen()
    point = backed_up(stage)
    scan(stage, point)
    stage.service.faults.deny(SCANNER)
    scan(stage, point)
    told = [news for news in stage.service.events.events() if news.kind == event_records.SCAN_JOB]
    assert [news.state for news in told] == ["CREATED", "RUNNING", "COMPLETED", "CREATED", "FAILED"]
    assert told[2].detail["scanResult"] == {"scanResultStatus": CLEAN}


def test_a_plan_scans_what_it_puts_into_an_air_gapped_vault_and_indexes_nothing_there(stage):
    """S3 goes straight there and is scanned; the temporary point of a volume is neither indexed nor scanned."""
    days = {"MinRetentionDays": 7, "MaxRetentionDays": 60}
    gapped = stage.call("CreateLogicallyAirGappedBackupVault", BackupVaultName="gapped", **days)["BackupVaultArn"]
    stage.clock.advance(minutes=5)
    indexed = {"IndexActions": [{"ResourceTypes": ["S3"]}], "Lifecycle": {"DeleteAfterDays": 30}}
    scanning_plan(stage, rule(**indexed, TargetLogicallyAirGappedBackupVaultArn=gapped), Resources=[BUCKET, VOLUME])
    stage.clock.advance(days=1)
    assert [(each["ResourceArn"], each["BackupVaultName"]) for each in scans(stage)] == [(BUCKET, "gapped")]
    assert stage.call("ListIndexedRecoveryPoints")["IndexedRecoveryPoints"] == []
    [point] = stage.points("gapped", ByResourceType="S3")
    assert point["AggregatedScanResult"]["Findings"] == []
    with pytest.raises(errors.ServiceError, match="air-gapped"):
        stage.call(
            "UpdateRecoveryPointIndexSettings",
            BackupVaultName="gapped",
            RecoveryPointArn=point["RecoveryPointArn"],
            Index="ENABLED",
        )


@pytest.mark.parametrize("followed", [True, False])
def test_by_choice_nested_points_are_scanned_as_the_rule_asks(followed):
    """The volume of a stack is backed up as part of it; whether the rule's scan follows is not known of AWS."""
    stage = Stage(choices=Choices(nested_points_followed=followed))
    stage.world.add(VOLUME)
    stack = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/shop/4f2c9d60-1111-4222-8333-0123456789ab"
    stage.world.add(stack, members={"Data": VOLUME})
    scanning_plan(stage, rule(), Resources=[stack])
    stage.clock.advance(days=1)
    assert [each["ResourceArn"] for each in scans(stage)] == [VOLUME] * followed


def test_a_scan_that_skips_what_it_cannot_read_is_completed_with_issues(stage):
    """It still finds what it can read, says how much it skipped, and is a base like any other."""
    stage.world.seal(VOLUME, "archive")
    base = backed_up(stage)
    ended = scan(stage, base)
    assert (ended["State"], result(ended)) == ("COMPLETED_WITH_ISSUES", CLEAN)
    assert ended["StatusMessage"].endswith(": 1.")
    stage.world.infect(VOLUME)
    later = backed_up(stage)
    incremental = scan(stage, later, base)
    assert (incremental["State"], incremental["ScanMode"]) == ("COMPLETED", "INCREMENTAL_SCAN")
    assert result(scan(stage, later)) == INFECTED
    newest, _ = stage.point(later)["ScanResults"]
    assert (newest["ScanJobState"], newest["Findings"]) == ("COMPLETED_WITH_ISSUES", ["MALWARE"])


def test_by_choice_a_moment_that_no_scan_covers_is_not_found():
    """Otherwise its result is UNKNOWN."""
    stage = with_resources(Stage(choices=Choices(unscanned_moment_unknown=False)))
    named = continuous(stage, "FULL_SCAN")
    with pytest.raises(errors.ServiceError) as caught:
        at_moment(stage, named, stage.clock.now())
    assert caught.value.code == "ResourceNotFoundException"
