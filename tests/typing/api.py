"""What type checkers say of the declared values: checked by mypy and pyright, never run.

An ignored error is a promise: `warn_unused_ignores` fails when the line begins to be accepted.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import assert_type

from hypothesis.strategies import SearchStrategy

import backupkit as bk
from backupkit import (
    ComplianceLock,
    CopyAction,
    GovernanceLock,
    Lifecycle,
    Plan,
    Rule,
    Selection,
    TagCondition,
    Tags,
    Vault,
    tag,
    testing,
)
from backupkit._local import LocalConnection
from backupkit.emulator import (
    Accounts,
    Approval,
    CallFault,
    Choices,
    ControlResult,
    Delivered,
    EmittedEvent,
    Faults,
    LocalClock,
    LocalService,
    Outage,
    Resource,
    SessionWorld,
    SyntheticWorld,
    patch_boto3,
    private_moto_session,
    serving,
)
from backupkit.problems import Problem
from backupkit.schedule import Schedule

vault = Vault("prod", tags={"Team": "platform"}, policy={"Statement": []}).tagged(Environment="production")
assert_type(vault, Vault)
assert_type(vault.tags, Tags)
assert_type(vault.lock, GovernanceLock | None)
assert_type(vault.locked(ComplianceLock(min_days=7, changeable_for_days=14)), Vault)
assert_type(vault.notifying("arn:aws:sns:us-east-1:123456789012:t", "BACKUP_JOB_COMPLETED"), Vault)

rule = Rule("daily", vault).scheduled("cron(0 5 ? * * *)", timezone="Europe/Berlin").keep(days=35)
assert_type(rule, Rule)
assert_type(rule.vault, str)
assert_type(rule.schedule, Schedule | None)
assert_type(rule.lifecycle, Lifecycle | None)
assert_type(rule.copies, tuple[CopyAction, ...])
assert_type(rule.cold_after(days=7).keep_forever().continuously(keep_days=35).tagging(a="b"), Rule)

condition = tag("Environment").equals("production")
assert_type(condition, TagCondition)
selection = Selection("s", "arn:aws:iam::123456789012:role/r", tags=[("Backup", "daily")], resources=["*"])
assert_type(selection.any_tag(Backup="daily").where(condition).including("*").excluding("*"), Selection)
assert_type(selection.resources, tuple[str, ...])
assert_type(selection.tags, tuple[tuple[str, str], ...])

plan = Plan("p", rule, Rule("monthly", "prod"), tags={"Team": "platform"}).protecting(selection)
assert_type(plan, Plan)
assert_type(plan.rules, tuple[Rule, ...])
assert_type(plan.check(), tuple[Problem, ...])
assert_type(plan.problems(), tuple[Problem, ...])
assert_type(Plan.from_json({"BackupPlanName": "p"}), Plan)
assert_type(plan.to_json(), str)
assert_type(plan.to_dict(), dict[str, object])
assert_type(Plan.gfs("p", vault, daily_days=35, weekly_days=90, monthly_days=None).copy_to("arn", keep_days=7), Plan)
assert_type(plan.protecting(selection, rules=["daily"]).split(), tuple[Plan, ...])
assert_type(vault.arn(region_name="us-east-1", account_id="123456789012"), bk.Arn)
assert_type(vault.unmanaged("lock").manages("policy").notifying_failures("arn:aws:sns:us-east-1:123456789012:t"), Vault)
assert_type(plan.unmanaged("selections"), Plan)
assert_type(Vault.existing("prod"), Vault)
denied = bk.AccessPolicy.deny_deletion() | bk.AccessPolicy.require_mfa(unless="arn:aws:iam::123456789012:role/r")
assert_type(denied, bk.AccessPolicy)
assert_type(Vault("prod", policy=denied).policy, str | None)
assert_type(bk.Stack("s", vault).renamed("plan.a", "plan.p"), bk.Stack)
assert_type(bk.events.failures_filter(), dict[str, object])
assert_type(testing.plans(), SearchStrategy[Plan])
assert_type(testing.vaults(), SearchStrategy[Vault])
assert_type(testing.stacks(), SearchStrategy[bk.Stack])
assert_type(testing.resources(), SearchStrategy[testing.NewResource])


def at_hand(drawn: testing.NewResource) -> None:
    """What a local connection has, with its types."""
    aws = bk.local(choices=Choices(page_size=10), world=SessionWorld(private_moto_session(), account_id="123456789012"))
    assert_type(aws, LocalConnection)
    assert_type(aws.clock, LocalClock)
    assert_type(aws.resources, SyntheticWorld)
    assert_type(aws.resources.add(**drawn), Resource)
    assert_type(aws.faults, Faults)
    assert_type(aws.faults.throttle("StartBackupJob", at=2, times=3), CallFault)
    assert_type(aws.faults.limit("DeleteRecoveryPoint", per_second=20, burst=40), CallFault)
    assert_type(aws.faults.outage("EBS", jobs=("backup",)), Outage)
    assert_type(aws.accounts, Accounts)
    assert_type(aws.accounts.pending(), list[Approval])
    assert_type(aws.events.events(), list[EmittedEvent])
    assert_type(aws.reports, list[Delivered])
    assert_type(aws.findings("baseline"), list[ControlResult])
    assert_type(aws.as_account("210987654321"), LocalConnection)
    assert_type(aws.save_state(), bytes)
    with patch_boto3(aws) as service, serving(aws) as url, serving(service):
        assert_type(service, LocalService)
        assert_type(url, str)
    aws.faults.throttle("StartBackupJob", att=2)  # type: ignore[call-arg]
    bk.local(regoin_name="eu-west-1")  # type: ignore[call-arg]
    patch_boto3(vault)  # type: ignore[arg-type]


def _jobs(
    aws: bk.Connection, backups: list[bk.BackupJob], point: bk.RecoveryPoint, perhaps: bk.SSMQuiesce | None
) -> None:
    assert_type(bk.wait_all(backups).completed, tuple[bk.BackupJob, ...])
    assert_type(list(bk.as_completed(backups)), list[bk.BackupJob])
    mixed: list[bk.BackupJob | bk.RestoreJob] = [*backups, aws.restore_job("1")]
    assert_type(bk.wait_all(mixed, timeout=60).failed, tuple[bk.BackupJob | bk.RestoreJob, ...])
    bk.wait_all([aws.backup_job("1"), aws.copy_job("2"), aws.report_job("3"), aws.scan_job("4")])
    assert_type(backups[0].stop(), bk.BackupJob)
    assert_type(point.scan(scanner_role="arn:aws:iam::123456789012:role/r").wait(), bk.ScanJob)
    quiesce = bk.SSMQuiesce("app-consistency", parameters={"database": "shop"})
    assert_type(aws.back_up("arn", vault="prod"), bk.BackupJob)
    assert_type(aws.back_up("arn", vault="prod", quiesce=quiesce), bk.QuiescedBackup)
    assert_type(aws.back_up("arn", vault="prod", quiesce=perhaps), bk.BackupJob | bk.QuiescedBackup)
    aws.back_up("arn", vault="prod", keep_dais=7)  # type: ignore[call-overload]
    assert_type(point.preview_copy("arn", destination=aws).apply(), bk.CopyJob)
    assert_type(point.copy_to("arn").wait_at(aws), bk.RecoveryPoint)
    assert_type(point.preview_return(to=aws, connections=[aws]).apply().point, bk.RecoveryPoint)
    assert_type(aws.run_report("daily").reason, str | None)
    assert_type([job.state for job in aws.restore_jobs(state=["FAILED"])], list[str | None])
    assert_type(bk.events.parse({}).state, str | None)
    assert_type(bk.events.parse_all([{}]), tuple[bk.events.Event, ...])
    assert_type(bk.events.pattern("backup", state=["FAILED"]), dict[str, object])
    aws.restore_jobs(status="FAILED")  # type: ignore[call-arg]
    bk.wait_all(["1"])  # type: ignore[type-var]
    point.copy_to("arn", destination="aws")  # type: ignore[arg-type]
    bk.events.pattern(1)  # type: ignore[arg-type]


Vault("prod", "key")  # type: ignore[call-arg]
Rule("daily")  # type: ignore[call-arg]
Rule("daily", vault, continuous="yes")  # type: ignore[arg-type]
Rule("daily", vault).keep(35)  # type: ignore[call-arg]
Rule("daily", vault).keep(days="35")  # type: ignore[arg-type]
Rule("daily", vault).copy_to(vault)  # type: ignore[arg-type]
Lifecycle(30, 120)  # type: ignore[call-arg]
Lifecycle(delete_after=30)  # type: ignore[call-arg]
ComplianceLock(min_days=7)  # type: ignore[call-arg]
Plan("p", vault)  # type: ignore[arg-type]
Plan.from_json(1)  # type: ignore[arg-type]
selection.where("Environment=production")  # type: ignore[arg-type]
rule.name = "other"  # type: ignore[misc]


def restores(aws: bk.Connection, moment: datetime) -> None:
    point = aws.recovery_points(resource="arn:aws:s3:::invoices").latest(as_of=moment)
    preview = point.preview_restore(bk.restore.S3Bucket("invoices-2", new_bucket=True, items="2026/"), as_of=moment)
    assert_type(preview, bk.restore.RestorePreview)
    assert_type(preview.metadata, dict[str, str])
    assert_type(preview.apply(), bk.RestoreJob)
    assert_type(point.restore_request(), bk.restore.RestoreRequest)
    bk.restore.EKSCluster("apps", nested_restore_jobs={"arn": bk.restore.EBSVolume("us-east-1a")})
    bk.restore.FSxLustre(subnet_ids=["subnet-1"], lustre_configuration={"PerUnitStorageThroughput": 50})
    bk.restore.S3Bucket("invoices-2", restore_time=moment)  # type: ignore[call-arg]  # as_of= is the word
    bk.restore.EBSVolume()  # type: ignore[call-arg]
    point.restore("orders-2")  # type: ignore[arg-type]


@bk.restore_testing.validator
def orders(job: bk.RestoreJob) -> object:
    return bk.restore_testing.checks.dynamodb(items=1)


@bk.restore_testing.validator(wait=timedelta(minutes=5))
def looked_up(job: bk.RestoreJob, aws: bk.Connection) -> dict[str, bool]:
    return {"there": aws.region_name == "us-east-1"}


def restore_tests(aws: bk.Connection) -> None:
    assert_type(orders, bk.restore_testing.Validator)
    assert_type(looked_up, bk.restore_testing.Validator)
    assert_type(orders({}, None), dict[str, object])
    assert_type(orders.using(aws).validate("id"), bk.restore_testing.Validation)
    assert_type(orders.main(["id"]), int)
    found = bk.restore_testing.evidence(aws).require(rto=timedelta(hours=1), resources=["arn:aws:s3:::invoices"])
    assert_type(found, bk.restore_testing.Evidence)
    assert_type([row.rpo for row in found], list[timedelta | None])
    assert_type([row.rto_worst for row in found.by_resource()], list[timedelta | None])
    bk.restore_testing.evidence(aws).require(rto=3600)  # type: ignore[arg-type]
    bk.restore_testing.checks.rds("postgres")  # type: ignore[call-arg]
    bk.restore_testing.validator(3)  # type: ignore[call-overload]


def audits(aws: bk.Connection, moment: datetime) -> None:
    check = bk.Control.plan_min_frequency_and_min_retention_check(required_frequency_unit="hours")
    assert_type(check.for_tag("Environment", "production"), bk.Control)
    framework = bk.Framework("prod", check, tags={"Team": "audit"})
    assert_type(framework.with_controls(check).tagged(Team="audit"), bk.Framework)
    report = bk.ReportPlan("daily", template="BACKUP_JOB_REPORT", bucket="reports", formats="CSV", frameworks=framework)
    assert_type(report.frameworks, tuple[str, ...])
    assert_type(bk.TieringConfiguration("t", vault).after(days=90), bk.TieringConfiguration)
    assert_type(bk.LegalHold("case", "why", vaults=[vault, "dr"], from_date=moment).vaults, tuple[str, ...])
    assert_type(bk.RegionSettings(opt_in={"S3": True}).opt_in["S3"], bool)
    bk.Stack("audit", framework, report, bk.GlobalSettings(mpa=True)).preview(aws)
    bk.Control.plan_min_frequency_and_min_retention_check(required_frequency_unit="weeks")  # type: ignore[arg-type]
    bk.Control.restore_time_for_resources_meet_target()  # type: ignore[call-arg]
    bk.Control.resources_protected_by_backup_plan(required_retention_days=35)  # type: ignore[call-arg]
    bk.ReportPlan("daily", template="BACKUP_JOB_REPORT")  # type: ignore[call-arg]
    bk.GlobalSettings(mpa="true")  # type: ignore[arg-type]
    bk.LegalHold("case", "why", from_date="2026-01-01")  # type: ignore[arg-type]


def what_restores_need(vault: bk.Vault, topic: str, function: bk.Arn) -> bk.Stack:
    """Vaults can be named by their values, schedules written as text, and overrides as what they are."""
    gap = bk.AirGappedVault("gap", min_days=7, max_days=365, tags={"Team": "a"}).notifying(topic, "COPY_JOB_FAILED")
    assert_type(gap, bk.AirGappedVault)
    assert_type(gap.arn(region_name="us-east-1", account_id="123456789012"), bk.Arn)
    role = bk.BackupRole("restores", types="RDS")
    tested = bk.RestoreTestingSelection(
        "databases", resource_type="RDS", role=role.arn(account_id="123456789012"), overrides={"port": 5432}
    ).where(tag("Team").differs("b"))
    weekly = bk.RestoreTestingPlan("weekly", schedule="cron(0 6 ? * 1 *)", vaults=(vault, gap, "*")).testing(tested)
    assert_type(weekly, bk.RestoreTestingPlan)
    check = bk.RestoreValidation("check", plan=weekly, function_arn=function)
    alarm = bk.Alarm.no_backup_for("none", hours=26, topic=topic, vault=vault)
    assert_type(alarm, bk.Alarm)
    return bk.Stack("s", gap, role, weekly, check, alarm, bk.TopicPolicy(topic))


def what_restores_refuse() -> None:
    """A vault without bounds, and a plan without a schedule, are no values."""
    bk.AirGappedVault("gap")  # type: ignore[call-arg]
    bk.RestoreTestingPlan("weekly", vaults="*")  # type: ignore[call-arg]


def what_takes_either_form(aws: bk.Connection, arn: bk.Arn, text: str, gap: bk.AirGappedVault) -> None:
    """An ARN is a text or an Arn, one or several; a vault is itself or its name."""
    assert_type(bk.Selection("s", arn).including(arn, text).excluding(text), bk.Selection)
    assert_type(bk.Selection("s", text, resources=[arn, text]).role, str)
    assert_type(bk.Vault("prod", key=arn).key, str | None)
    assert_type(bk.Alarm.failed_jobs("a", topic=(arn, text), vault=gap), bk.Alarm)
    assert_type(bk.AccessPolicy.deny_deletion(unless=arn), bk.AccessPolicy)
    assert_type(bk.BackupRole("r", pass_roles=arn).arn(account_id=text), bk.Arn)
    assert_type(bk.LegalHold("h", "why", vaults=(gap, text), resources=arn), bk.LegalHold)
    assert_type(bk.restore.DynamoDBTable("t", encryption="KMS", key=arn).key, str | None)
    assert_type(aws.back_up(arn, vault=gap, role=arn), bk.BackupJob)
    assert_type(aws.recovery_point(arn, vault=gap).copy_to(arn, role=text), bk.CopyJob)
    assert_type(aws.recovery_points(vault=gap, resource=arn).where(vault=[gap, text]), bk.RecoveryPoints)
    assert_type(aws.recover(arn, role=arn), bk.Recovery)
    assert_type(aws.run_report(bk.ReportPlan("r", template="BACKUP_JOB_REPORT", bucket=text)), bk.ReportJob)
    bk.coverage(aws, resources=[arn, (text, {})]).row(arn)
    bk.coverage(aws, resources={arn: {"Team": "a"}})
    bk.find_orphans(aws, vault=gap, resource=arn)


def what_takes_no_arn(aws: bk.Connection, arn: bk.Arn) -> None:
    """Only a name of this account and Region will do, or the whole ARN."""
    aws.recovery_points(vault=arn)  # type: ignore[arg-type]
    bk.Rule("r", arn)  # type: ignore[arg-type]
    bk.Selection("s", bk.BackupRole("r"))  # type: ignore[arg-type]
    bk.CopyAction(bk.Vault("v"))  # type: ignore[arg-type]
