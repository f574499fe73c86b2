"""The one table of refusals that only say that a service has not caught up with itself yet, and of how long that takes.

Of AWS Backup, the retry layer repeats such calls, for as long as its policy says. Of the services beside it,
`backupkit.provider.lagging` does, for as long as the table says.

Sources: what terraform-provider-aws repeats, and for how long, of roles, selections, tables and permissions of
functions; the error shapes of botocore's models; AWS's sentences as users reported them.
"""

from __future__ import annotations

from collections.abc import Collection

import attrs

__all__ = ["Lag", "lag_of"]


@attrs.frozen(kw_only=True)
class Lag:
    """A refusal that passes by itself.

    Args:
        service: boto3's name of the service.
        operations: The API's names of operations of AWS Backup, methods of boto3's client for other services.
        code: The service's code; any where it is empty.
        text: What AWS's sentence holds.
        made_by: The method that has made, earlier in the same change, what is not found.
        seen_by: The method that finds what was not found. Where neither of the two has, it is really not there.
        seen_with: The members of the call that ``seen_by`` is sent, as far as the call has them.
        seconds: How long it is waited for.
    """

    service: str = "backup"
    operations: frozenset[str]
    code: str = ""
    text: str = ""
    made_by: str = ""
    seen_by: str = ""
    seen_with: tuple[str, ...] = ()
    seconds: float = 120.0

    @property
    def always_passes(self) -> bool:
        """Whether the refusal itself says that the thing is there."""
        return not (self.made_by or self.seen_by)


def lag_of(service: str, operation: str, code: str, sentence: str) -> Lag | None:
    """Return the row for a refused call; None where waiting does not help.

    Args:
        service: boto3's name of the service.
        operation: As in `Lag.operations`.
        code: The service's code.
        sentence: What it said.
    """
    return next(
        (
            lag
            for lag in _LAGS
            if lag.service == service
            and operation in lag.operations
            and lag.code in {"", code}
            and lag.text in sentence
        ),
        None,
    )


def _of(operations: str | Collection[str]) -> frozenset[str]:
    return frozenset({operations} if isinstance(operations, str) else operations)


_NAMING_ROLES = _of(
    {
        "CreateBackupPlan",
        "CreateBackupSelection",
        "CreateRestoreTestingSelection",
        "UpdateBackupPlan",
        "UpdateRestoreTestingSelection",
    }
)
_NAMING_PRINCIPALS = _of({"CreateBackupAccessPoint", "PutBackupVaultAccessPolicy"})

_LAGS = (
    Lag(operations=_NAMING_ROLES, text="cannot be assumed by AWS Backup"),
    Lag(operations=_NAMING_ROLES, text="is not authorized to call tag:GetResources"),
    Lag(operations=_of({"CreateBackupSelection", "GetBackupSelection"}), text="Cannot find Backup plan"),
    Lag(operations=_of("DeleteBackupPlan"), text="Related backup plan selections must be deleted"),
    Lag(operations=_of("DeleteRestoreTestingPlan"), text="Related restore testing selections must be deleted"),
    Lag(operations=_NAMING_PRINCIPALS, text="Provided principal is not valid"),
    Lag(
        service="iam",
        operations=_of({"attach_role_policy", "put_role_policy", "update_assume_role_policy"}),
        code="NoSuchEntity",
        # Of a policy that is not there, IAM says "Policy ... does not exist": that does not pass.
        text="role with name",
        made_by="create_role",
        seen_by="get_role",
        seen_with=("RoleName",),
    ),
    Lag(
        service="dynamodb",
        operations=_of("update_continuous_backups"),
        code="ContinuousBackupsUnavailableException",
        seconds=1_200.0,
    ),
    Lag(
        service="efs",
        operations=_of("put_backup_policy"),
        code="IncorrectFileSystemLifeCycleState",
        seconds=600.0,
    ),
    Lag(
        service="sns",
        operations=_of("set_topic_attributes"),
        code="NotFound",
        seen_by="get_topic_attributes",
        seen_with=("TopicArn",),
    ),
    Lag(
        service="events",
        operations=_of("put_targets"),
        code="ResourceNotFoundException",
        text="Rule ",
        made_by="put_rule",
    ),
    Lag(
        service="lambda",
        operations=_of("add_permission"),
        code="ResourceNotFoundException",
        seen_by="get_function_configuration",
        seen_with=("FunctionName", "Qualifier"),
        seconds=300.0,
    ),
    Lag(
        service="lambda",
        operations=_of({"add_permission", "remove_permission"}),
        code="ResourceConflictException",
        text="cannot be performed at this time",
        seconds=300.0,
    ),
    Lag(
        service="lambda",
        operations=_of("add_permission"),
        code="ResourceConflictException",
        # A statement that is there already, unless it was taken away a moment ago.
        text="already exists",
        made_by="remove_permission",
        seconds=300.0,
    ),
)
