"""What a report plan may ask for.

Sources: the botocore model, the developer guide's pages on report plans, and refusals that others recorded.
"""

from __future__ import annotations

import re
from typing import NoReturn

from backupkit.emulator.kernel.behavior import Choices
from backupkit.emulator.kernel.operations import raise_api_error
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import Document, RegionScope
from backupkit.emulator.reports import report_scope
from backupkit.emulator.reports.columns import TEMPLATES
from backupkit.emulator.reports.rows import COMPLIANCE
from backupkit.emulator.reports.writing import FORMATS
from backupkit.emulator.rules import organizations

__all__ = ["MOST_FRAMEWORKS", "check", "echoed"]

MOST_FRAMEWORKS = 1000
"""Frameworks of one report plan (quota of the developer guide)."""
_FRAMEWORK = re.compile(r"arn:aws[\w-]*:backup:[a-z0-9-]+:\d{12}:framework:.+")
_ACCOUNT = re.compile(r"\d{12}")


def check(simulation: Simulation, scope: RegionScope, delivery: Document, setting: Document) -> None:
    """Refuse a plan that asks for what no report can be.

    Raises:
        ApiError: Something in it is wrong.
    """
    if setting["ReportTemplate"] not in TEMPLATES:
        _refuse(f"Invalid ReportTemplate {setting['ReportTemplate']}: it must be one of {', '.join(TEMPLATES)}")
    _check_delivery(scope, delivery, setting)
    _check_reach(simulation, scope, setting)
    _check_frameworks(simulation.choices, setting)


def _check_delivery(scope: RegionScope, delivery: Document, setting: Document) -> None:
    if not delivery["S3BucketName"]:
        _refuse("Invalid S3BucketName: it must not be empty")
    formats: list[str] = delivery.get("Formats") or []
    for kind in formats:
        if kind not in FORMATS:
            _refuse(f"Invalid report format {kind}: it must be CSV or JSON")
    if len(set(formats)) < len(formats):
        _refuse("Invalid Formats: a format is named twice")
    if "JSON" in formats and report_scope.beyond(scope, setting):
        _refuse("Invalid Formats: a report across accounts or Regions is available in CSV only")


def _check_reach(simulation: Simulation, scope: RegionScope, setting: Document) -> None:
    if report_scope.across_accounts(setting) and not organizations.administers(simulation, scope.account_id):
        _refuse(
            "Only the management account or a delegated administrator account of an organization can report on "
            "other accounts"
        )
    for account in setting.get("Accounts") or []:
        if account != "ROOT" and not _ACCOUNT.fullmatch(account):
            _refuse(f"Invalid account {account}: it must have 12 digits, or be ROOT")


def _check_frameworks(choices: Choices, setting: Document) -> None:
    template, named = setting["ReportTemplate"], setting.get("FrameworkArns") or []
    if not named:
        return
    if template not in COMPLIANCE and not choices.job_reports_take_frameworks:
        _refuse(f"FrameworkArns cannot be given for {template}")
    if report_scope.across_accounts(setting):
        _refuse("FrameworkArns cannot be given for a compliance report across accounts")
    if len(named) > MOST_FRAMEWORKS:
        _refuse(f"A report plan can cover at most {MOST_FRAMEWORKS} frameworks")
    for arn in named:
        if not _FRAMEWORK.fullmatch(arn):
            _refuse(f"Invalid framework ARN {arn}")


def echoed(setting: Document) -> Document:
    """The setting as AWS answers it: with the number of frameworks that it names."""
    return {**setting, "NumberOfFrameworks": len(setting.get("FrameworkArns") or [])}


def _refuse(message: str) -> NoReturn:
    raise_api_error("InvalidParameterValueException", message)
