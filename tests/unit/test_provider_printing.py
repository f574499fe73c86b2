"""How changes read, word for word."""

from __future__ import annotations

import textwrap

import attrs

from backupkit.declare import GovernanceLock, Plan, Rule, Selection, Vault
from backupkit.local.service import LocalService
from backupkit.provider import Stack
from backupkit.schedule import Schedule
from backupkit.transport.seam import Transport

ROLE = "arn:aws:iam::123456789012:role/Backup"


@attrs.frozen
class Here:
    transport: Transport


def stack(days: int, tag: str) -> Stack:
    vault = Vault("main").locked(GovernanceLock(min_days=7))
    rules = (
        Rule("daily", vault).scheduled(Schedule.daily()).keep(days=days),
        Rule("weekly", vault, start_window_minutes=60).scheduled(Schedule.weekly("SUN", at="12:00")).keep(days=90),
    )
    selection = Selection("tagged", ROLE).any_tag(Backup=tag)
    return Stack("prod", vault, Plan("nightly", *(rules if days == 35 else rules[:1])).protecting(selection))


def test_a_new_stack_reads_from_top_to_bottom():
    """Each thing has its sign, its address, the reason, the calls, and its fields; sums come last."""
    text = str(Stack("prod", *stack(40, "yes").vaults).preview(Here(LocalService())))
    assert text == textwrap.dedent("""\
        stack prod in us-east-1

          + vault.main
              because it does not exist yet
              calls CreateBackupVault
              + tags.backupkit:stack  prod

          + vault.main/lock
              because it does not exist yet
              calls PutBackupVaultLockConfiguration
              + mode      governance
              + min_days  7

        2 to create.""")


def test_changes_show_both_values_and_replacements_both_sides():
    """An update shows old -> new, a rule that goes shows whole, and a set shows what leaves and what joins it."""
    service = Here(LocalService())
    stack(35, "yes").preview(service).apply()
    text = str(stack(40, "no").preview(service))
    assert text == textwrap.dedent("""\
        stack prod in us-east-1

          ~ plan.nightly  (takes protection away)
              because it differs from what is declared
              calls UpdateBackupPlan
              ! takes away rule.weekly
              ~ rule.daily
                ~ lifecycle/delete_after_days  35 -> 40
              - rule.weekly
                - schedule                     cron(0 12 ? * SUN *)
                - timezone                     Etc/UTC
                - vault                        main
                - start_window_minutes         60
                - completion_window_minutes    10080
                - lifecycle/delete_after_days  90

        -/+ plan.nightly/selection.tagged  (takes protection away)
              because AWS cannot change a selection: the new one is made before the old one goes
              calls CreateBackupSelection, DeleteBackupSelection (if the name is taken: \
CreateBackupSelection, DeleteBackupSelection, CreateBackupSelection, DeleteBackupSelection)
              ! takes away tags
              - tags  Backup = yes
              + tags  Backup = no

        1 to update, 1 to replace, 2 to keep.""")
