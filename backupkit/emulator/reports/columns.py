"""What the reports of each template hold: the members of their JSON and the headers of their CSV, in order.

Sources: the sample reports of the developer guide's page on report templates have every member here, in this order,
but those marked ``+``. The headers of CSV follow the spelling of real reports that others read: "Report Time Period
Start", "Report Time Period End", "Job Status", "Resource Type", "Resource ARN", "Recovery Point ARN" and "Backup Size
in Bytes" are theirs, all others are spelled alike and unconfirmed. Members marked ``+`` are unconfirmed: the guide says
that job reports have status messages, and completed jobs have a completion date, but its samples show neither (those of
restores and scans are of running jobs). The guide's sample of a restore report has one member for the period, those of
backups and copies have two.
"""

from __future__ import annotations

import re

__all__ = ["COLUMNS", "TEMPLATES", "columns", "header"]

_PERIOD = "reportTimePeriodStart reportTimePeriodEnd accountId region"
_ORIGIN = (
    "initiationDate backupPlanName backupRuleName backupRuleSchedule backupRuleTimezone startWindowEnd backupOptions "
    "isParentJob parentJobId"
)
_KEEPING = "vaultType vaultLockStatus isEncrypted encryptionKeyArn deleteAfterDays moveToColdAfterDays enableArchive"
_FRAMEWORK = "accountId region frameworkName frameworkDescription controlName"

_MEMBERS = {
    # + statusMessage
    "BACKUP_JOB_REPORT": f"""
        {_PERIOD} backupJobId jobStatus statusMessage resourceType resourceArn resourceName backupPlanArn backupRuleId
        {_ORIGIN} creationDate completionDate recoveryPointArn jobRunTime backupSizeInBytes
        backupVaultName backupVaultArn {_KEEPING} iamRoleArn
    """,
    # + statusMessage
    "COPY_JOB_REPORT": f"""
        {_PERIOD} copyJobId jobStatus statusMessage jobRunTime resourceType resourceArn resourceName
        {_ORIGIN} creationDate completionDate backupSizeInBytes sourceRecoveryPointArn sourceBackupVaultArn
        destinationRecoveryPointArn destinationBackupVaultArn {_KEEPING} iamRoleArn
    """,
    # + statusMessage, completionDate
    "RESTORE_JOB_REPORT": f"""
        reportTimePeriod accountId region restoreJobId jobStatus statusMessage recoveryPointArn resourceName
        {_ORIGIN} {_KEEPING} sourceResourceArn backupVaultArn creationDate completionDate
        backupSizeInBytes percentDone iamRoleArn
    """,
    # + completionDate
    "SCAN_JOB_REPORT": f"""
        {_PERIOD} scanJobId scanId malwareScanner jobStatus scanResultStatus statusMessage resourceType resourceArn
        backupPlanArn creationDate completionDate recoveryPointArn backupVaultName backupVaultArn
        iamRoleArn scannerRoleArn
    """,
    "CONTROL_COMPLIANCE_REPORT": f"""
        {_FRAMEWORK} controlComplianceStatus lastEvaluationTime numResourcesCompliant numResourcesNonCompliant
        controlFrequency controlScope controlParameters
    """,
    "RESOURCE_COMPLIANCE_REPORT": f"""
        {_FRAMEWORK} resourceId resourceType resourceComplianceStatus lastEvaluationTime
    """,
}

COLUMNS: dict[str, tuple[str, ...]] = {template: tuple(text.split()) for template, text in _MEMBERS.items()}
"""The members of a row of each template, in order."""

TEMPLATES = tuple(COLUMNS)

_PATH, _EXPECTED = "pathToRoot", "expectedCompletionDate"


def columns(template: str, *, beyond: bool) -> tuple[str, ...]:
    """Return the members of a row; reports ``beyond`` one account in one Region have more.

    Where the account stands in its organization comes before the account, as in a table that others read such reports
    of backup jobs with; there, too, the expected completion follows the completion.
    """
    found = COLUMNS[template]
    if not beyond:
        return found
    scope = found.index("accountId")
    found = (*found[:scope], _PATH, *found[scope:])
    if template != "BACKUP_JOB_REPORT":
        return found
    scope = found.index("completionDate") + 1
    return (*found[:scope], _EXPECTED, *found[scope:])


_WORD = re.compile(r"[A-Z]?[a-z]+")
_SPELLED = {"Arn": "ARN", "Id": "ID", "Iam": "IAM", "In": "in", "Num": "Number of"}


def header(member: str) -> str:
    """The CSV header of a member, for example ``Resource ARN`` of ``resourceArn``."""
    if member == _PATH:
        return "Path to root"
    words: list[str] = [word.capitalize() for word in _WORD.findall(member)]
    return " ".join(_SPELLED.get(word, word) for word in words)
