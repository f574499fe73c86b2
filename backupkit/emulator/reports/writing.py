"""Rows of a report as the bytes of a CSV or JSON file, and the key that it is delivered under.

CSV is that of RFC 4180: CRLF after each record, quotes only where they are needed, a quote in a value doubled. A value
is written as it is, also one that a spreadsheet would take for a formula: a report that changed names would be wrong.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import UTC, datetime

import msgspec

from backupkit.emulator.model import Document, RegionScope, ReportJob
from backupkit.emulator.reports.columns import columns, header
from backupkit.emulator.reports.report_scope import across_accounts, across_regions, beyond

__all__ = ["FORMATS", "key", "moment", "stamp", "written"]

FORMATS = ("CSV", "JSON")
_TOLD_AS_NULL = "parentJobId"
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
    return row.get(member) is not None or (member in row and member == _TOLD_AS_NULL)


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


def key(scope: RegionScope, job: ReportJob, kind: str, now: datetime, *, recorded: bool) -> str:
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
    if beyond(scope, job.setting):
        account = "crossaccount" if across_accounts(job.setting) else scope.account_id
        head = [prefix, "Backup", account]
    else:
        head = [prefix or "Backup", scope.account_id] if recorded else [prefix, "Backup"]
    name = f"{job.setting['ReportTemplate']}_{job.plan_name}_{stamp(job.start)}_{stamp(job.end)}.{kind.lower()}"
    return "/".join([*filter(None, head), region, f"{now:%Y/%m/%d}", job.plan_name, name])
