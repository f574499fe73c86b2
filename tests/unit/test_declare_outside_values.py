"""Values from outside, however odd: one error of ours, short and fit for a log."""

from __future__ import annotations

import pytest

import backupkit as bk
from backupkit import TagCondition

ROLE = "arn:aws:iam::123456789012:role/service-role/AWSBackupDefaultServiceRole"
TOPIC = "arn:aws:sns:us-east-1:123456789012:backups"
TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/orders"
DR = "arn:aws:backup:eu-west-1:123456789012:backup-vault:dr"
CHECK = bk.Control.recovery_point_minimum_retention_check()


def _nested(depth):
    value = {}
    for _ in range(depth):
        value = {"a": value}
    return value


ODD = {
    "a number that Python does not write out": 10**5000,
    "the same below zero": -(10**5000),
    "infinity": 1e400,
    "not a number": float("nan"),
    "deep nesting": _nested(100_000),
    "five megabytes": "x" * 5_000_000,
    "half of a surrogate pair": "\ud800",
    "bytes": b"\xff\xfe",
    "nothing known": object(),
}
TAKING = {
    "vault name": bk.Vault,
    "vault key": lambda odd: bk.Vault("prod", key=odd),
    "vault tag": lambda odd: bk.Vault("prod", tags={"a": odd}),
    "vault lock": lambda odd: bk.Vault("prod", lock=odd),
    "vault policy": lambda odd: bk.Vault("prod", policy=odd),
    "vault policy statement": lambda odd: bk.Vault("prod", policy={"Statement": odd}),
    "lock days": lambda odd: bk.GovernanceLock(min_days=odd),
    "grace days": lambda odd: bk.ComplianceLock(changeable_for_days=odd),
    "topic": lambda odd: bk.Notifications(odd, "BACKUP_JOB_COMPLETED"),
    "event": lambda odd: bk.Notifications(TOPIC, [odd]),
    "plan name": bk.Plan,
    "plan rule": lambda odd: bk.Plan("prod", odd),
    "rule name": lambda odd: bk.Rule(odd, "prod"),
    "rule vault": lambda odd: bk.Rule("daily", odd),
    "rule schedule": lambda odd: bk.Rule("daily", "prod").scheduled(odd),
    "retention": lambda odd: bk.Rule("daily", "prod").keep(days=odd),
    "cold days": lambda odd: bk.Rule("daily", "prod").cold_after(days=odd),
    "continuous days": lambda odd: bk.Rule("daily", "prod").continuously(keep_days=odd),
    "copy": lambda odd: bk.Rule("daily", "prod").copy_to(odd),
    "copy days": lambda odd: bk.Rule("daily", "prod").copy_to(DR, keep_days=odd),
    "start window": lambda odd: bk.Rule("daily", "prod", start_window_minutes=odd),
    "index type": lambda odd: bk.IndexAction([odd]),
    "scan mode": lambda odd: bk.ScanAction(scan_mode=odd),
    "scanned type": lambda odd: bk.ScanSetting(resource_types=[odd], scanner_role_arn=ROLE),
    "setting type": lambda odd: bk.AdvancedBackupSetting(odd, {"WindowsVSS": "enabled"}),
    "setting": lambda odd: bk.AdvancedBackupSetting("EC2", {"WindowsVSS": odd}),
    "selection name": lambda odd: bk.Selection(odd, ROLE),
    "role": lambda odd: bk.Selection("all", odd),
    "resource": lambda odd: bk.Selection("all", ROLE).including(odd),
    "condition": lambda odd: bk.Selection("all", ROLE).where(odd),
    "operator": lambda odd: TagCondition("a", odd, "b"),
    "framework name": lambda odd: bk.Framework(odd, CHECK),
    "control": lambda odd: bk.Framework("prod", odd),
    "description": lambda odd: bk.Framework("prod", CHECK, description=odd),
    "days of a control": lambda odd: bk.Control.recovery_point_minimum_retention_check(required_retention_days=odd),
    "unit of a control": lambda odd: bk.Control.last_recovery_point_created(recovery_point_age_unit=odd),
    "principal of a control": lambda odd: bk.Control.recovery_point_manual_deletion_disabled(principal_arn_list=[odd]),
    "tags of a control": lambda odd: CHECK.for_tag(odd, odd).for_types(odd),
    "bucket": lambda odd: bk.ReportPlan("daily", template="COPY_JOB_REPORT", bucket=odd),
    "format": lambda odd: bk.ReportPlan("daily", template="COPY_JOB_REPORT", bucket="reports", formats=[odd]),
    "account": lambda odd: bk.ReportPlan("daily", template="COPY_JOB_REPORT", bucket="reports", accounts=[odd]),
    "framework": lambda odd: bk.ReportPlan("daily", template="COPY_JOB_REPORT", bucket="reports", frameworks=[odd]),
    "opt-in": lambda odd: bk.RegionSettings(opt_in={"S3": odd}),
    "global setting": lambda odd: bk.GlobalSettings(mpa=odd),
    "tiering name": lambda odd: bk.TieringConfiguration(odd, "prod"),
    "tiering days": lambda odd: bk.TieringConfiguration("cheaper", "prod").after(days=odd),
    "tiered bucket": lambda odd: bk.TieringConfiguration("cheaper", "prod").after(days=90, resources=[odd]),
    "held vault": lambda odd: bk.LegalHold("case", "why", vaults=[odd]),
    "moment of a hold": lambda odd: bk.LegalHold("case", "why", from_date=odd, to_date=odd),
    "stack name": bk.Stack,
    "schedule": bk.Schedule,
    "time zone": lambda odd: bk.Schedule("cron(0 5 ? * * *)", odd),
    "time of day": bk.Schedule.daily,
    "day of the week": bk.Schedule.weekly,
    "day of the month": bk.Schedule.monthly,
    "minute": bk.Schedule.hourly,
    "ARN": bk.Arn.parse,
    "plan document": bk.Plan.from_json,
    "plan document's member": lambda odd: bk.Plan.from_json({"BackupPlanName": "prod", "Rules": [{"Lifecycle": odd}]}),
    "plan document's list": lambda odd: bk.Plan.from_json({"BackupPlanName": "prod", "Rules": odd}),
    "plan document's name": lambda odd: bk.Plan.from_json({"BackupPlanName": "prod", odd: 1} if _hashes(odd) else {}),
    "an operation": lambda odd: bk.local().call(odd),
    "a member of a call": lambda odd: bk.local().call("ListBackupJobs", MaxResults=odd),
    "a rate of change": lambda odd: bk.local().resources.add(TABLE, daily_change=odd),
    "a rate of growth": lambda odd: bk.local().resources.add(TABLE, daily_growth=odd),
    "a size": lambda odd: bk.local().resources.add(TABLE, size_bytes=odd),
    "a resource": bk.local().resources.add,
    "a day of the clock": lambda odd: bk.local().clock.advance(days=odd),
    "a moment of the clock": bk.local().clock.until,
    "a rate of the clock": lambda odd: bk.local(clock_rate=odd),
    "a saved state": lambda odd: bk.local().load_state(odd),
}


def _hashes(value):
    return not isinstance(value, dict)


@pytest.mark.parametrize("taking", TAKING)
@pytest.mark.parametrize("odd", ODD)
def test_an_odd_value_is_one_error_of_ours(odd, taking):
    """Nothing raises what is not ours, and no message is long, or holds what no log can be written with."""
    with pytest.raises((bk.errors.InvalidValueError, bk.errors.RejectedError)) as caught:
        TAKING[taking](ODD[odd])
    text = str(caught.value)
    assert text.encode()
    assert len(text) < 2_500


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[" * 1_000_000, "nested too deeply"),
        ('{"a":' * 100_000, "nested too deeply"),
        ('{"BackupPlanName": ' + "9" * 5000 + "}", "a number of thousands of digits"),
        (b"\x7b\xff\x7d", "the bytes are not UTF-8 at 1"),
        ('{"BackupPlanName": "hunter2', "is not JSON"),
    ],
)
def test_json_that_cannot_be_read_is_one_error_of_ours(text, words):
    """What is wrong is told, and nothing of what the text holds."""
    with pytest.raises(bk.errors.InvalidValueError, match=words) as caught:
        bk.Plan.from_json(text)
    assert "hunter2" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
