"""AWS's own plan templates: what its console offers to start a plan from.

Sources: the names are the console's. The first two ids and the rule ``DailyBackups`` are from published answers of
ListBackupPlanTemplates and GetBackupPlanFromTemplate; the other two ids continue their row. Schedules and days are
those of the AWS CDK's plans of the same names.
"""

from __future__ import annotations

from collections.abc import Callable

import attrs

from backupkit.emulator.model import Document

__all__ = ["TEMPLATES", "Template"]

_VAULT = "Default"


@attrs.frozen
class Template:
    """One of AWS's templates."""

    id: str
    name: str
    rules: tuple[Callable[[], Document], ...]

    def plan(self, *, named: bool) -> Document:
        """The plan that the template is; with ``named`` under the template's name, into the vault ``Default``."""
        rules = [rule() for rule in self.rules]
        if not named:
            return {"Rules": rules}
        return {"BackupPlanName": self.name, "Rules": [{**rule, "TargetBackupVaultName": _VAULT} for rule in rules]}


def _rule(name: str, schedule: str, *, days: int, cold: int | None = None) -> Document:
    lifecycle = (
        {"DeleteAfterDays": days} if cold is None else {"MoveToColdStorageAfterDays": cold, "DeleteAfterDays": days}
    )
    return {
        "RuleName": name,
        "ScheduleExpression": f"cron({schedule})",
        "StartWindowMinutes": 480,
        "Lifecycle": lifecycle,
    }


def _daily() -> Document:
    return _rule("DailyBackups", "0 5 ? * * *", days=35)


def _weekly() -> Document:
    return _rule("WeeklyBackups", "0 5 ? * SAT *", days=90)


def _monthly_for_a_year() -> Document:
    return _rule("MonthlyBackups", "0 5 1 * ? *", days=365, cold=30)


def _monthly_for_five_years() -> Document:
    return _rule("MonthlyBackups", "0 5 1 * ? *", days=1825, cold=90)


def _monthly_for_seven_years() -> Document:
    return _rule("MonthlyBackups", "0 5 1 * ? *", days=2555, cold=90)


TEMPLATES = {
    each.id: each
    for each in (
        Template("87c0c1ef-254d-4180-8fef-2e76a2c38aaa", "Daily-35day-Retention", (_daily,)),
        Template("87c0c1ef-254d-4180-8fef-2e76a2c38aab", "Daily-Monthly-1yr-Retention", (_daily, _monthly_for_a_year)),
        Template(
            "87c0c1ef-254d-4180-8fef-2e76a2c38aac",
            "Daily-Weekly-Monthly-5yr-Retention",
            (_daily, _weekly, _monthly_for_five_years),
        ),
        Template(
            "87c0c1ef-254d-4180-8fef-2e76a2c38aad",
            "Daily-Weekly-Monthly-7yr-Retention",
            (_daily, _weekly, _monthly_for_seven_years),
        ),
    )
}
"""AWS's templates by id."""
