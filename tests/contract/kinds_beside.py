"""Examples of what is beside AWS Backup, for `test_kinds.py`: made in other services, which moto stands for."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from typing import Any

from beside_world import FILE_SYSTEM, FUNCTIONS, TABLE, beside, client
from kinds_restoring import WEEKLY, drop_plan
from kinds_table import (
    ACCOUNT,
    ALWAYS_THERE,
    NAMES_NO_ROLE,
    NEEDS_NOTHING,
    NO_TAGS,
    NOT_DELETED,
    OF_THE_ACCOUNT,
    REGION,
    ROLE,
    TOPIC,
    VAULT,
    Example,
    arns_of,
    put,
)

import backupkit as bk
from backupkit.catalog.role_policies import BACKUP, RESTORES

OTHERS = TOPIC.replace("alerts", "others")
PUBLISHERS = ("backup.amazonaws.com", "events.amazonaws.com")
MANAGED = f"arn:aws:iam::aws:policy/service-role/{BACKUP}"


def region_of(aws: bk.LocalConnection) -> str:
    """The Region that a connection is to."""
    return aws.transport.region_name


# Roles.


def roles(_: bk.LocalConnection) -> int:
    """How many roles of the name there are."""
    return sum(role["RoleName"] == "Backup" for role in client("iam").list_roles()["Roles"])


def drop_role(_: bk.LocalConnection) -> None:
    """Delete the role, and its policies before."""
    iam = client("iam")
    for policy in iam.list_attached_role_policies(RoleName="Backup")["AttachedPolicies"]:
        iam.detach_role_policy(RoleName="Backup", PolicyArn=policy["PolicyArn"])
    for name in iam.list_role_policies(RoleName="Backup")["PolicyNames"]:
        iam.delete_role_policy(RoleName="Backup", PolicyName=name)
    iam.delete_role(RoleName="Backup")


def trust_more(_: bk.LocalConnection) -> None:
    """Let another service take the role on, in one statement with AWS Backup."""
    trust = {"Principal": {"Service": ["ec2.amazonaws.com", "backup.amazonaws.com"]}, "Action": ["sts:AssumeRole"]}
    document = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", **trust}}
    client("iam").update_assume_role_policy(RoleName="Backup", PolicyDocument=json.dumps(document))


def attach_more(_: bk.LocalConnection) -> None:
    """Give the role what is not declared: a policy of AWS, and an inline one."""
    iam = client("iam")
    iam.attach_role_policy(RoleName="Backup", PolicyArn="arn:aws:iam::aws:policy/AWSBackupServiceRolePolicyForS3Backup")
    document = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:List*", "Resource": "*"}}
    iam.put_role_policy(RoleName="Backup", PolicyName="own", PolicyDocument=json.dumps(document))


# Policies of topics.


def statements(region: str = REGION) -> list[dict[str, Any]]:
    """What the policy of the topic says."""
    topic = TOPIC.replace(REGION, region)
    found = client("sns", region).get_topic_attributes(TopicArn=topic)["Attributes"]["Policy"]
    return list(json.loads(found)["Statement"])


def put_statements(*said: Mapping[str, object]) -> None:
    """Write the policy of the topic."""
    document = json.dumps({"Version": "2012-10-17", "Statement": said})
    client("sns").set_topic_attributes(TopicArn=TOPIC, AttributeName="Policy", AttributeValue=document)


def publishers(aws: bk.LocalConnection) -> int:
    """How many statements let AWS Backup publish."""
    return sum("backup.amazonaws.com" in json.dumps(each["Principal"]) for each in statements(region_of(aws)))


def drop_statement(_: bk.LocalConnection) -> None:
    """Take away what the stack added to the policy."""
    put_statements(*(each for each in statements() if each["Sid"] != "backupkit"))


def rewrite_statement(_: bk.LocalConnection) -> None:
    """Let the same services publish by a statement of another name and spelling."""
    others = [each for each in statements() if each["Sid"] != "backupkit"]
    said = {"Principal": {"Service": PUBLISHERS[::-1]}, "Action": ["SNS:Publish"], "Resource": [TOPIC]}
    put_statements({"Sid": "theirs", "Effect": "Allow", **said}, *others)


# Alarms.


def alarms(aws: bk.LocalConnection) -> list[dict[str, Any]]:
    """The alarms of the name."""
    return list(client("cloudwatch", region_of(aws)).describe_alarms(AlarmNames=["backups-fail"])["MetricAlarms"])


def change_alarm(aws: bk.LocalConnection, **members: object) -> None:
    """Write the alarm again, with some members otherwise."""
    (found,) = alarms(aws)
    known = client("cloudwatch").meta.service_model.operation_model("PutMetricAlarm").input_shape.members
    held = {name: value for name, value in found.items() if name in known and value not in ([], None)}
    client("cloudwatch").put_metric_alarm(**{**held, **members})


# Validators.


def rules(aws: bk.LocalConnection) -> int:
    """How many rules, targets and permissions there are, each as often as it should be."""
    region = region_of(aws)
    events, function = client("events", region), FUNCTIONS[0].replace(REGION, region)
    found = [each["Name"] for each in events.list_rules()["Rules"]]
    for rule in found:
        assert len(events.list_targets_by_rule(Rule=rule)["Targets"]) == 1
        policy = client("lambda", region).get_policy(FunctionName=function)["Policy"]
        assert len(json.loads(policy)["Statement"]) == 1
    return len(found)


def drop_rule(_: bk.LocalConnection) -> None:
    """Delete the rule and its target; the permission, which is the function's, stays."""
    events = client("events")
    events.remove_targets(Rule="check", Ids=["backupkit"])
    events.delete_rule(Name="check")


