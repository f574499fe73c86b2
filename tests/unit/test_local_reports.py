"""Reports of the local AWS Backup: their plans, when they are made, what they hold, and where they go."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from local_stage import ACCOUNT, REGION, ROLE, START, Stage, table_arn, vault_arn, when

from backupkit import errors
from backupkit.emulator import Choices, LocalService
from backupkit.emulator.reports.writing import COLUMNS, header
from backupkit.emulator.resources.denials import NotAllowedError
from backupkit.emulator.resources.session import SessionWorld, private_moto_session
from backupkit.emulator.resources.synthetic import SyntheticWorld

ORDERS, LEDGER = table_arn("orders"), table_arn("ledger")
OTHER = "210987654321"
JOBS = {"ReportTemplate": "BACKUP_JOB_REPORT"}


@pytest.fixture
def stage():
    return Stage()


def create(stage: Stage, name: str = "report", setting: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    delivery = {"S3BucketName": "reports", **more.pop("delivery", {})}
    return stage.call(
        "CreateReportPlan",
        ReportPlanName=name,
        ReportDeliveryChannel=delivery,
        ReportSetting=setting or JOBS,
        **more,
    )


def deployed(stage: Stage, name: str = "report", setting: dict[str, Any] | None = None, **more: Any) -> None:
    create(stage, name, setting, **more)
    stage.clock.advance(minutes=2)


def described(stage: Stage, name: str = "report") -> dict[str, Any]:
    plan: dict[str, Any] = stage.call("DescribeReportPlan", ReportPlanName=name)["ReportPlan"]
    return plan


def run(stage: Stage, name: str = "report") -> dict[str, Any]:
    started = stage.call("StartReportJob", ReportPlanName=name)
    job: dict[str, Any] = stage.ended(lambda: stage.call("DescribeReportJob", **started)["ReportJob"], "Status")
    return job


def table(body: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(body.decode(), newline=""), strict=True))


def on_demand(stage: Stage, name: str = "report") -> list[dict[str, str]]:
    """The rows of a new report, from the CSV that was delivered."""
    assert run(stage, name)["Status"] == "COMPLETED"
    return table(stage.service.reports[-1].body)


def refused(stage: Stage, operation: str, **params: Any) -> str:
    with pytest.raises(errors.ServiceError) as caught:
        stage.call(operation, **params)
    return caught.value.code


def test_a_report_plan_is_deployed_changed_and_gone_on_the_clock(stage):
    """Each change of a report plan takes its time, and no other is taken meanwhile."""
    create(stage)
    assert described(stage)["DeploymentStatus"] == "CREATE_IN_PROGRESS"
    assert refused(stage, "DeleteReportPlan", ReportPlanName="report") == "ConflictException"
    stage.clock.advance(minutes=2)
    assert described(stage)["DeploymentStatus"] == "COMPLETED"
    stage.call("UpdateReportPlan", ReportPlanName="report", ReportPlanDescription="daily")
    assert described(stage)["DeploymentStatus"] == "UPDATE_IN_PROGRESS"
    stage.clock.advance(minutes=2)
    stage.call("DeleteReportPlan", ReportPlanName="report")
    assert described(stage)["DeploymentStatus"] == "DELETE_IN_PROGRESS"
    stage.clock.advance(minutes=2)
    assert refused(stage, "DescribeReportPlan", ReportPlanName="report") == "ResourceNotFoundException"


def test_a_report_plan_comes_back_as_it_was_given(stage):
    """What a plan asks for is echoed, with the number of its frameworks and an empty description where none was."""
    made = create(stage, delivery={"S3KeyPrefix": "a/b", "Formats": ["JSON"]})
    plan = described(stage)
    assert plan["ReportPlanArn"] == made["ReportPlanArn"]
    assert plan["ReportPlanArn"].startswith(f"arn:aws:backup:{REGION}:{ACCOUNT}:report-plan:report-")
    assert plan["ReportSetting"] == {**JOBS, "NumberOfFrameworks": 0}
    assert plan["ReportDeliveryChannel"] == {"S3BucketName": "reports", "S3KeyPrefix": "a/b", "Formats": ["JSON"]}
    assert plan["ReportPlanDescription"] == ""
    assert "LastAttemptedExecutionTime" not in plan


def test_a_repeated_creation_with_its_token_does_nothing(stage):
    """The same token answers the same plan; the same name without it is refused; a deleted plan's token is free."""
    first = create(stage, IdempotencyToken="once")
    assert create(stage, IdempotencyToken="once") == first
    with pytest.raises(errors.ServiceError) as caught:
        create(stage, IdempotencyToken="twice")
    assert caught.value.code == "AlreadyExistsException"
    stage.clock.advance(minutes=2)
    stage.call("DeleteReportPlan", ReportPlanName="report")
    stage.clock.advance(minutes=2)
    assert create(stage, IdempotencyToken="once")["ReportPlanArn"] != first["ReportPlanArn"]


