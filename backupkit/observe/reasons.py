"""Why a job ended as it did, in a few stable words that jobs can be grouped by.

AWS gives a category, whose list is not published and whose spelling varies, and a sentence, which names ARNs and so is
another one for each job. Sentences: developer guide (dashboards, EventBridge, quotas, point-in-time recovery, S3, EKS),
and reports of others.
"""

from __future__ import annotations

import re

__all__ = ["REASONS", "reason_of"]

_SENTENCES: tuple[tuple[str, str], ...] = (
    ("running_job", r"running job for the same resource"),
    ("stopped", r"was stopped by user"),
    ("role_not_assumable", r"cannot be assumed"),
    ("continuous_not_enabled", r"enabling continuous backup failed|pitr already configured"),
    ("retention_out_of_range", r"lifecycle is outside the valid range|retention specified .* not within the range"),
    ("cross_account_not_enabled", r"cross-account copy feature is not enabled"),
    ("not_same_organization", r"member of the same organization"),
    ("default_key", r"encrypted with the default"),
    ("key_not_usable", r"kms key .*(disabled|pending deletion|denied)|access to kms key"),
    ("too_many_jobs", r"too many .*jobs|concurrent .*(limit|quota)|exceeded .*concurrent"),
    ("too_many_tags", r"more than 50 user tags"),
    ("maintenance_window", r"maintenance window|automated backup window"),
    ("start_window_missed", r"unable to start within the specified start window"),
    ("vss", r"\bvss\b"),
    ("objects_failed", r"objects? failed to be (backed up|restored)|objects .*(skipped|could not be)"),
    ("nothing_restored", r"no objects that match the restore request"),
    ("metadata_invalid", r"invalid restore metadata|restore metadata"),
    ("vault_not_found", r"vault\b.* (does not exist|cannot be found|not found)"),
    ("not_supported", r"(is|are) not supported"),
    ("already_exists", r"already exists|already in use"),
    ("not_found", r"does not exist|cannot be found|could not be found|no longer exists|not found"),
    ("access_denied", r"access ?denied|not authorized|insufficient privileges|permission"),
    ("nested_failed", r"one or more (nested|resources)|child job"),
    ("expired", r"expired before completion|failed to complete in time"),
    ("quota_exceeded", r"limit ?exceeded|quota"),
)
_KNOWN = tuple((word, re.compile(pattern)) for word, pattern in _SENTENCES)

# Letters only, since AWS writes AccessDenied, INVALIDPARAMETERS and LOGICALLY_AIR_GAPPED_... side by side.
_CATEGORIES = {
    "accessdenied": "access_denied",
    "invalidparameters": "invalid_parameters",
    "logicallyairgappedbackupvaultnotsupported": "air_gapped_vault_not_supported",
    "limitexceeded": "quota_exceeded",
}
_SAYS_NOTHING = frozenset({"", "success", "miscellaneous", "any", "aggregateall"})

_BAD_STATES = {"ABORTED": "stopped", "CANCELED": "stopped", "EXPIRED": "expired", "PARTIAL": "nested_failed"}

_OTHER = "other"

REASONS: tuple[str, ...] = tuple(
    sorted({*(word for word, _ in _SENTENCES), *_CATEGORIES.values(), *_BAD_STATES.values(), _OTHER})
)
"""All the words that `reason_of` knows; a category that AWS adds later is its own word."""


def reason_of(state: str | None, category: str | None, message: str | None) -> str | None:
    """Return why a job is as it is, in one stable word; None where AWS says nothing is wrong with it.

    The sentence comes first, because it says more than the category; then the category, then the state.

    Args:
        state: The job's state.
        category: AWS's message category, where the kind of job has one.
        message: AWS's sentence.
    """
    letters = re.sub(r"[^a-z]", "", (category or "").casefold())
    if state == "COMPLETED" and letters == "success":
        return None
    text = (message or "").casefold()
    found = next((word for word, pattern in _KNOWN if pattern.search(text)), None)
    if found is not None:
        return found
    if letters not in _SAYS_NOTHING:
        return _CATEGORIES.get(letters) or re.sub(r"[^a-z0-9]+", "_", (category or "").casefold()).strip("_")
    if state in _BAD_STATES:
        return _BAD_STATES[state]
    # A job that goes on may tell of its progress; one that completed with a message has something to tell.
    ended = state in {"FAILED", "COMPLETED_WITH_ISSUES"} or (state == "COMPLETED" and bool(text))
    return _OTHER if ended else None
