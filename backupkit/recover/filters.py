"""The words for what lists can be asked, and the API's filters that they stand for."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from backupkit.declare.fields import shown
from backupkit.errors import InvalidValueError
from backupkit.observe import JOB_STATES
from backupkit.problems import Problem
from backupkit.recover.arguments import check_arn, check_resource_type
from backupkit.transport.protocol import Value

__all__ = ["asked", "asked_states"]

_FILTERS = {
    "account_id": "ByAccountId",
    "arn": "ResourceArn",
    "completed_after": "ByCompleteAfter",
    "completed_before": "ByCompleteBefore",
    "created_after": "ByCreatedAfter",
    "created_before": "ByCreatedBefore",
    "destination_vault_arn": "ByDestinationVaultArn",
    "message_category": "ByMessageCategory",
    "parent": "ByParentJobId",
    "parent_point": "ByParentRecoveryPointArn",
    "plan_id": "ByBackupPlanId",
    "report_plan": "ByReportPlanName",
    "resource": "ByResourceArn",
    "resource_type": "ByResourceType",
    "recovery_point": "ByRecoveryPointArn",
    "restore_testing_plan_arn": "ByRestoreTestingPlanArn",
    "source_point": "BySourceRecoveryPointArn",
    "scan_result": "ByScanResultStatus",
    "scanner": "ByMalwareScanner",
    "vault": "ByBackupVaultName",
    "vault_account_id": "BackupVaultAccountId",
}
_ARNS = frozenset(
    {
        "arn",
        "destination_vault_arn",
        "parent_point",
        "recovery_point",
        "resource",
        "restore_testing_plan_arn",
        "source_point",
    }
)
_STATES = frozenset(state for states in JOB_STATES.values() for state in states)


def asked(**filters: str | datetime | None) -> dict[str, Value]:
    """The API's filter members for the words that were given.

    Raises:
        InvalidValueError: A moment has no time zone, an ARN is not one, or a resource type is misspelt.
    """
    for word, value in filters.items():
        if word in _ARNS and value is not None:
            check_arn(value, "resource" if word == "arn" else word)
        if word == "resource_type" and value is not None:
            check_resource_type(value, word)
        timed = word.startswith(("created_", "completed_")) and value is not None
        if timed and (not isinstance(value, datetime) or value.tzinfo is None):
            raise InvalidValueError(
                Problem(word, f"{shown(value)} is no moment with a time zone", "give an aware datetime")
            )
    return {_FILTERS[word]: value for word, value in filters.items() if value is not None}


def asked_states(kind: str, state: str | Iterable[str] | None) -> tuple[str, ...] | None:
    """The states that a list of jobs is asked for, in the order in which jobs go through them; None for all.

    A state that only another kind of job has matches nothing, so it is left out.

    Raises:
        InvalidValueError: A state that no kind of job has.
    """
    if state is None:
        return None
    given = [state] if isinstance(state, str) or not isinstance(state, Iterable) else state
    wanted = {str(each) for each in given}
    unknown = sorted(wanted - _STATES)
    if unknown:
        what = f"{', '.join(map(shown, unknown))} is not a state of any job"
        raise InvalidValueError(Problem("state", what, f"{kind} jobs have {', '.join(JOB_STATES[kind])}"))
    return tuple(each for each in JOB_STATES[kind] if each in wanted)
