"""Everything that the lists of a service tell, whole: each list operation, with each thing that it can be asked about."""

from __future__ import annotations

import json

from backupkit.emulator.kernel import shapes

LISTS = sorted(name for name in shapes.operation_names() if name.startswith("List"))
PAGED = {"MaxResults", "NextToken"}


def member_of(operation):
    """The member of its answer that a list operation fills."""
    shape = shapes.model().operation_model(operation).output_shape
    return next(name for name, member in shape.members.items() if member.type_name in {"list", "map"})


def needed(operation):
    """What a list operation must be given; none asks for more than one thing."""
    shape = shapes.model().operation_model(operation).input_shape
    required = shape.required_members if shape is not None else []
    assert len(required) < 2, operation
    return required[0] if required else None


def whole(service, operation, **params):
    """All items of a list, page by page."""
    found = []
    while True:
        page = json.loads(service.call(operation, params))
        items = page[member_of(operation)]
        found += items.items() if isinstance(items, dict) else items
        if "NextToken" not in page:
            return found
        params["NextToken"] = page["NextToken"]


def everything(service):
    """The items of every list, by operation and what it was asked about."""
    found = {(name, ""): whole(service, name) for name in LISTS if needed(name) is None}
    known = things(service, found)
    for name in LISTS:
        if needed(name) is not None:
            for thing in known[needed(name), name] if (needed(name), name) in known else known[needed(name)]:
                found[name, thing] = whole(service, name, **{needed(name): thing})
    return found


def things(service, found):
    """What the lists can be asked about, by the member that names it."""

    def values(operation, member):
        return [item[member] for item in found[operation, ""]]

    vaults = values("ListBackupVaults", "BackupVaultName")
    points = [
        point["RecoveryPointArn"]
        for vault in vaults
        for point in whole(service, "ListRecoveryPointsByBackupVault", BackupVaultName=vault)
    ]
    tagged = values("ListBackupVaults", "BackupVaultArn") + values("ListBackupPlans", "BackupPlanArn") + points
    return {
        "BackupPlanId": values("ListBackupPlans", "BackupPlanId"),
        "BackupVaultName": vaults,
        "LegalHoldId": values("ListLegalHolds", "LegalHoldId"),
        "RecoveryPointArn": points,
        "ResourceArn": values("ListProtectedResources", "ResourceArn"),
        "RestoreTestingPlanName": values("ListRestoreTestingPlans", "RestoreTestingPlanName"),
        # Points that another service keeps have their tags there.
        ("ResourceArn", "ListTags"): [arn for arn in tagged if ":backup:" in arn],
        ("BackupVaultName", "ListRestoreAccessBackupVaults"): [
            vault["BackupVaultName"]
            for vault in found["ListBackupVaults", ""]
            if vault["VaultType"] == "LOGICALLY_AIR_GAPPED_BACKUP_VAULT"
        ],
    }
