"""Every rule on what stands beside AWS Backup in other services, at its boundary."""

from __future__ import annotations

import json

import pytest

import backupkit as bk
from backupkit.catalog import TYPES
from backupkit.catalog import role_policies as policies
from backupkit.errors import InvalidValueError

ROLE = "arn:aws:iam::123456789012:role/app"
TOPIC = "arn:aws:sns:us-east-1:123456789012:backups"
FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:check-restores"
FILES = "arn:aws:elasticfilesystem:us-east-1:123456789012:file-system/fs-0123456789abcdef0"
TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/orders"


def alarm(**more):
    given = {"topics": TOPIC, "metric": "NumberOfBackupJobsFailed", "vault": "prod"} | more
    return bk.Alarm("a", **given)


def validation(name="check", plan="weekly", function_arn=FUNCTION, **more):
    return bk.RestoreValidation(name, plan=plan, function_arn=function_arn, **more)


ACCEPTED = {
    "a role for everything": lambda: bk.BackupRole("r"),
    "a role of 64": lambda: bk.BackupRole("r" * 64, path="/service-role/"),
    "the least privilege": lambda: bk.BackupRole("r", types=("EC2", "S3"), pass_roles=ROLE, least_privilege=True),
    "5 topics": lambda: alarm(topics=[TOPIC] * 5),
    "failures everywhere": lambda: bk.Alarm.failed_jobs("a", topic=TOPIC),
    "failed copies": lambda: bk.Alarm.failed_jobs("a", topic=TOPIC, vault=bk.Vault("prod"), jobs="copy"),
    "expired jobs": lambda: bk.Alarm.expired_jobs("a", topic=TOPIC),
    "no backup for a week": lambda: bk.Alarm.no_backup_for("a", hours=168, topic=TOPIC, vault="prod"),
    "no backup anywhere for 3 hours": lambda: bk.Alarm.no_backup_for("a", hours=3, topic=TOPIC),
    "growth": lambda: bk.Alarm.storage_growth("a", points_a_day=1000, topic=TOPIC, vault="prod"),
    "a topic": lambda: bk.TopicPolicy(TOPIC),
    "a topic by its ARN": lambda: bk.TopicPolicy(bk.Arn.parse(TOPIC), services=("events.amazonaws.com",)),
    "a file system": lambda: bk.EFSBackupPolicy(FILES, enabled=False),
    "a table": lambda: bk.DynamoDBContinuousBackups(TABLE, recovery_period_days=35),
    "a table that is not": lambda: bk.DynamoDBContinuousBackups(TABLE, enabled=False),
    "a function's alias": lambda: validation(function_arn=f"{FUNCTION}:live"),
    "a check of databases": lambda: validation(resource_types="RDS"),
}
REFUSED = {
    "a role of 65": (lambda: bk.BackupRole("r" * 65), "1 to 64"),
    "a role by its ARN": (lambda: bk.BackupRole(ROLE), "1 to 64"),
    "a role for nothing": (lambda: bk.BackupRole("r", backups=False, restores=False), "neither backs up"),
    "the least privilege of everything": (lambda: bk.BackupRole("r", least_privilege=True), "name the types"),
    "the least privilege of too much": (
        lambda: bk.BackupRole("r", types=tuple(TYPES), least_privilege=True),
        "10,240",
    ),
    "a profile's name": (lambda: bk.BackupRole("r", pass_roles="app"), "not the ARN of an IAM role"),
    "a path without an end": (lambda: bk.BackupRole("r", path="/service-role"), "begin and end"),
    "an unknown metric": (lambda: alarm(metric="BackupSize"), "NumberOfBackupJobsFailed"),
    "no topic": (lambda: alarm(topics=()), "nobody is told"),
    "6 topics": (lambda: alarm(topics=[TOPIC] * 6), "at most 5"),
    "a topic's name": (lambda: alarm(topics="backups"), "not the ARN of an SNS topic"),
    "half a minute": (lambda: alarm(period_seconds=90), "whole minutes"),
    "more than a week": (lambda: alarm(period_seconds=7200, periods=85), "seven days"),
    "169 hours": (lambda: bk.Alarm.no_backup_for("a", hours=169, topic=TOPIC), "1 to 168"),
    "failed scans": (lambda: bk.Alarm.failed_jobs("a", topic=TOPIC, jobs="scan"), "backup, copy, restore"),
    "an alarm without a name": (lambda: bk.Alarm.failed_jobs("", topic=TOPIC), "1 to 255"),
    "a FIFO topic": (lambda: bk.TopicPolicy(f"{TOPIC}.fifo"), "standard topic"),
    "a topic for nobody": (lambda: bk.TopicPolicy(TOPIC, services=()), "nobody may publish"),
    "a topic for a role": (lambda: bk.TopicPolicy(TOPIC, services=ROLE), "is not a service"),
    "a file system's id": (lambda: bk.EFSBackupPolicy("fs-0123456789abcdef0"), "not the ARN of an EFS"),
    "a table's name": (lambda: bk.DynamoDBContinuousBackups("orders"), "not the ARN of a DynamoDB"),
    "36 days": (lambda: bk.DynamoDBContinuousBackups(TABLE, recovery_period_days=36), "1 to 35 days"),
    "days of nothing": (
        lambda: bk.DynamoDBContinuousBackups(TABLE, enabled=False, recovery_period_days=7),
        "continuous backups are off",
    ),
    "a function's name": (lambda: validation(function_arn="check-restores"), "not the ARN of a Lambda"),
    "a plan's ARN": (lambda: validation(plan="arn:aws:backup"), "letters, digits and _"),
    "a rule of 65": (lambda: validation("r" * 65), "1 to 64"),
}
WARNED = {
    "an unknown type": (lambda: bk.BackupRole("r", types="DynamoDb"), "write DynamoDB"),
    "profiles that cannot be passed": (lambda: bk.BackupRole("r", types="EC2", least_privilege=True), "a profile"),
    "no backup anywhere for a day": (lambda: bk.Alarm.no_backup_for("a", hours=26, topic=TOPIC), "3 hours at most"),
    "growth everywhere": (lambda: bk.Alarm.storage_growth("a", points_a_day=9, topic=TOPIC), "name a vault"),
    "a check of warehouses": (lambda: validation(resource_types="Redshift"), "not a type that restore testing"),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_what_the_services_take_is_accepted(name):
    """A value on the right side of each boundary is made, and nothing is said about it."""
    assert ACCEPTED[name]().check() == ()


@pytest.mark.parametrize("name", REFUSED)
def test_what_the_services_refuse_is_refused_with_the_way_out(name):
    """A value on the wrong side is refused where it is written, in words that name the rule."""
    make, words = REFUSED[name]
    with pytest.raises(InvalidValueError) as caught:
        make()
    assert words in str(caught.value)
    assert all(problem.hint for problem in caught.value.problems)


@pytest.mark.parametrize("name", WARNED)
def test_what_is_rarely_meant_is_told_and_never_refused(name):
    """A value that is taken and likely does not do what is meant is made; its check warns."""
    make, words = WARNED[name]
    assert any(words in str(problem) for problem in make().check())


@pytest.mark.parametrize(
    ("types", "switches", "needed"),
    [
        ((), {}, {policies.BACKUP, policies.RESTORES}),
        (("EC2",), {}, {policies.BACKUP, policies.RESTORES}),
        (("S3",), {}, {policies.S3_BACKUP, policies.S3_RESTORE}),
        (
            ("S3", "RDS"),
            {},
            {policies.BACKUP, policies.RESTORES, policies.S3_BACKUP, policies.S3_RESTORE},
        ),
        (("S3", "RDS"), {"restores": False}, {policies.BACKUP, policies.S3_BACKUP}),
        (("RDS",), {"backups": False}, {policies.RESTORES}),
        (("SAP HANA on Amazon EC2",), {}, {policies.BACKUP, "AWSBackupRestoreAccessForSAPHANA"}),
    ],
)
def test_a_role_gets_the_managed_policies_of_its_types(types, switches, needed):
    """S3 has policies of its own, and so have restores of SAP HANA; nothing is attached that no type needs."""
    assert set(bk.BackupRole("r", types=types, **switches).managed_policies) == needed


@pytest.mark.parametrize("name", sorted(TYPES))
def test_every_type_has_its_least_privilege(name):
    """Each type has statements for its backups and its restores, beside those that every type needs."""
    plain = policies.statements((), backups=True, restores=True)
    both = policies.statements((name,), backups=True, restores=True)
    gained = set(both) - set(plain)
    assert any("Backup" in each for each in gained)
    assert any("Restore" in each for each in gained)


def test_every_statement_of_the_managed_policies_is_of_some_type():
    """What AWS adds to a managed policy shows up here by its id, once it is read again."""
    known = policies.statements(tuple(TYPES), backups=True, restores=True)
    whole = {
        f"{word}{name}"
        for word, policy in (("Backup", policies.BACKUP), ("Restore", policies.RESTORES))
        for name in policies._policies()[policy]["statements"]
    }
    # What scans for malware takes its own setting, and its own role.
    assert {each for each in whole - set(known) if "GuardDuty" not in each} == set()


def test_the_statements_are_those_that_aws_publishes():
    """The statements are held against the managed policies that moto carries, where it has the same versions."""
    data = pytest.importorskip("moto.iam.aws_managed_policies").aws_managed_policies_data
    published = json.loads(data) if isinstance(data, str) else data
    for name, ours in policies._policies().items():
        theirs = published[name]
        if theirs["DefaultVersionId"] != ours["version"]:
            continue
        held = [{k: v for k, v in each.items() if k != "Sid"} for each in theirs["Document"]["Statement"]]
        assert list(ours["statements"].values()) == held
        assert ours["path"] == theirs["Path"]


def test_the_least_privilege_is_smaller_and_in_one_order():
    """It holds the statements of its types alone, each under one id, whatever the order of the types."""
    one = bk.BackupRole("r", types=("DynamoDB", "EFS"), least_privilege=True)
    other = bk.BackupRole("r", types=("EFS", "DynamoDB"), least_privilege=True)
    assert one.managed_policies == ()
    assert one.inline_policy == other.inline_policy
    ids = [each["Sid"] for each in one.inline_policy["Statement"]]
    assert len(ids) == len(set(ids))
    assert "BackupDynamoDBPermissions" in ids
    assert not any("RDS" in each for each in ids)


def test_restored_instances_get_their_profile():
    """Roles of instance profiles may be passed, to EC2 alone, and only by a role that restores."""
    [statement] = bk.BackupRole("r", types="EC2", pass_roles=ROLE).inline_policy["Statement"]
    assert statement["Resource"] == [ROLE]
    assert statement["Condition"] == {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}
    assert bk.BackupRole("r", pass_roles=ROLE, restores=False).inline_policy is None


def test_a_role_says_its_arn():
    """Selections name the role by the ARN that it will have."""
    role = bk.BackupRole("backups", path="/service-role/")
    arn = role.arn(account_id="123456789012")
    assert str(arn) == "arn:aws:iam::123456789012:role/service-role/backups"
    assert bk.Selection("s", arn).role == str(arn)


def test_a_validator_hears_of_completed_tests_of_its_plan_alone():
    """The pattern names the plan by the beginning of its ARN, in the function's own account and Region."""
    weekly = bk.RestoreTestingPlan("weekly", schedule="cron(0 6 ? * 1 *)", vaults="*")
    made = validation(plan=weekly, resource_types=("S3", "RDS"))
    assert made.event_pattern["detail"] == {
        "status": ["COMPLETED"],
        "restoreTestingPlanArn": [{"prefix": "arn:aws:backup:eu-west-1:123456789012:restore-testing-plan:weekly-"}],
        "resourceType": ["RDS", "S3"],
    }
    assert made.rule_arn == "arn:aws:events:eu-west-1:123456789012:rule/check"
