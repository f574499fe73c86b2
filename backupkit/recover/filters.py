"""The words for what lists can be asked, and the API's filters that they stand for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TypeAlias

from backupkit.arn import Arn, spelled
from backupkit.declare.air_gapped import AirGappedVault
from backupkit.declare.vault import Vault
from backupkit.declare.vault_name import VaultOrName, vault_name
from backupkit.errors import InvalidValueError
from backupkit.observe import JOB_STATES
from backupkit.problems import Problem, quote
from backupkit.recover.arguments import check_arn, check_name, check_resource_type, problems_of, vault_problems
from backupkit.recover.job_kinds import JOB_KINDS
from backupkit.transport.protocol import Value

__all__ = ["FilterValue", "States", "params_of", "states_of"]

States: TypeAlias = "str | Iterable[str] | None"
"""One state, several, or any."""
FilterValue: TypeAlias = "str | datetime | Arn | VaultOrName | None"

_FILTERS = {
    "account_id": "ByAccountId",
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
        "destination_vault_arn",
        "parent_point",
        "recovery_point",
        "resource",
        "restore_testing_plan_arn",
        "source_point",
    }
)
_STATES = frozenset(state for states in JOB_STATES.values() for state in states)


def params_of(kind: str | None = None, state: States = None, /, **filters: FilterValue) -> dict[str, Value]:
    """Return the API's filter members for the words that were given.

    Args:
        kind: The kind of job that is listed; None: points.
        state: The states that are asked for, which `states_of` makes filters of.
        **filters: The words; None where one was not given.

    Raises:
        InvalidValueError: A moment has no time zone, an ARN is not one, a resource type is misspelt, or no job has such
            a state. Tells all of it.
    """
    given = {word: _plain(value) for word, value in filters.items() if value is not None}
    problems = [problem for word, value in given.items() for problem in _wrong(word, value)]
    # An iterator can be gone through once, which is when the states are asked for.
    if kind is not None and not isinstance(state, Iterator):
        problems += problems_of(lambda: states_of(kind, state))
    if problems:
        raise InvalidValueError(problems)
    names = _FILTERS if kind is None else {**_FILTERS, **JOB_KINDS[kind].own_words}
    return {names[word]: value for word, value in given.items()}


def _plain(value: str | datetime | Arn | VaultOrName) -> Value:
    return vault_name(value) if isinstance(value, (Vault, AirGappedVault)) else spelled(value)


def _wrong(word: str, value: object) -> Iterator[Problem]:
    if word in _ARNS:
        yield from problems_of(lambda: check_arn(value, word))  # type: ignore[arg-type] # it looks at the type itself
    elif word == "vault":
        yield from vault_problems(value, word)
    elif word == "report_plan":
        yield from problems_of(lambda: check_name(value, "plan", "a report plan"))
    elif word == "resource_type":
        yield from problems_of(lambda: check_resource_type(value, word))
    elif word.startswith(("created_", "completed_")) and (not isinstance(value, datetime) or value.tzinfo is None):
        yield Problem(word, f"{quote(value)} is not a moment with a time zone", "give an aware datetime")


def states_of(kind: str, state: States) -> tuple[str, ...] | None:
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
        what = f"{', '.join(map(quote, unknown))} is not a state of any job"
        raise InvalidValueError(Problem("state", what, f"{kind} jobs have {', '.join(JOB_STATES[kind])}"))
    return tuple(each for each in JOB_STATES[kind] if each in wanted)
