"""Several stacks on one connection: each does its own things, once, whatever the others do meanwhile."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

import backupkit as bk

ROLE = "arn:aws:iam::123456789012:role/backups"


def stack(name: str) -> bk.Stack:
    vault = bk.Vault(f"vault-{name}").tagged(Team=name)
    plan = bk.Plan(f"plan-{name}", bk.Rule("daily", vault).keep(days=35))
    return bk.Stack(
        name,
        vault,
        plan.protecting(bk.Selection("all", ROLE).including("*")),
        bk.LegalHold(f"hold-{name}", "Case 17", vaults=vault),
        bk.ReportPlan(f"report_{name}", template="BACKUP_JOB_REPORT", bucket="backup-reports"),
    )


def in_aws(aws: bk.LocalConnection) -> list[str]:
    holds = aws.call("ListLegalHolds")["LegalHolds"]
    return sorted(
        [
            *(vault.backup_vault_name or "" for vault in aws.vaults),
            *(plan.backup_plan_name or "" for plan in aws.plans),
            *(hold["Title"] for hold in holds if hold["Status"] == "ACTIVE"),
            *(plan["ReportPlanName"] for plan in aws.call("ListReportPlans")["ReportPlans"]),
        ]
    )


@pytest.mark.slow
def test_threads_that_apply_different_stacks_make_each_thing_once():
    """Four threads preview, apply and preview again over one connection: all that was declared is there, once."""
    aws, names = bk.local(), ["a", "b", "c", "d"]

    def applied(name: str) -> tuple[int, int]:
        done = stack(name).preview(aws).apply().done
        return len(done), len(stack(name).preview(aws))

    with ThreadPoolExecutor(len(names)) as threads:
        assert list(threads.map(applied, names)) == [(5, 0)] * len(names)
    assert in_aws(aws) == sorted(f"{kind}{name}" for kind in ("vault-", "plan-", "hold-", "report_") for name in names)


@pytest.mark.slow
def test_one_stack_is_destroyed_while_another_is_applied():
    """Destroying a stack takes away what is its own, in order, and nothing of the one that is made meanwhile."""
    aws = bk.local()
    stack("old").preview(aws).apply()
    tasks = [
        lambda: stack("old").preview_destroy(aws).apply(allow_delete=True),
        lambda: stack("new").preview(aws).apply(),
    ]
    with ThreadPoolExecutor(2) as threads:
        gone, made = threads.map(lambda task: task(), tasks)
    assert gone.done[-1] == "vault.vault-old"
    assert len(made.done) == 5
    assert in_aws(aws) == sorted(f"{kind}new" for kind in ("vault-", "plan-", "hold-", "report_"))
    assert not stack("old").preview_destroy(aws)
