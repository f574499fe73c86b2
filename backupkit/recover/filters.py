"""The words for what lists can be asked, and the API's filters that they stand for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from backupkit.errors import InvalidValueError
from backupkit.observe import JOB_STATES
from backupkit.problems import Problem, shown
from backupkit.recover.arguments import check_arn, check_resource_type, problems_of
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


def asked(
    *, states: tuple[str, str | Iterable[str] | None] | None = None, **filters: str | datetime | None
) -> dict[str, Value]:
    """Return the API's filter members for the words that were given.

    Args:
        states: The kind of job and the states that are asked for, which `asked_states` makes filters of.
        **filters: The words; None where one was not given.

    Raises:
        InvalidValueError: A moment has no time zone, an ARN is not one, a resource type is misspelt, or no job has such
            a state. Tells all of it.
    """
    given = {word: value for word, value in filters.items() if value is not None}
    problems = [problem for word, value in given.items() for problem in _wrong(word, value)]
    # An iterator can be gone through once, which is when the states are asked for.
    if states is not None and not isinstance(states[1], Iterator):
        problems += problems_of(lambda: asked_states(*states))
    if problems:
        raise InvalidValueError(problems)
    return {_FILTERS[word]: value for word, value in given.items()}


def _wrong(word: str, value: object) -> Iterator[Problem]:
    if word in _ARNS:
        yield from problems_of(lambda: check_arn(value, "resource" if word == "arn" else word))
    elif word == "resource_type":
        yield from problems_of(lambda: check_resource_type(value, word))
    elif word.startswith(("created_", "completed_")) and (not isinstance(value, datetime) or value.tzinfo is None):
        yield Problem(word, f"{shown(value)} is not a moment with a time zone", "give an aware datetime")


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
