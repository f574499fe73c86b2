"""Every room of operations; importing this enters them all into the table. A new family of operations is named here."""

from __future__ import annotations

from backupkit.local import (
    backup_jobs,
    copies,
    drill_metadata,
    drill_results,
    drill_selections,
    drills,
    job_summaries,
    legal_holds,
    locks,
    notifications,
    plans,
    points,
    policies,
    resources,
    restores,
    selections,
    settings,
    tags,
    templates,
    vaults,
)

__all__ = ["ROOMS"]

ROOMS = (
    vaults,
    locks,
    policies,
    notifications,
    plans,
    templates,
    selections,
    backup_jobs,
    points,
    resources,
    copies,
    restores,
    drills,
    drill_selections,
    drill_metadata,
    drill_results,
    legal_holds,
    job_summaries,
    tags,
    settings,
)
