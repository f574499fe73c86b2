"""Strategies for what a stack declares in other services, and for the settings of an organization."""

from __future__ import annotations

import string

from hypothesis import strategies as st

from backupkit.catalog import TYPES
from backupkit.declare.alarm import METRICS, Alarm
from backupkit.declare.backup_role import BackupRole
from backupkit.declare.beside import DynamoDBContinuousBackups, EFSBackupPolicy, RestoreValidation, TopicPolicy
from backupkit.declare.restore_testing import TESTED_TYPES
from backupkit.declare.settings import GlobalSettings
from backupkit.testing.arns import arns, role_arns, topic_arns
from backupkit.testing.names import names, vault_names
from backupkit.testing.restore_testing import TESTING_NAMES

__all__ = [
    "alarms",
    "backup_roles",
    "dynamodb_continuous_backups",
    "efs_backup_policies",
    "global_settings",
    "restore_validations",
    "topic_policies",
]

_HEX = "0123456789abcdef"


def global_settings() -> st.SearchStrategy[GlobalSettings]:
    """Settings of an organization, at least one of them."""
    one = st.none() | st.booleans()
    # One that is never left out, so that there is something to set.
    return (
        st.builds(GlobalSettings, cross_account_backup=st.booleans(), mpa=one, delegated_administrator=one)
        | st.builds(GlobalSettings, mpa=st.booleans(), delegated_administrator=one)
        | st.builds(GlobalSettings, delegated_administrator=st.booleans())
    )


def topic_policies(*, account_id: str | None = None, region_name: str | None = None) -> st.SearchStrategy[TopicPolicy]:
    """Policies of topics to which AWS Backup, or CloudWatch as well, may publish."""
    services = st.sampled_from((("backup.amazonaws.com",), ("backup.amazonaws.com", "cloudwatch.amazonaws.com")))
    return st.builds(TopicPolicy, topic_arns(account_id=account_id, region_name=region_name), services=services)


def efs_backup_policies(
    *, account_id: str | None = None, region_name: str | None = None
) -> st.SearchStrategy[EFSBackupPolicy]:
    """Automatic backups of EFS file systems, on and off."""
    systems = st.text(_HEX, min_size=17, max_size=17).map("file-system/fs-{}".format)
    return st.builds(
        EFSBackupPolicy, arns("elasticfilesystem", systems, account_id, region_name), enabled=st.booleans()
    )


def dynamodb_continuous_backups(
    *, account_id: str | None = None, region_name: str | None = None
) -> st.SearchStrategy[DynamoDBContinuousBackups]:
    """Point-in-time recovery of DynamoDB tables: off, and on for 1 to 35 days."""
    tables = arns("dynamodb", TESTING_NAMES.map("table/table-{}".format), account_id, region_name)
    days = st.none() | st.integers(1, 35)
    enabled = st.builds(DynamoDBContinuousBackups, tables, recovery_period_days=days)
    return enabled | st.builds(DynamoDBContinuousBackups, tables, enabled=st.just(False))


def restore_validations(
    *, account_id: str | None = None, region_name: str | None = None
) -> st.SearchStrategy[RestoreValidation]:
    """Calls of a Lambda function with the test restores of a plan, of all types or of some."""
    functions = arns("lambda", vault_names().map("function:{}".format), account_id, region_name)
    return st.builds(
        RestoreValidation,
        names(),
        plan=TESTING_NAMES,
        function_arn=functions,
        resource_types=st.lists(st.sampled_from(TESTED_TYPES), max_size=3, unique=True),
    )


def backup_roles(*, account_id: str | None = None) -> st.SearchStrategy[BackupRole]:
    """Roles for AWS Backup with its managed policies, which back up, restore, or both; some with the least privilege.

    Args:
        account_id: Of the roles of instance profiles that they may pass, 12 digits; None: any.
    """
    roles = st.lists(role_arns(account_id=account_id), max_size=2, unique=True)
    types = st.lists(st.sampled_from(sorted(TYPES)), max_size=4, unique=True)
    paths = st.sampled_from(("/", "/service-role/"))

    def of(backups: bool, restores: bool) -> st.SearchStrategy[BackupRole]:
        return st.builds(
            BackupRole,
            names(),
            types=types,
            backups=st.just(backups),
            restores=st.just(restores),
            pass_roles=roles,
            path=paths,
        )

    one = st.tuples(st.sampled_from(sorted(TYPES)))
    least = st.builds(BackupRole, names(), types=one, least_privilege=st.just(True), pass_roles=roles, path=paths)
    return of(True, True) | of(True, False) | of(False, True) | least


def alarms(*, account_id: str | None = None, region_name: str | None = None) -> st.SearchStrategy[Alarm]:
    """Alarms on every count of AWS Backup, of one vault within a week, or of all vaults within three hours."""
    topics = st.lists(topic_arns(account_id=account_id, region_name=region_name), min_size=1, max_size=5, unique=True)
    return _alarms(topics, vault_names(), 168) | _alarms(topics, st.none(), 3)


def _alarms(
    topics: st.SearchStrategy[list[str]], vaults: st.SearchStrategy[str | None], most_hours: int
) -> st.SearchStrategy[Alarm]:
    return st.builds(
        Alarm,
        st.text(string.ascii_letters + string.digits + " -_", min_size=1, max_size=50).filter(str.strip),
        topics=topics,
        metric=st.sampled_from(METRICS),
        vault=vaults,
        comparison=st.sampled_from(("GreaterThanThreshold", "LessThanThreshold")),
        threshold=st.integers(0, 1_000),
        period_seconds=st.sampled_from((3_600, 300)),
        periods=st.integers(1, most_hours),
        missing=st.sampled_from(("notBreaching", "breaching", "ignore", "missing")),
    )