def test_an_account_has_at_most_20_report_plans(stage):
    """The quota counts over all Regions."""
    elsewhere = stage.service.in_region("eu-west-1")
    for number in range(20):
        asked = {
            "ReportPlanName": f"plan{number}",
            "ReportDeliveryChannel": {"S3BucketName": "reports"},
            "ReportSetting": JOBS,
        }
        (elsewhere if number % 2 else stage.service).call("CreateReportPlan", asked)
    with pytest.raises(errors.ServiceError) as caught:
        create(stage)
    assert caught.value.code == "LimitExceededException"


@pytest.mark.parametrize(
    ("setting", "delivery"),
    [
        ({"ReportTemplate": "MALWARE_JOB_REPORT"}, {}),
        (JOBS, {"Formats": ["PDF"]}),
        (JOBS, {"Formats": ["CSV", "CSV"]}),
        (JOBS, {"S3BucketName": ""}),
        ({**JOBS, "Accounts": ["ROOT"]}, {"Formats": ["JSON"]}),
        ({**JOBS, "Regions": ["*"]}, {"Formats": ["CSV", "JSON"]}),
        ({**JOBS, "Accounts": ["twelve digits"]}, {}),
        ({**JOBS, "FrameworkArns": [f"arn:aws:backup:{REGION}:{ACCOUNT}:framework:f-1"]}, {}),
        ({"ReportTemplate": "CONTROL_COMPLIANCE_REPORT", "FrameworkArns": ["f"]}, {}),
        (
            {
                "ReportTemplate": "CONTROL_COMPLIANCE_REPORT",
                "Accounts": ["ROOT"],
                "FrameworkArns": [f"arn:aws:backup:{REGION}:{ACCOUNT}:framework:f-1"],
            },
            {},
        ),
        (
            {
                "ReportTemplate": "CONTROL_COMPLIANCE_REPORT",
                "FrameworkArns": [f"arn:aws:backup:{REGION}:{ACCOUNT}:framework:f-{n}" for n in range(1001)],
            },
            {},
        ),
    ],
)
def test_a_plan_that_asks_for_what_no_report_can_be_is_refused(stage, setting, delivery):
    """Wrong templates, formats, accounts and frameworks are refused, and nothing is made."""
    with pytest.raises(errors.ServiceError) as caught:
        create(stage, setting=setting, delivery=delivery)
    assert caught.value.code == "InvalidParameterValueException"
    assert stage.call("ListReportPlans")["ReportPlans"] == []


def test_the_template_of_a_plan_stays_unless_chosen_otherwise(stage):
    """AWS's console and Terraform never change a template in place; a choice lets it be changed."""
    change = {"ReportPlanName": "report", "ReportSetting": {"ReportTemplate": "COPY_JOB_REPORT"}}
    deployed(stage)
    assert refused(stage, "UpdateReportPlan", **change) == "InvalidParameterValueException"
    free = Stage(choices=Choices(report_plan_changes_template=True))
    deployed(free)
    free.call("UpdateReportPlan", **change)
    assert described(free)["ReportSetting"]["ReportTemplate"] == "COPY_JOB_REPORT"


def test_a_report_is_made_once_a_day_between_1_and_5(stage):
    """Each day has one report, at a moment of its own from 1 to 5 AM UTC, of the day before, whole."""
    deployed(stage)
    stage.clock.until(START + timedelta(days=5, hours=6))
    jobs = stage.every("ListReportJobs", "ReportJobs", MaxResults=2)
    moments = [when(job["CreationTime"]) for job in reversed(jobs)]
    assert [moment.date() for moment in moments] == [(START + timedelta(days=day)).date() for day in range(6)]
    assert all(1 <= moment.hour < 5 for moment in moments)
    assert len({moment.time() for moment in moments}) == 6
    assert {job["Status"] for job in jobs} == {"COMPLETED"}
    last = stage.service.reports[-1].key
    assert last.endswith("BACKUP_JOB_REPORT_report_2026-01-05T00:00:00Z_2026-01-06T00:00:00Z.csv")


