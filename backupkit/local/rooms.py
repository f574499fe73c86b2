"""Every room of operations; importing this enters them all into the table. A new family of operations is named here."""

import backupkit.local.drills.metadata
import backupkit.local.drills.plans
import backupkit.local.drills.results
import backupkit.local.drills.selections
import backupkit.local.holds.legal_holds
import backupkit.local.jobs.backups
import backupkit.local.jobs.copies
import backupkit.local.jobs.restores
import backupkit.local.jobs.summaries
import backupkit.local.plans.plans
import backupkit.local.plans.selections
import backupkit.local.plans.templates
import backupkit.local.points.points
import backupkit.local.points.resources
import backupkit.local.settings
import backupkit.local.tags
import backupkit.local.vaults.locks
import backupkit.local.vaults.notifications
import backupkit.local.vaults.policies
import backupkit.local.vaults.vaults
