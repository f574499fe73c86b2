"""A resource type is one file of the catalog: what it needs stands there, and nowhere else."""

from __future__ import annotations

import re
from typing import ClassVar

import attrs
import pytest

import backupkit as bk
from backupkit.catalog import TYPES, ArnShape, MetadataKey, Request, ResourceType, RestoreForm
from backupkit.catalog.neighbour import Target
from backupkit.catalog.restore_testing import RestoreTesting, lowered
from backupkit.declare import actions

LEDGER = "arn:aws:ledger:us-east-1:123456789012:book/orders"
ROLE = "arn:aws:iam::123456789012:role/backup"


# All of the file that a new type would be.
RESTORE = (
    RestoreForm(
        name="a new book",
        source="made up",
        keys=(MetadataKey("bookName", required=True), MetadataKey("pages", values=("plain", "ruled"))),
    ),
)
TYPE = ResourceType(
    name="Ledger",
    shapes=(ArnShape("ledger", "book/"),),
    target=Target("bookName", "arn:{partition}:ledger:{region}:{account}:book/{value}"),
    points="arn:{partition}:ledger:{region}:{account}:snapshot/{hex8}-{name}-{stamp}",
    copies=True,
    opted_in=False,
    indexable=True,
    scannable=True,
    backup_options=("Margins",),
    audited=True,
    config_type="AWS::Ledger::Book",
    restore_testing=RestoreTesting(inferred={"bookName": "{name}", "pages": "plain"}, overridable=lowered("pages")),
    restore_forms=RESTORE,
)


@attrs.frozen
class LedgerBook(Request):
    """Restore a point to a new book."""

    KIND: ClassVar[ResourceType] = TYPE
    FORMS: ClassVar[tuple[RestoreForm, ...]] = RESTORE

    book_name: str
    pages: str | None = attrs.field(default=None, kw_only=True)


@pytest.fixture
def aws(monkeypatch):
    # The one line beside the file.
    monkeypatch.setitem(TYPES, TYPE.name, TYPE)
    with bk.local() as aws:
        aws.call("UpdateRegionSettings", ResourceTypeOptInPreference={"Ledger": True})
        aws.resources.add(LEDGER, tags={"Backup": "daily"})
        yield aws


def test_a_made_up_type_is_selected_backed_up_and_restored(aws):
    """A plan protects it by its tag, its points say what it is, and its own request makes a new one."""
    vault = bk.Vault("books")
    plan = bk.Plan("books", bk.Rule("daily", vault).scheduled(bk.Schedule.daily(at="05:00"))).protecting(
        bk.Selection("tagged", role=ROLE).any_tag(Backup="daily"),
        bk.Selection("named", role=ROLE, resources=(LEDGER,)),
    )
    bk.Stack("books", vault, plan).preview(aws).apply()
    aws.clock.advance(days=2)

    point = aws.recovery_points(resource=LEDGER).latest()
    assert re.fullmatch(
        r"arn:aws:ledger:us-east-1:123456789012:snapshot/[0-9a-f]{8}-orders-\d{14}", point.recovery_point_arn
    )
    assert {job.resource_type for job in aws.backup_jobs()} == {"Ledger"}
    restored = point.restore(LedgerBook("orders-again", pages="ruled"), role=ROLE).wait()
    assert restored.created_resource_arn == LEDGER.replace("orders", "orders-again")


def test_a_made_up_type_is_refused_what_its_table_does_not_have(aws):
    """The table of its keys checks its request and free metadata, as of any type."""
    with pytest.raises(bk.errors.InvalidValueError, match="pages"):
        LedgerBook("orders-again", pages="blank")
    aws.call("CreateBackupVault", BackupVaultName="books")
    point = aws.back_up(LEDGER, vault="books", role=ROLE).wait().recovery_point
    restored = point.restore(bk.restore.Raw("Ledger", {"bookName": "by-hand"}), role=ROLE).wait()
    assert restored.created_resource_arn.endswith("book/by-hand")


def test_a_made_up_type_has_the_settings_that_its_file_states(monkeypatch):
    """Opt-in, indexes, scans, options and restore testing come from the file alone."""
    monkeypatch.setitem(TYPES, TYPE.name, TYPE)
    with bk.local() as aws:
        assert "Ledger" in aws.call("GetSupportedResourceTypes")["ResourceTypes"]
        assert aws.call("DescribeRegionSettings")["ResourceTypeOptInPreference"]["Ledger"] is False
        aws.call("UpdateRegionSettings", ResourceTypeOptInPreference={"Ledger": True})
        aws.resources.add(LEDGER)
        aws.call("CreateBackupVault", BackupVaultName="books")
        point = aws.back_up(LEDGER, vault="books", role=ROLE).wait().recovery_point
        index = aws.call(
            "UpdateRecoveryPointIndexSettings",
            BackupVaultName="books",
            RecoveryPointArn=point.recovery_point_arn,
            Index="ENABLED",
        )
        assert index["IndexStatus"] == "PENDING"
        inferred = aws.call(
            "GetRestoreTestingInferredMetadata", BackupVaultName="books", RecoveryPointArn=point.recovery_point_arn
        )
        assert inferred["InferredMetadata"]["pages"] == "plain"
        scan = aws.call(
            "StartScanJob",
            BackupVaultName="books",
            IamRoleArn=ROLE,
            MalwareScanner="GUARDDUTY",
            RecoveryPointArn=point.recovery_point_arn,
            ScanMode="FULL_SCAN",
            ScannerRoleArn=ROLE,
        )
        assert scan["ScanJobId"]
        setting = {"ResourceType": "Ledger", "BackupOptions": {"Margins": "enabled"}}
        document = {"BackupPlanName": "books", "Rules": [], "AdvancedBackupSettings": [setting]}
        rule = {"RuleName": "daily", "TargetBackupVaultName": "books", "IndexActions": [{"ResourceTypes": ["Ledger"]}]}
        assert aws.call("CreateBackupPlan", BackupPlan={**document, "Rules": [rule]})["BackupPlanId"]


def test_what_declared_values_take_is_what_the_catalog_states():
    """Index actions, scan settings and backup options are checked below the catalog, by the same facts."""
    assert set(actions.INDEXED_TYPES) == {name for name, kind in TYPES.items() if kind.indexable}
    assert set(actions.SCANNED_TYPES) == {"ALL", *(name for name, kind in TYPES.items() if kind.scannable)}
    assert {name: kind.backup_options for name, kind in TYPES.items() if kind.backup_options} == actions.BACKUP_OPTIONS