def test_a_daily_report_holds_exactly_the_jobs_that_ended_that_day(stage):
    """Held against ListBackupJobs: every job of the day is there once, with its members, and no other ended one."""
    for number in range(6):
        stage.world.add(table_arn(f"t{number}"))
    stage.plan({"RuleName": "often", "ScheduleExpression": "cron(0 0/3 * * ? *)", "StartWindowMinutes": 60})
    deployed(stage)
    stage.clock.until(datetime(2026, 1, 5, 6, tzinfo=UTC))
    listed = stage.jobs(
        ByCompleteAfter=datetime(2026, 1, 4, tzinfo=UTC), ByCompleteBefore=datetime(2026, 1, 5, tzinfo=UTC)
    )
    rows = [row for row in table(stage.service.reports[-1].body) if row["Completion Date"]]
    assert len(listed) == 48
    assert sorted(row["Backup Job ID"] for row in rows) == sorted(job["BackupJobId"] for job in listed)
    by_id = {job["BackupJobId"]: job for job in listed}
    for row in rows:
        job = by_id[row["Backup Job ID"]]
        assert (row["Job Status"], row["Resource ARN"]) == (job["State"], job["ResourceArn"])
        assert datetime.fromisoformat(row["Completion Date"]).timestamp() == job["CompletionDate"]
        assert row["Backup Rule Name"] == "often"
        assert row["Backup Rule Schedule"] == "cron(0 0/3 * * ? *)"
        assert int(row["Backup Size in Bytes"]) == job["BackupSizeInBytes"]


def test_jobs_under_way_are_reported_unless_chosen_otherwise():
    """The guide: jobs finished in the last 24 hours and all active jobs; a choice leaves the active ones out."""
    found = []
    for shown in (True, False):
        stage = Stage(choices=Choices(reports_show_active_jobs=shown))
        deployed(stage)
        stage.world.add(ORDERS)
        stage.service.faults.block_backups(ORDERS)
        stage.start(ORDERS)
        found.append([row["Job Status"] for row in on_demand(stage)])
    assert found == [["CREATED"], []]


def test_an_on_demand_report_is_of_the_last_24_hours(stage):
    """What ended longer ago is in no report on demand any more; what ends now is in it."""
    deployed(stage)
    stage.world.add(ORDERS)
    job = stage.back_up(ORDERS)
    rows = on_demand(stage)
    assert [row["Backup Job ID"] for row in rows] == [job["BackupJobId"]]
    assert rows[0]["Job Run Time"] != ""
    begin, end = (datetime.fromisoformat(rows[0][f"Report Time Period {edge}"]) for edge in ("Start", "End"))
    assert end - begin == timedelta(hours=24)
    stage.clock.advance(days=1)
    assert on_demand(stage) == []


def test_the_columns_are_those_of_real_reports(stage):
    """The headers that other people's programs read are there, and a report without rows has its headers."""
    deployed(stage)
    run(stage)
    body = stage.service.reports[-1].body
    assert body.endswith(b"\r\n")
    assert body.count(b"\r\n") == 1
    headers = next(csv.reader([body.decode()]))
    read_by_others = {
        "Report Time Period Start",
        "Report Time Period End",
        "Job Status",
        "Resource Type",
        "Resource ARN",
        "Recovery Point ARN",
        "Backup Size in Bytes",
    }
    assert read_by_others <= set(headers)
    assert headers == [header(member) for member in COLUMNS["BACKUP_JOB_REPORT"]]


def test_json_holds_what_csv_does_under_the_guide_s_names(stage):
    """Both formats are delivered, in the order asked for; JSON has reportItems, in which a parentless job has null."""
    deployed(stage, delivery={"Formats": ["JSON", "CSV"]})
    stage.world.add(ORDERS)
    job = stage.back_up(ORDERS, Lifecycle={"MoveToColdStorageAfterDays": 7, "DeleteAfterDays": 120})
    done = run(stage)
    as_json, as_csv = stage.service.reports[-2:]
    assert done["ReportDestination"] == {"S3BucketName": "reports", "S3Keys": [as_json.key, as_csv.key]}
    (item,) = json.loads(as_json.body)["reportItems"]
    (row,) = table(as_csv.body)
    assert item["backupJobId"] == row["Backup Job ID"] == job["BackupJobId"]
    assert (item["deleteAfterDays"], row["Delete After Days"]) == (120, "120")
    assert (item["isEncrypted"], row["Is Encrypted"]) == (True, "true")
    assert item["parentJobId"] is None
    assert item["vaultLockStatus"] == "UNLOCKED"
    assert set(item) <= set(COLUMNS["BACKUP_JOB_REPORT"])
    assert row["Creation Date"] == item["creationDate"]


