"""Examples of what makes restores possible, for `test_kinds.py`: air-gapped vaults, restore testing, access points."""

from __future__ import annotations

import functools
from collections.abc import Callable

import attrs
from kinds_table import (
    ACCOUNT,
    BOUND,
    FOR_ROLE,
    IN_PLACE,
    KEY,
    MADE_AGAIN,
    NAMES_NO_ROLE,
    NEEDS_NOTHING,
    REGION,
    ROLE,
    STATEMENT,
    TAGS_OF_PARENT,
    TOPIC,
    VAULT,
    Change,
    Example,
    arns_of,
    as_it_is,
    listed,
    put,
)

import backupkit as bk
from backupkit.transport.retry import RetryPolicy

OTHER = "999988887777"
TEAM = f"arn:aws:mpa:{REGION}:{ACCOUNT}:approval-team/restores"
SOURCE = f"arn:aws:backup:{REGION}:{OTHER}:backup-vault:"
BUCKET = "arn:aws:s3:::photos"
READERS = {"Statement": {"Effect": "Allow", "Principal": {"AWS": ROLE}, "Action": "s3:GetObject", "Resource": "*"}}
GAP = bk.AirGappedVault("gap", min_days=7, max_days=365, policy={"Statement": [STATEMENT]})
TABLES = bk.RestoreTestingSelection(
    "tables",
    resource_type="FSx",
    role=ROLE,
    overrides={"subnetIds": ["subnet-1"]},
    validation_window_hours=4,
).where(bk.tag("Environment").equals("production"), bk.tag("Team").differs("test"))
WEEKLY = bk.RestoreTestingPlan(
    "weekly", schedule="cron(0 6 ? * 1 *)", vaults=("arn:aws:backup:*:*:backup-vault:a", VAULT)
)
NAMES = {"RestoreTestingPlanName": "weekly", "RestoreTestingSelectionName": "tables"}


def with_teams() -> bk.LocalConnection:
    """An AWS where vaults can have approval teams."""
    aws = bk.local()
    aws.call("UpdateGlobalSettings", GlobalSettings={"isMpaEnabled": "true"})
    return aws


@functools.cache
def prepared(make: Callable[[], bk.LocalConnection]) -> bytes:
    """The state of an AWS, made once."""
    return make().save_state()


def again(make: Callable[[], bk.LocalConnection]) -> bk.LocalConnection:
    """An AWS as it was made, by itself."""
    # Names of access points rest for minutes: what waits for them need not repeat each call ten times.
    aws = bk.local(retry=RetryPolicy(attempts=1))
    aws.load_state(prepared(make))
    return aws


def with_sources() -> bk.LocalConnection:
    """An AWS where another account has two air-gapped vaults with a team."""
    aws = bk.local()
    owner = aws.as_account(OTHER)
    owner.call("UpdateGlobalSettings", GlobalSettings={"isMpaEnabled": "true"})
    team = TEAM.replace(ACCOUNT, OTHER)
    vaults = [bk.AirGappedVault(name, min_days=7, max_days=9, approval_team=team) for name in ("one", "two")]
    bk.Stack("owner", *vaults).preview(owner).apply()
    return aws


def with_points() -> bk.LocalConnection:
    """An AWS with two recovery points of a bucket."""
    aws = bk.local()
    aws.call("CreateBackupVault", BackupVaultName="prod")
    aws.resources.add(BUCKET)
    for _ in range(2):
        aws.back_up(BUCKET, vault="prod", keep_days=35).wait()
    return aws


def points() -> list[str]:
    """The ARNs of the two points, which are the same each time."""
    return sorted(str(point.recovery_point_arn) for point in again(with_points).recovery_points(resource=BUCKET))


POINTS = points()


def tag_by_hand(operation: str, member: str):
    """Tag what a list tells of."""

    def alter(aws: bk.LocalConnection) -> None:
        (arn, *_) = arns_of(**{operation: member})(aws)
        aws.call("TagResource", ResourceArn=arn, Tags={"by": "hand"})

    return alter


def drop_access_point(aws: bk.LocalConnection) -> None:
    """Delete the access point, and wait until its name can be taken again."""
    (arn,) = arns_of(ListBackupAccessPoints="AccessPointArn")(aws)
    aws.call("DeleteBackupAccessPoint", AccessPointArn=arn)
    aws.clock.advance(minutes=10)


def drop_plan(aws: bk.LocalConnection) -> None:
    """Delete the restore testing plan, and its selections before."""
    for each in aws.call("ListRestoreTestingSelections", RestoreTestingPlanName="weekly")["RestoreTestingSelections"]:
        aws.call("DeleteRestoreTestingSelection", **{name: each[name] for name in NAMES})
    aws.call("DeleteRestoreTestingPlan", RestoreTestingPlanName="weekly")


def count_selections(aws: bk.LocalConnection) -> int:
    """How many selections all plans have."""
    plans = [each["RestoreTestingPlanName"] for each in aws.call("ListRestoreTestingPlans")["RestoreTestingPlans"]]
    lists = [aws.call("ListRestoreTestingSelections", RestoreTestingPlanName=name) for name in plans]
    return sum(len(each["RestoreTestingSelections"]) for each in lists)


def selected(**fields: object) -> Change:
    """The plan with another selection."""
    return put(selections=(attrs.evolve(TABLES, **fields),))


