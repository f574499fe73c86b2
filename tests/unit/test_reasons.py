"""Why jobs ended as they did, in words that can be counted."""

from __future__ import annotations

import pytest

import backupkit as bk
from backupkit.observe import REASONS, reason_of

TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/orders"
ROLE = "arn:aws:iam::123456789012:role/backup"
VAULT = "arn:aws:backup:us-east-1:123456789012:backup-vault:prod"


@pytest.mark.parametrize(
    ("reason", "state", "category", "message"),
    [
        (None, "COMPLETED", "SUCCESS", None),
        (None, "COMPLETED", "Success", "Everything was fine."),
        (None, "RUNNING", None, "Half of it is done."),
        (None, "CREATED", None, None),
        ("running_job", "FAILED", "MISCELLANEOUS", "Backup job failed because there was a running job for the same resource."),
        ("vault_not_found", "FAILED", None, f'"Backup job failed because backup vault {VAULT} does not exist."'),
        ("retention_out_of_range", "FAILED", None,
         "Backup job failed because the lifecycle is outside the valid range for backup vault."),
        ("retention_out_of_range", "FAILED", None,
         "Copy job failed. The retention specified in the job is not within the range specified for the target Backup Vault."),
        ("expired", "EXPIRED", None, "Backup job expired before completion."),
        ("expired", "EXPIRED", None, None),
        ("stopped", "ABORTED", None, "Backup job was stopped by user."),
        ("stopped", "CANCELED", None, None),
        ("continuous_not_enabled", "COMPLETED", "MISCELLANEOUS",
         "Enabling continuous backup failed. PITR already configured in backup plan: [arn]"),
        ("cross_account_not_enabled", "FAILED", None,
         "Copy job failed. Cross-account copy feature is not enabled for the current organization."),
        ("not_same_organization", "FAILED", None,
         "Copy job failed. Both source and destination account must be a member of the same organization."),
        ("default_key", "FAILED", None, ("Copy job failed because the destination Backup vault is encrypted with the default "
         "Backup service managed key.")),
        ("too_many_jobs", "FAILED", None, "There are too many copy jobs running for resource."),
        ("role_not_assumable", "FAILED", "AccessDenied", f"IAM Role {ROLE} cannot be assumed by AWS Backup"),
        ("access_denied", "FAILED", "AccessDenied", None),
        ("access_denied", "FAILED", None, "Access denied exception while trying to list tags"),
        ("key_not_usable", "FAILED", None,
         "KMS key is either disabled or pending deletion or access to KMS key is denied"),
        ("too_many_tags", "FAILED", None, "The resultant tag set must not have more than 50 user tags."),
        ("maintenance_window", "FAILED", None,
         "Could not start because it is either inside or too close to the weekly maintenance window configured"),
        ("start_window_missed", "FAILED", None, ("Restore job was unable to start within the specified start window. Try "
         "increasing your start window.")),
        ("nothing_restored", "COMPLETED", None, "There are no objects that match the restore request for the bucket."),
        ("objects_failed", "COMPLETED", "X", ("Some Kubernetes Objects failed to be backed up. To get notified of these "
         "failures, enable SNS event notifications.")),
        ("vss", "COMPLETED", None, "Windows VSS Backup Job Error encountered, trying for regular backup"),
        ("invalid_parameters", "FAILED", "INVALIDPARAMETERS", None),
        ("invalid_parameters", "FAILED", "InvalidParameters", None),
        ("air_gapped_vault_not_supported", "COMPLETED", "LOGICALLY_AIR_GAPPED_BACKUP_VAULT_NOT_SUPPORTED", None),
        ("nested_failed", "PARTIAL", None, None),
        ("other", "FAILED", None, "The moon was in the wrong place."),
        ("other", "FAILED", "MISCELLANEOUS", None),
        ("other", "COMPLETED_WITH_ISSUES", None, None),
        ("new_category", "FAILED", "NEW CATEGORY", None),
    ],
)  # fmt: skip
def test_a_sentence_of_awss_has_its_reason(reason, state, category, message):
    """The sentences name ARNs and so differ for each job, and the categories are spelled in several ways: neither can be
    grouped by."""
    assert reason_of(state, category, message) == reason
    assert reason in {None, "new_category", *REASONS}


def test_a_nights_failures_are_grouped_by_reason():
    """Ten failed jobs are two things to do."""
    with bk.local() as aws:
        aws.call("CreateBackupVault", BackupVaultName="prod")
        arns = [f"{TABLE}-{number}" for number in range(6)]
        for arn in arns:
            aws.resources.add(arn)
        aws.faults.deny(ROLE)
        jobs = [aws.back_up(arn, vault="prod", role=ROLE) for arn in arns]
        jobs += [aws.back_up(f"{TABLE}-gone-{number}", vault="prod") for number in range(4)]
        ended = bk.wait_all(jobs)
    assert {job.reason for job in ended.failed[:6]} == {"role_not_assumable"}
    assert {job.reason for job in ended.failed[6:]} == {"not_found"}
    assert ended.summary == "0 completed, 10 failed, 0 unfinished (6 role_not_assumable, 4 not_found)"
