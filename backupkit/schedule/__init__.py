"""When backups start: AWS's cron expressions in IANA time zones."""

from backupkit.schedule.value import Schedule

__all__ = ["Schedule"]
