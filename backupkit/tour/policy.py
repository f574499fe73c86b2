"""The policy of the tour. The tour prints the source of `shop_stack`, so it is kept short and narrow."""

from __future__ import annotations

import backupkit as bk

__all__ = ["ACCOUNT", "REGION", "ROLE", "VAULT", "refused", "shop_stack"]

ACCOUNT = "123456789012"
REGION = "us-east-1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/service-role/AWSBackupDefaultServiceRole"
VAULT = "shop-vault"


def shop_stack() -> bk.Stack:
    """What the shop wants of its backups."""
    lock = bk.GovernanceLock(min_days=7, max_days=400)
    vault = bk.Vault("shop-vault").tagged(Team="shop").locked(lock)

    mornings = bk.Schedule.daily(at="05:00", timezone="Europe/Berlin")
    daily = bk.Rule("daily", vault).scheduled(mornings).keep(days=14)

    sundays = bk.Schedule("cron(0 18 ? * SUN *)", "Europe/Berlin")
    weekly = bk.Rule("weekly", vault).scheduled(sundays)
    weekly = weekly.cold_after(days=7).keep(days=365)

    tagged = bk.Selection("tagged", role=ROLE).any_tag(Backup="daily")
    plan = bk.Plan("shop-plan", daily, weekly).protecting(tagged)
    return bk.Stack("shop", vault, plan)


def refused() -> bk.Rule:
    """A rule with a lifecycle that AWS refuses: cold after 30 days, deleted after 35."""
    return bk.Rule("daily", VAULT).cold_after(days=30).keep(days=35)