def rewrite_rule(_: bk.LocalConnection) -> None:
    """Write the pattern of the rule in another order, with spaces."""
    found = client("events").describe_rule(Name="check")
    pattern = json.loads(found["EventPattern"])
    written = json.dumps(dict(reversed(pattern.items())), indent=2)
    client("events").put_rule(Name="check", EventPattern=written, State=found["State"])


def permit_by_another_statement(_: bk.LocalConnection) -> None:
    """Let the rule call the function by a statement of another name."""
    where = {"FunctionName": FUNCTIONS[0], "Action": "lambda:InvokeFunction", "Principal": "events.amazonaws.com"}
    client("lambda").remove_permission(FunctionName=FUNCTIONS[0], StatementId="backupkit-check")
    client("lambda").add_permission(
        **where, StatementId="theirs", SourceArn=f"arn:aws:events:{REGION}:{ACCOUNT}:rule/check"
    )


EXAMPLES: dict[str, Example] = {
    "backup_role": Example(
        thing=bk.BackupRole("Backup", types=("EFS", "RDS")),
        service=beside,
        updates={
            "types": put(types=("EFS", "S3")),
            "pass_roles": put(pass_roles=f"arn:aws:iam::{ACCOUNT}:role/app"),
            "least_privilege": put(least_privilege=True),
        },
        refused={"path": put(path="/backups/")},
        same={
            "order": put(types=("RDS", "EFS")),
            "no backups": put(backups=False),
            "no restores": put(restores=False),
        },
        echoed={"a statement for two services": trust_more, "more than it needs": attach_more},
        gone=drop_role,
        altered=lambda _: client("iam").detach_role_policy(RoleName="Backup", PolicyArn=MANAGED),
        drift=("managed_policies", (RESTORES,), (BACKUP, RESTORES)),
        new_role=put(pass_roles=f"{ROLE}2"),
        count=roles,
        without=NEEDS_NOTHING | NOT_DELETED | NO_TAGS | OF_THE_ACCOUNT,
    ),
    "topic_policy": Example(
        thing=bk.TopicPolicy(TOPIC, services=PUBLISHERS),
        service=functools.partial(beside, "topics"),
        updates={"services": put(services=(*PUBLISHERS, "cloudwatch.amazonaws.com"))},
        same={"order": put(services=PUBLISHERS[::-1]), "fewer than may": put(services=PUBLISHERS[:1])},
        echoed={"a statement of somebody else": rewrite_statement},
        altered=drop_statement,
        drift=("services", None, PUBLISHERS),
        count=publishers,
        without=NEEDS_NOTHING | NAMES_NO_ROLE | ALWAYS_THERE | NO_TAGS,
    ),
    "alarm": Example(
        thing=bk.Alarm.failed_jobs("backups-fail", topic=(TOPIC, OTHERS), vault=VAULT),
        parents=(VAULT,),
        service=functools.partial(beside, "topics"),
        updates={
            "topics": put(topics=TOPIC),
            "metric": put(metric="NumberOfCopyJobsFailed"),
            "vault": put(vault="other"),
            "all vaults": put(vault=None),
            "comparison": put(comparison="GreaterThanOrEqualToThreshold"),
            "threshold": put(threshold=3),
            "period_seconds": put(period_seconds=7_200),
            "periods": put(periods=2),
            "missing": put(missing="breaching"),
        },
        same={"order": put(topics=(OTHERS, TOPIC))},
        echoed={"a description": lambda aws: change_alarm(aws, AlarmDescription="by hand", OKActions=[TOPIC])},
        gone=lambda _: client("cloudwatch").delete_alarms(AlarmNames=["backups-fail"]),
        parent_gone=lambda aws: aws.call("DeleteBackupVault", BackupVaultName="prod"),
        altered=lambda aws: change_alarm(aws, Threshold=7.0),
        drift=("threshold", 7, 0),
        arns=arns_of(ListBackupVaults="BackupVaultArn"),
        count=lambda aws: len(alarms(aws)),
        without=NAMES_NO_ROLE | NOT_DELETED | NO_TAGS,
    ),
    "efs_backup_policy": Example(
        thing=bk.EFSBackupPolicy(FILE_SYSTEM),
        service=functools.partial(beside, "file systems"),
        updates={"enabled": put(enabled=False)},
        altered=lambda _: client("efs").put_backup_policy(
            FileSystemId=FILE_SYSTEM.rpartition("/")[2], BackupPolicy={"Status": "DISABLED"}
        ),
        drift=("enabled", False, True),
        count=lambda _: 1,
        without=NEEDS_NOTHING | NAMES_NO_ROLE | ALWAYS_THERE | NO_TAGS,
    ),
    "continuous_backups": Example(
        thing=bk.DynamoDBContinuousBackups(TABLE),
        service=functools.partial(beside, "tables"),
        updates={
            "enabled": put(enabled=False),
            "recovery_period_days": put(recovery_period_days=7),
        },
        same={"what DynamoDB fills in": put(recovery_period_days=35)},
        altered=lambda _: client("dynamodb").update_continuous_backups(
            TableName="orders",
            PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": 3},
        ),
        drift=("recovery_period_days", 3, 35),
        count=lambda _: 1,
        without=NEEDS_NOTHING | NAMES_NO_ROLE | ALWAYS_THERE | NO_TAGS,
    ),
    "restore_validation": Example(
        thing=bk.RestoreValidation("check", plan=WEEKLY, function_arn=FUNCTIONS[0], resource_types=("S3", "RDS")),
        parents=(VAULT, WEEKLY),
        service=functools.partial(beside, "functions"),
        updates={
            "plan": put(plan="monthly"),
            "function_arn": put(function_arn=FUNCTIONS[1]),
            "resource_types": put(resource_types="RDS"),
            "all types": put(resource_types=()),
        },
        same={"order": put(resource_types=("RDS", "S3"))},
        echoed={"spaces and order": rewrite_rule, "a statement of somebody else": permit_by_another_statement},
        gone=drop_rule,
        parent_gone=drop_plan,
        altered=lambda _: client("events").disable_rule(Name="check"),
        drift=("enabled", False, True),
        arns=arns_of(ListBackupVaults="BackupVaultArn", ListRestoreTestingPlans="RestoreTestingPlanArn"),
        count=rules,
        without=NAMES_NO_ROLE | NOT_DELETED | NO_TAGS,
    ),
}