@pytest.mark.parametrize("text", ['=cmd|"/c calc"!A1', 'a,"b"', "naïve ☂", " spaces "])
def test_values_are_quoted_and_never_changed(stage, text):
    """RFC 4180: commas and quotes come back as they were, also what a spreadsheet takes for a formula."""
    stage.call(
        "CreateFramework",
        FrameworkName="rules",
        FrameworkDescription=text,
        FrameworkControls=[{"ControlName": "BACKUP_RECOVERY_POINT_ENCRYPTED"}],
    )
    deployed(stage, setting={"ReportTemplate": "CONTROL_COMPLIANCE_REPORT"})
    (row,) = on_demand(stage)
    assert row["Framework Description"] == text
    assert row["Control Compliance Status"] == "INSUFFICIENT_DATA"


def test_a_failed_job_is_reported_with_its_message(stage):
    """A report shows why a job failed."""
    deployed(stage)
    stage.world.add(ORDERS)
    stage.service.faults.deny(ROLE)
    job = stage.back_up(ORDERS)
    (row,) = on_demand(stage)
    assert (row["Job Status"], row["Status Message"]) == ("FAILED", job["StatusMessage"])


def test_copies_and_restores_have_reports_of_their_own(stage):
    """Copy and restore reports hold their jobs, with vaults, points and the lifecycle."""
    deployed(stage, "copies", {"ReportTemplate": "COPY_JOB_REPORT"})
    deployed(stage, "restores", {"ReportTemplate": "RESTORE_JOB_REPORT"})
    stage.world.add(ORDERS)
    stage.call("CreateBackupVault", BackupVaultName="second")
    point = stage.back_up(ORDERS)["RecoveryPointArn"]
    started = stage.call(
        "StartCopyJob",
        RecoveryPointArn=point,
        SourceBackupVaultName="prod",
        DestinationBackupVaultArn=vault_arn("second"),
        IamRoleArn=ROLE,
        Lifecycle={"DeleteAfterDays": 9},
    )
    copied = stage.ended(lambda: stage.call("DescribeCopyJob", CopyJobId=started["CopyJobId"])["CopyJob"], "State")
    restored = stage.restore(point, {"targetTableName": "orders2"})
    (copy,) = on_demand(stage, "copies")
    assert copy["Copy Job ID"] == copied["CopyJobId"]
    assert copy["Destination Recovery Point ARN"] == copied["DestinationRecoveryPointArn"]
    assert copy["Delete After Days"] == "9"
    (restore,) = on_demand(stage, "restores")
    assert restore["Restore Job ID"] == restored["RestoreJobId"]
    assert (restore["Source Resource ARN"], restore["Percent Done"]) == (ORDERS, "100.00%")
    assert " - " in restore["Report Time Period"]


def test_scans_have_a_report_of_their_own(stage):
    """A scan report holds each scan with its scanner, its roles and what it found; no result is an empty one."""
    deployed(stage, "scans", {"ReportTemplate": "SCAN_JOB_REPORT"}, delivery={"Formats": ["CSV", "JSON"]})
    volume = f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/vol-0123456789abcdef0"
    stage.world.add(volume)
    point = stage.back_up(volume)["RecoveryPointArn"]
    asked = {"BackupVaultName": "prod", "RecoveryPointArn": point, "MalwareScanner": "GUARDDUTY"}
    roles = {"IamRoleArn": ROLE, "ScannerRoleArn": f"arn:aws:iam::{ACCOUNT}:role/scanner"}
    started = stage.call("StartScanJob", **asked, **roles, ScanMode="FULL_SCAN")["ScanJobId"]
    run(stage, "scans")
    early = json.loads(stage.service.reports[-1].body)["reportItems"]
    assert [(item["scanJobId"], item["scanResultStatus"]) for item in early] == [(started, "")]
    scan = stage.ended(lambda: stage.call("DescribeScanJob", ScanJobId=started), "State")
    run(stage, "scans")
    (row,) = table(stage.service.reports[-2].body)
    assert (row["Scan Job ID"], row["Scan ID"]) == (started, scan["ScanId"])
    assert (row["Job Status"], row["Scan Result Status"]) == (scan["State"], scan["ScanResult"]["ScanResultStatus"])
    assert (row["IAM Role ARN"], row["Scanner Role ARN"]) == (roles["IamRoleArn"], roles["ScannerRoleArn"])
    assert (row["Resource ARN"], row["Recovery Point ARN"]) == (volume, point)


