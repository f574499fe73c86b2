"""How a report is written: whom it covers, its columns, and its files as CSV and JSON."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from datetime import UTC, datetime

import msgspec

from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import Document, RegionScope, ReportJob
from backupkit.emulator.rules import organizations

__all__ = [
    "COLUMNS",
    "FORMATS",
    "TEMPLATES",
    "across_accounts",
    "columns",
    "covered_scopes",
    "goes_beyond",
    "header",
    "moment",
    "object_key",
    "stamp",
    "written",
]

# ---- Whom a report covers ----
# Sources: the botocore model of ReportSetting, and the developer guide's page on audit reports: every account may
# report on all its Regions, management and delegated administrator accounts on other accounts, too.


_EVERYONE = "ROOT"


def across_accounts(setting: Document) -> bool:
    """Whether the setting asks for other accounts."""
    return bool(setting.get("Accounts") or setting.get("OrganizationUnits"))


def goes_beyond(scope: RegionScope, setting: Document) -> bool:
    """Whether the setting asks for more than the plan's own account and Region."""
    return across_accounts(setting) or across_regions(scope, setting)


def across_regions(scope: RegionScope, setting: Document) -> bool:
    """Whether the setting asks for other Regions than the plan's own."""
    return set(setting.get("Regions") or [scope.region_name]) != {scope.region_name}


def covered_scopes(simulation: Simulation, scope: RegionScope, setting: Document) -> list[RegionScope]:
    """The places that the report is about, by account and Region; names of none are passed over."""
    regions: list[str] = setting.get("Regions") or [scope.region_name]
    found = [
        there
        for there in simulation.scopes.values()
        if ("*" in regions or there.region_name in regions) and _takes_in(simulation, scope, setting, there.account_id)
    ]
    return sorted(found, key=lambda there: (there.account_id, there.region_name))


def _takes_in(simulation: Simulation, scope: RegionScope, setting: Document, account_id: str) -> bool:
    if not across_accounts(setting):
        return account_id == scope.account_id
    # An account that lost its office reports on itself alone.
    if not organizations.related(simulation, account_id, scope.account_id):
        return False
    if account_id != scope.account_id and not organizations.administers(simulation, scope.account_id):
        return False
    accounts: list[str] = setting.get("Accounts") or []
    above = (organizations.path(simulation, account_id) or "").split("/")[1:]
    units = {*accounts, *(setting.get("OrganizationUnits") or [])}
    return account_id in accounts or _EVERYONE in units or not units.isdisjoint(above)


# ---- Columns ----
# Sources: the sample reports of the developer guide's page on report templates have every member here, in this order,
# but those marked ``+``. The headers of CSV follow the spelling of real reports that others read: "Report Time Period
# Start", "Report Time Period End", "Job Status", "Resource Type", "Resource ARN", "Recovery Point ARN" and "Backup
# Size in Bytes" are theirs, all others are spelled alike and unconfirmed. Members marked ``+`` are unconfirmed: the
# guide says that job reports have status messages, and completed jobs have a completion date, but its samples show
# neither (those of restores and scans are of running jobs). The guide's sample of a restore report has one member for
# the period, those of backups and copies have two.


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


# ---- Files ----
# CSV is that of RFC 4180: CRLF after each record, quotes only where they are needed, a quote in a value doubled. A
# value is written as it is, also one that a spreadsheet would take for a formula: a report that changed names would
# be wrong.


FORMATS = ("CSV", "JSON")
_WRITTEN_AS_NULL = "parentJobId"
"""The one member that is there also where it has no value, as in the guide's samples."""


def written(template: str, rows: Iterable[Document], kind: str, *, wide: bool = False) -> bytes:
    """A report.

    Args:
        template: The report template.
        rows: What it holds; a member without a value is left out.
        kind: ``CSV`` or ``JSON``.
        wide: Whether it is about more than one account in one Region.
    """
    members = columns(template, beyond=wide)
    return _csv(members, rows) if kind == "CSV" else _json(members, rows)


def _csv(members: tuple[str, ...], rows: Iterable[Document]) -> bytes:
    text = io.StringIO(newline="")
    table = csv.writer(text, lineterminator="\r\n")
    table.writerow([header(member) for member in members])
    table.writerows([_cell(row.get(member)) for member in members] for row in rows)
    return text.getvalue().encode()


def _cell(value: object) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None or value == {} else msgspec.json.encode(value).decode()


def _json(members: tuple[str, ...], rows: Iterable[Document]) -> bytes:
    items = [{member: row[member] for member in members if _has(row, member)} for row in rows]
    return msgspec.json.encode({"reportItems": items})


def _has(row: Document, member: str) -> bool:
    return row.get(member) is not None or (member in row and member == _WRITTEN_AS_NULL)


def moment(when: datetime | None) -> str | None:
    """A moment of a row: UTC, to the millisecond."""
    if when is None:
        return None
    # Rounded, as the API's answers are.
    rounded = datetime.fromtimestamp(round(when.timestamp(), 3), UTC)
    return rounded.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def stamp(when: datetime) -> str:
    """A moment of a period: UTC, to the second."""
    return f"{when.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def object_key(scope: RegionScope, job: ReportJob, kind: str, now: datetime, *, recorded: bool) -> str:
    """The key of a report.

    Args:
        scope: Where its plan is.
        job: The report job.
        kind: ``CSV`` or ``JSON``.
        now: When it is delivered; the day (UTC) is part of the key.
        recorded: As in the keys that others recorded, where the prefix stands in place of ``Backup`` and the account
            follows; otherwise as the model says, ``prefix/Backup/region/year/month/day/report-name``. The file's name
            is the recorded one in both. A report on more than one account or Region says so in place of their names,
            below the prefix and ``Backup`` (developer guide, creating report plans).
    """
    prefix = str(job.delivery.get("S3KeyPrefix", "")).strip("/")
    region = "crossregion" if across_regions(scope, job.setting) else scope.region_name
    if goes_beyond(scope, job.setting):
        account = "crossaccount" if across_accounts(job.setting) else scope.account_id
        head = [prefix, "Backup", account]
    else:
        head = [prefix or "Backup", scope.account_id] if recorded else [prefix, "Backup"]
    name = f"{job.setting['ReportTemplate']}_{job.plan_name}_{stamp(job.start)}_{stamp(job.end)}.{kind.lower()}"
    return "/".join([*filter(None, head), region, f"{now:%Y/%m/%d}", job.plan_name, name])
