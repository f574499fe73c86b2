"""What is looked at before a composite is restored: whether all that is nested in it comes back."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from backupkit import observe
from backupkit.catalog import type_named
from backupkit.errors import AccessDeniedError, NotFoundError, RejectedError
from backupkit.problems import counted
from backupkit.recover.caller import Caller
from backupkit.recover.point_facts import is_state
from backupkit.recover.preflight import PreflightCheck, Verdict

__all__ = ["nested_checks"]

_NAME = "nested"
_WAYS = {"EBS": 'bk.restore.EBSVolume("...")', "EFS": "bk.restore.EFSFileSystem()", "S3": 'bk.restore.S3Bucket("...")'}


def nested_checks(
    caller: Caller, point: observe.RecoveryPoint, metadata: Mapping[str, str]
) -> Iterator[PreflightCheck]:
    """Tell which of the points nested in a composite the metadata of its restore names (developer guide, EKS)."""
    kind = type_named(point.resource_type)
    if kind is None or not kind.restores_composites or not point.is_parent:
        return
    given = {key.casefold(): value for key, value in metadata.items()}
    if given.get("restorekubernetesmanifestsonly", "").casefold() == "true":
        return
    params = {
        "BackupVaultName": point.backup_vault_name,
        "ByParentRecoveryPointArn": point.recovery_point_arn,
        "BackupVaultAccountId": caller.vault_account_id,
    }
    try:
        found = [*caller.listed("ListRecoveryPointsByBackupVault", observe.RecoveryPoint, params)]
    except (AccessDeniedError, NotFoundError, RejectedError):
        yield PreflightCheck(_NAME, Verdict.UNKNOWN, "the points nested in it may not be listed")
        return
    volumes = {each.recovery_point_arn or "": each for each in found if not is_state(each)}
    named = _named(given.get("nestedrestorejobs", ""))
    strange = sorted(named - volumes.keys())
    if strange:
        hint = f"name some of {', '.join(sorted(volumes))}" if volumes else "leave it out, for nothing is"
        text = f"nested_restore_jobs names what is not nested in the point: {', '.join(strange)}"
        yield PreflightCheck(_NAME, Verdict.PROBLEM, text, hint)
    left = {arn: each for arn, each in volumes.items() if arn not in named}
    if not left:
        return
    # Who names some has chosen; and which namespace a volume is of, no answer tells.
    meant = bool(named) or given.get("namespacelevelrestore", "").casefold() == "true"
    verdict = Verdict.NOTE if meant else Verdict.PROBLEM
    jobs = ", ".join(f'"{arn}": {_WAYS.get(each.resource_type or "", "...")}' for arn, each in sorted(left.items()))
    yield PreflightCheck(
        _NAME,
        verdict,
        f"{counted(len(left), 'volume')} of the cluster would not come back",
        f"name them, nested_restore_jobs={{{jobs}}}, or say restore_kubernetes_manifests_only=True",
    )


def _named(text: str) -> set[str]:
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return set()
    return {str(arn) for arn in found} if isinstance(found, dict) else set()