def test_keys_are_as_others_recorded_them_or_as_the_model_says():
    """The prefix, the account, the Region, the day of delivery and the plan are in the key; a choice leaves out some."""
    found = []
    for recorded in (True, False):
        for prefix in ({}, {"S3KeyPrefix": "audit/jobs/"}):
            stage = Stage(choices=Choices(report_keys_as_recorded=recorded))
            deployed(stage, delivery=prefix)
            run(stage)
            found.append(stage.service.reports[-1].key.rpartition("/")[0])
    day = f"{REGION}/2026/01/01/report"
    assert found == [
        f"Backup/{ACCOUNT}/{day}",
        f"audit/jobs/{ACCOUNT}/{day}",
        f"Backup/{day}",
        f"audit/jobs/Backup/{day}",
    ]


@pytest.mark.parametrize("recorded", [True, False])
@pytest.mark.parametrize(
    ("setting", "where"),
    [
        ({"Accounts": ["ROOT"]}, f"crossaccount/{REGION}"),
        ({"OrganizationUnits": ["ou-root-prod"]}, f"crossaccount/{REGION}"),
        ({"Regions": ["*"]}, f"{ACCOUNT}/crossregion"),
        ({"Regions": ["eu-west-1"]}, f"{ACCOUNT}/crossregion"),
        ({"Accounts": ["ROOT"], "Regions": ["*"]}, "crossaccount/crossregion"),
    ],
)
def test_reports_over_accounts_and_regions_have_paths_of_their_own(recorded, setting, where):
    """The guide's: ``prefix/Backup/crossaccount/Region`` and ``prefix/Backup/account/crossregion``."""
    stage = Stage(choices=Choices(report_keys_as_recorded=recorded))
    deployed(stage, setting={**JOBS, **setting}, delivery={"S3KeyPrefix": "audit"})
    run(stage)
    assert stage.service.reports[-1].key.rpartition("/")[0] == f"audit/Backup/{where}/2026/01/01/report"


def test_reports_over_accounts_and_regions_have_columns_of_their_own(stage):
    """Where the account stands in its organization, and when a backup was expected to be done; as in recorded tables."""
    stage.service.accounts.organize(OTHER, units={OTHER: "ou-root-prod"}, organization_id="o-exampleorgid")
    _back_up_in(stage, stage.service.as_account(OTHER))
    _back_up_in(stage, stage.service)
    deployed(stage, "all", {**JOBS, "Accounts": ["ROOT"]})
    own, member = on_demand(stage, "all")
    names = list(member)
    assert names[names.index("Account ID") - 1] == "Path to root"
    assert names[names.index("Completion Date") + 1] == "Expected Completion Date"
    assert member["Path to root"].startswith("o-exampleorgid/r-")
    assert member["Path to root"] == f"{own['Path to root']}ou-root-prod/"
    assert member["Expected Completion Date"] == member["Completion Date"]
    deployed(stage, "own", JOBS)
    (alone,) = on_demand(stage, "own")
    assert set(names) - set(alone) == {"Path to root", "Expected Completion Date"}


def test_a_report_across_accounts_covers_what_the_organization_has(stage):
    """ROOT takes every account, ``*`` every Region, a unit those below it; what is outside stays out."""
    member, stranger = stage.service.as_account(OTHER), stage.service.as_account("999999999999")
    far = stage.service.in_region("eu-west-1")
    stage.service.accounts.organize(OTHER, units={OTHER: "ou-root-prod"})
    stranger.accounts.organize()
    for service in (stage.service, member, stranger, far):
        _back_up_in(stage, service)
    everywhere = {"Accounts": ["ROOT"], "Regions": ["*"]}
    asked = {
        "all": everywhere,
        "here": {"Accounts": ["ROOT"]},
        "one": {"Accounts": [OTHER], "Regions": [REGION]},
        "unit": {"OrganizationUnits": ["ou-root-prod"], "Regions": ["*"]},
        "regions": {"Regions": [REGION, "eu-west-1"]},
    }
    seen = {}
    for name, setting in asked.items():
        deployed(stage, name, {**JOBS, **setting})
        seen[name] = [(row["Account ID"], row["Region"]) for row in on_demand(stage, name)]
    assert seen == {
        "all": [(ACCOUNT, "eu-west-1"), (ACCOUNT, REGION), (OTHER, REGION)],
        "here": [(ACCOUNT, REGION), (OTHER, REGION)],
        "one": [(OTHER, REGION)],
        "unit": [(OTHER, REGION)],
        "regions": [(ACCOUNT, "eu-west-1"), (ACCOUNT, REGION)],
    }