EXAMPLES: dict[str, Example] = {
    "air_gapped_vault": Example(
        thing=GAP,
        service=with_teams,
        updates={
            "policy": put(
                policy={"Statement": [STATEMENT, {**STATEMENT, "Action": "backup:UpdateRecoveryPointLifecycle"}]}
            ),
            "a policy for a role": put(policy=FOR_ROLE),
            "notifications": lambda vault: vault.notifying(TOPIC, "COPY_JOB_FAILED"),
            "approval_team": put(approval_team=TEAM),
        },
        new_role=put(policy=FOR_ROLE),
        in_place=frozenset({bk.Action.CREATE, bk.Action.UPDATE}),
        replaces={"min_days": put(min_days=8), "max_days": put(max_days=366), "key": put(key=KEY)},
        same={"a list in the policy": put(policy={"Statement": {**STATEMENT, "Action": [STATEMENT["Action"]]}})},
        gone=lambda aws: aws.call("DeleteBackupVault", BackupVaultName="gap"),
        altered=tag_by_hand("ListBackupVaults", "BackupVaultArn"),
        drift=("tags.by", "hand", None),
        arns=arns_of(ListBackupVaults="BackupVaultArn"),
        count=listed("ListBackupVaults", "BackupVaultList", VaultType="LOGICALLY_AIR_GAPPED_BACKUP_VAULT"),
        without=NEEDS_NOTHING,
    ),
    "restore_access_vault": Example(
        thing=bk.RestoreAccessVault("restores", source=f"{SOURCE}one", comment="INC-1"),
        service=lambda: again(with_sources),
        replaces={"source": put(source=f"{SOURCE}two")},
        same={"another comment": put(comment="INC-2")},
        gone=lambda aws: aws.call("DeleteBackupVault", BackupVaultName="restores"),
        altered=tag_by_hand("ListBackupVaults", "BackupVaultArn"),
        drift=("tags.by", "hand", None),
        arns=arns_of(ListBackupVaults="BackupVaultArn"),
        # The vault behind it is in one Region.
        count=listed("ListBackupVaults", "BackupVaultList", VaultType="RESTORE_ACCESS_BACKUP_VAULT"),
        without=NEEDS_NOTHING | NAMES_NO_ROLE | MADE_AGAIN | BOUND,
    ),
    "restore_testing_plan": Example(
        thing=WEEKLY,
        parents=(VAULT,),
        updates={
            "schedule": put(schedule="cron(0 7 ? * 2 *)"),
            "time zone": put(schedule=bk.Schedule("cron(0 6 ? * 1 *)", "Europe/Berlin")),
            "vaults": put(vaults="*"),
            "exclude_vaults": put(exclude_vaults=VAULT),
            "algorithm": put(algorithm="RANDOM_WITHIN_WINDOW"),
            "point_types": put(point_types="SNAPSHOT"),
            "selection_window_days": put(selection_window_days=90),
            "start_window_hours": put(start_window_hours=48),
        },
        same={
            "order and defaults": put(
                vaults=tuple(reversed(WEEKLY.vaults)), selection_window_days=30, start_window_hours=24
            )
        },
        gone=drop_plan,
        parent_gone=lambda aws: aws.call("DeleteBackupVault", BackupVaultName="prod"),
        altered=lambda aws: aws.call(
            "UpdateRestoreTestingPlan", RestoreTestingPlanName="weekly", RestoreTestingPlan={"StartWindowHours": 7}
        ),
        drift=("start_window_hours", 7, 24),
        arns=arns_of(ListBackupVaults="BackupVaultArn", ListRestoreTestingPlans="RestoreTestingPlanArn"),
        count=listed("ListRestoreTestingPlans", "RestoreTestingPlans"),
        without=NAMES_NO_ROLE | IN_PLACE,
    ),
    "restore_testing_selection": Example(
        thing=WEEKLY.testing(TABLES),
        inside="restore_testing_plan.weekly/selection.tables",
        parents=(VAULT,),
        updates={
            "role": selected(role=f"{ROLE}2"),
            "resources": selected(resources="arn:aws:fsx:us-east-1:123456789012:file-system/fs-1", conditions=()),
            "conditions": selected(conditions=(bk.tag("Environment").equals("test"),)),
            "no conditions": selected(conditions=()),
            "overrides": selected(overrides={"subnetIds": ["subnet-2"]}),
            "no overrides": selected(overrides={}),
            "validation_window_hours": selected(validation_window_hours=8),
            "no validation": selected(validation_window_hours=None),
        },
        replaces={"resource_type": selected(resource_type="EFS")},
        same={
            "case, spaces and order": selected(
                overrides={"SUBNETIDS": '[ "subnet-1" ]'}, conditions=tuple(reversed(TABLES.conditions))
            )
        },
        new_role=as_it_is,
        gone=lambda aws: aws.call("DeleteRestoreTestingSelection", **NAMES),
        parent_gone=drop_plan,
        altered=lambda aws: aws.call(
            "UpdateRestoreTestingSelection", **NAMES, RestoreTestingSelection={"ValidationWindowHours": 7}
        ),
        drift=("validation_window_hours", 7, 4),
        count=count_selections,
        without=TAGS_OF_PARENT,
    ),
    "access_point": Example(
        thing=bk.AccessPoint("photos", point=POINTS[0]),
        service=lambda: again(with_points),
        replaces={"point": put(point=POINTS[1])},
        same={"a policy, which AWS Backup does not tell": put(policy=READERS)},
        new_role=put(policy=READERS),
        gone=drop_access_point,
        altered=tag_by_hand("ListBackupAccessPoints", "AccessPointArn"),
        drift=("tags.by", "hand", None),
        arns=arns_of(ListBackupAccessPoints="AccessPointArn"),
        # Its recovery point is in one Region.
        count=listed("ListBackupAccessPoints", "BackupAccessPoints"),
        without=NEEDS_NOTHING | MADE_AGAIN | BOUND | {"at": "AWS takes it for continuous points alone"},
    ),
}
