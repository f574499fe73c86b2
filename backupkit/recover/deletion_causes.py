"""Why a point is still there although it was to be deleted, in stable words, and the way out of each.

Sources: the developer guide's page on deleting backups and those it links to, and sentences that users report.
"""

from __future__ import annotations

import re

import attrs

from backupkit.errors import ServiceError

__all__ = ["CAUSES", "Cause", "cause_of", "explained"]


@attrs.frozen
class Cause:
    """One thing that keeps a point from being deleted.

    Args:
        word: A stable word to group by.
        pattern: What AWS's sentence holds then.
        hint: The way out.
    """

    word: str
    pattern: str
    hint: str = attrs.field(kw_only=True)


CAUSES = (
    Cause("legal_hold", r"legal hold", hint="point.legal_holds() tells which; they must be canceled first"),
    Cause("access_point", r"access point", hint="delete its backup access points first"),
    Cause(
        "in_use",
        r"InvalidSnapshot\.InUse|in use by \S*\s?\(?ami-|in use by an? (ami|image)|registered image",
        hint="an AMI uses the snapshot: deregister it, then delete the point again",
    ),
    Cause(
        "snapshot_lock",
        r"snapshot\b.*\block(ed)?\b",
        hint="EBS Snapshot Lock holds it: unlock it in EC2, or wait until the lock ends, then delete the point again",
    ),
    Cause(
        "vault_lock",
        r"vault lock|vault \S+ is locked|lock configuration",
        hint="its lifecycle deletes it in time; only a governance lock can be taken off before",
    ),
    Cause(
        "composite",
        r"nested|composite|without its parent",
        hint="delete the nested points first, or the composite as a whole: aws.recovery_points(...).preview_deletion()",
    ),
    Cause(
        "vault_policy",
        r"resource-based policy",
        hint="the vault's access policy forbids it: change that first",
    ),
    Cause(
        "role",
        r"cannot be assumed|iam role|service-linked role",
        hint="the role that made the point is gone or lacks rights: give it back, then delete the point again",
    ),
    Cause("access_denied", r"not authorized|insufficient privileges|access ?denied", hint="the caller lacks the right"),
    Cause("busy", r"in use by another action|is being|still running", hint="try again when the other action is over"),
)
"""Everything that is known to keep points, the first that fits counts."""


def cause_of(message: str | None) -> Cause | None:
    """Return the cause that AWS's sentence tells of, or None."""
    return next((cause for cause in CAUSES if re.search(cause.pattern, message or "", re.IGNORECASE)), None)


def explained(error: ServiceError) -> ServiceError:
    """Return the error with the way out, where one is known and the error does not have one already."""
    cause = cause_of(error.message)
    if cause is None or error.hint:
        return error
    return type(error)(
        error.operation,
        error.code,
        error.message,
        request_id=error.request_id,
        status=error.status,
        retryable=error.retryable,
        settling=error.settling,
        hint=f"({cause.hint})",
    )