def _back_up_in(stage: Stage, service: LocalService) -> None:
    arn = f"arn:aws:dynamodb:{service.region_name}:{service.account_id}:table/orders"
    stage.world.add(arn)
    service.call("CreateBackupVault", {"BackupVaultName": "home"})
    role = f"arn:aws:iam::{service.account_id}:role/backup"
    service.call("StartBackupJob", {"BackupVaultName": "home", "ResourceArn": arn, "IamRoleArn": role})
    stage.clock.advance(hours=1)


def test_only_an_organization_s_administrators_report_on_other_accounts(stage):
    """A member account is refused, a delegated administrator is not."""
    stage.service.accounts.organize(OTHER, "333333333333", delegated=["333333333333"])
    asked = {
        "ReportPlanName": "all",
        "ReportDeliveryChannel": {"S3BucketName": "reports"},
        "ReportSetting": {**JOBS, "Accounts": ["ROOT"]},
    }
    stage.service.as_account("333333333333").call("CreateReportPlan", asked)
    with pytest.raises(errors.ServiceError) as caught:
        stage.service.as_account(OTHER).call("CreateReportPlan", asked)
    assert caught.value.code == "InvalidParameterValueException"


def test_an_account_that_lost_its_office_reports_on_itself_alone(stage):
    """What a plan asked for while its account administered the others is not told any more afterwards."""
    deployed(stage, setting={**JOBS, "Accounts": ["ROOT"]})
    for service in (stage.service, stage.service.as_account(OTHER)):
        _back_up_in(stage, service)
    assert {row["Account ID"] for row in on_demand(stage)} == {ACCOUNT, OTHER}
    stage.service.accounts.organize(ACCOUNT, OTHER, management=OTHER)
    assert {row["Account ID"] for row in on_demand(stage)} == {ACCOUNT}


def test_a_framework_that_is_gone_is_passed_over(stage):
    """A compliance report names frameworks by ARN; one that is not there any more leaves the report empty."""
    arn = framework(stage)
    deployed(stage, setting={"ReportTemplate": "CONTROL_COMPLIANCE_REPORT", "FrameworkArns": [arn]})
    assert described(stage)["ReportSetting"]["NumberOfFrameworks"] == 1
    assert len(on_demand(stage)) == 3
    stage.call("DeleteFramework", FrameworkName="rules")
    stage.clock.advance(minutes=2)
    assert on_demand(stage) == []


def test_frameworks_of_job_reports_and_jobs_of_gone_plans_are_open_points():
    """Two choices: a report on jobs may name frameworks, and jobs of a plan that is gone may be listed."""
    stage = Stage(choices=Choices(job_reports_take_frameworks=True, report_jobs_need_plan=False))
    named = [f"arn:aws:backup:{REGION}:{ACCOUNT}:framework:f-1"]
    deployed(stage, setting={**JOBS, "FrameworkArns": named})
    run(stage)
    stage.call("DeleteReportPlan", ReportPlanName="report")
    stage.clock.advance(minutes=2)
    assert len(stage.call("ListReportJobs", ByReportPlanName="report")["ReportJobs"]) == 1


def framework(stage: Stage) -> str:
    made = stage.call(
        "CreateFramework",
        FrameworkName="rules",
        FrameworkDescription="what we promise",
        FrameworkControls=[
            {
                "ControlName": "BACKUP_RECOVERY_POINT_MINIMUM_RETENTION_CHECK",
                "ControlInputParameters": [{"ParameterName": "requiredRetentionDays", "ParameterValue": "10"}],
            },
            {
                "ControlName": "BACKUP_RESOURCES_PROTECTED_BY_BACKUP_PLAN",
                "ControlScope": {"ComplianceResourceTypes": ["DynamoDB"]},
            },
            {"ControlName": "BACKUP_RECOVERY_POINT_ENCRYPTED", "ControlScope": {"Tags": {"Stage": "prod"}}},
        ],
    )
    arn: str = made["FrameworkArn"]
    return arn


def test_compliance_reports_tell_what_the_framework_found(stage):
    """The control report counts what the resource report names; both are what the framework's controls found."""
    stage.world.add(ORDERS)
    stage.world.add(LEDGER)
    kept = stage.back_up(ORDERS, Lifecycle={"DeleteAfterDays": 30})["RecoveryPointArn"]
    lost = stage.back_up(LEDGER, Lifecycle={"DeleteAfterDays": 5})["RecoveryPointArn"]
    stage.plan({"RuleName": "daily"}, Resources=[ORDERS])
    arn = framework(stage)
    deployed(stage, "controls", {"ReportTemplate": "CONTROL_COMPLIANCE_REPORT", "FrameworkArns": [arn]})
    deployed(stage, "resources", {"ReportTemplate": "RESOURCE_COMPLIANCE_REPORT"})
    retention, protected, encrypted = on_demand(stage, "controls")
    assert (retention["Framework Name"], retention["Framework Description"]) == ("rules", "what we promise")
    assert retention["Control Parameters"] == '{"requiredRetentionDays":"10"}'
    assert (retention["Control Frequency"], protected["Control Frequency"]) == ("", "TwentyFour_Hours")
    assert protected["Control Scope"] == "{ComplianceResourceTypes: [DynamoDB],}"
    assert encrypted["Control Scope"] == "{Tags: {Stage=prod},}"
    for control in (retention, protected):
        assert control["Control Compliance Status"] == "NON_COMPLIANT"
        counts = control["Number of Resources Compliant"], control["Number of Resources Non Compliant"]
        assert counts == ("1", "1")
    found = {(row["Resource ID"], row["Resource Compliance Status"]) for row in on_demand(stage, "resources")}
    assert found == {
        (f"AWS::Backup::RecoveryPoint/{kept}", "COMPLIANT"),
        (f"AWS::Backup::RecoveryPoint/{lost}", "NON_COMPLIANT"),
        ("AWS::DynamoDB::Table/orders", "COMPLIANT"),
        ("AWS::DynamoDB::Table/ledger", "NON_COMPLIANT"),
    }


def test_a_repeated_start_with_its_token_is_the_same_job(stage):
    """A token makes one report job only."""
    deployed(stage)
    first = stage.call("StartReportJob", ReportPlanName="report", IdempotencyToken="once")
    assert stage.call("StartReportJob", ReportPlanName="report", IdempotencyToken="once") == first
    assert stage.call("StartReportJob", ReportPlanName="report", IdempotencyToken="other") != first


def test_a_report_job_is_created_runs_and_completes(stage):
    """The job tells its states, and its plan when it last ran and last succeeded."""
    deployed(stage)
    job = stage.call("StartReportJob", ReportPlanName="report")
    states = []
    for _ in range(3):
        states.append(stage.call("DescribeReportJob", **job)["ReportJob"]["Status"])
        stage.clock.advance(seconds=30)
    assert states == ["CREATED", "RUNNING", "COMPLETED"]
    shown, plan = stage.call("DescribeReportJob", **job)["ReportJob"], described(stage)
    assert plan["LastAttemptedExecutionTime"] == shown["CreationTime"]
    assert plan["LastSuccessfulExecutionTime"] == shown["CompletionTime"]


def test_reports_are_kept_as_long_as_their_jobs(stage):
    """After 30 days job and report are forgotten together, so that years of reports do not pile up."""
    deployed(stage)
    stage.clock.advance(days=100)
    jobs = stage.every("ListReportJobs", "ReportJobs")
    assert 29 <= len(jobs) <= 31
    keys = [key for job in jobs for key in job["ReportDestination"]["S3Keys"]]
    assert sorted(keys) == sorted(report.key for report in stage.service.reports)
    held = stage.service.simulation.scope(ACCOUNT, REGION).report_jobs
    assert len(held) <= 33


def test_jobs_of_a_deleted_plan_stay_and_no_more_are_made(stage):
    """Deleting a plan ends its daily reports; what it delivered stays for its time."""
    deployed(stage)
    stage.clock.advance(days=2)
    made = stage.call("ListReportJobs")["ReportJobs"]
    stage.call("DeleteReportPlan", ReportPlanName="report")
    stage.clock.advance(days=3)
    assert stage.call("ListReportJobs")["ReportJobs"] == made
    assert refused(stage, "ListReportJobs", ByReportPlanName="report") == "ResourceNotFoundException"


def test_lists_of_report_jobs_filter_by_plan_state_and_time(stage):
    """Each filter of ListReportJobs leaves out what it does not fit."""
    deployed(stage, "one")
    deployed(stage, "two")
    first, noon = run(stage, "one"), stage.clock.now()
    stage.clock.advance(minutes=1)
    second = run(stage, "two")
    ids = [first["ReportJobId"], second["ReportJobId"]]

    def listed(**filters: Any) -> list[str]:
        return [job["ReportJobId"] for job in stage.call("ListReportJobs", **filters)["ReportJobs"]]

    assert listed(ByReportPlanName="one") == ids[:1]
    assert listed(ByCreationAfter=noon) == ids[1:]
    assert listed(ByCreationBefore=noon) == ids[:1]
    assert listed(ByStatus="COMPLETED") == [ids[1], ids[0]]
    assert listed(ByStatus="COMPLETED_WITH_ISSUES") == []


def test_plans_and_reports_survive_a_snapshot(stage):
    """After a snapshot is restored, daily reports go on as they would have, and delivered ones are there."""
    deployed(stage)
    run(stage)
    stage.call("StartReportJob", ReportPlanName="report")
    saved, before = stage.service.save_state(), stage.service.reports
    stage.clock.advance(days=3)
    after = [report.key for report in stage.service.reports]
    stage.service.load_state(saved)
    assert stage.service.reports == before
    stage.clock.advance(days=3)
    assert [report.key for report in stage.service.reports] == after


def test_tags_of_a_report_plan_can_be_changed(stage):
    """Report plans are tagged at creation, and with the operations for tags."""
    arn = create(stage, ReportPlanTags={"team": "audit"})["ReportPlanArn"]
    stage.call("TagResource", ResourceArn=arn, Tags={"cost": "7"})
    stage.call("UntagResource", ResourceArn=arn, TagKeyList=["team"])
    assert stage.call("ListTags", ResourceArn=arn)["Tags"] == {"cost": "7"}


def test_through_a_session_reports_arrive_in_s3():
    """With a session the bucket holds the very bytes that the local service shows, under the key that the job names."""
    session = private_moto_session()
    session.client("s3").create_bucket(Bucket="reports-here")
    stage = Stage(SessionWorld(session, account_id=ACCOUNT, types=["DynamoDB"]))
    deployed(stage, delivery={"S3BucketName": "reports-here"})
    job = run(stage)
    assert job["Status"] == "COMPLETED"
    (key,) = job["ReportDestination"]["S3Keys"]
    found = session.client("s3").get_object(Bucket="reports-here", Key=key)
    assert found["Body"].read() == stage.service.reports[-1].body


def test_a_report_that_cannot_be_delivered_fails_with_a_reason():
    """A bucket that is not there makes the job FAILED with a message; daily reports go on, and work once it is."""
    session = private_moto_session()
    stage = Stage(SessionWorld(session, account_id=ACCOUNT, types=["DynamoDB"]))
    deployed(stage, delivery={"S3BucketName": "reports-nowhere"})
    job = run(stage)
    assert job["Status"] == "FAILED"
    assert "reports-nowhere" in job["StatusMessage"]
    assert "NoSuchBucket" in job["StatusMessage"]
    assert job["ReportDestination"]["S3Keys"] == []
    assert stage.service.reports == []
    assert "LastSuccessfulExecutionTime" not in described(stage)
    session.client("s3").create_bucket(Bucket="reports-nowhere")
    stage.clock.advance(days=1)
    assert [report.bucket for report in stage.service.reports] == ["reports-nowhere"]


class Locked(SyntheticWorld):
    """A world whose buckets take nothing from anybody."""

    def put_object(self, bucket: str, key: str, body: bytes, *, account_id: str, region_name: str) -> bool:
        raise NotAllowedError(f"{account_id} in {region_name} may not put {len(body)} bytes at {bucket}/{key}")


def test_a_bucket_that_takes_no_reports_fails_the_job():
    """Where access is denied the job is FAILED and says so; the clock goes on."""
    stage = Stage(Locked())
    deployed(stage)
    stage.clock.advance(days=2)
    jobs = stage.call("ListReportJobs", ByStatus="FAILED")["ReportJobs"]
    assert len(jobs) == 2
    assert all("Access denied" in job["StatusMessage"] for job in jobs)
    assert stage.service.reports == []


def test_a_session_of_another_account_gets_no_reports():
    """Reports of an account that the session is not of stay in the local cloud."""
    session = private_moto_session()
    stage = Stage(SessionWorld(session, account_id=OTHER, types=["DynamoDB"]))
    deployed(stage)
    assert run(stage)["Status"] == "COMPLETED"
    assert len(stage.service.reports) == 1
