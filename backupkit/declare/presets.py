"""Rules that belong together, by what they are for: what `Plan.gfs` and the other presets are made of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import attrs

from backupkit.checks import optional, whole
from backupkit.declare.lifecycle import COLD_MINIMUM_DAYS
from backupkit.declare.names import MAX_DAYS
from backupkit.declare.rule import Rule
from backupkit.declare.vault import Vault
from backupkit.errors import InvalidValueError
from backupkit.problems import Problem, counted, quote
from backupkit.schedule import Schedule

__all__ = ["CONTINUOUS_DAYS", "TIERS", "cdk_rules", "gfs_rules", "tier_rules"]

CONTINUOUS_DAYS = 35
"""The longest that points of continuous backup are kept (developer guide, point-in-time recovery)."""
_YEAR_DAYS = 365


@attrs.frozen
class _Tier:
    """One of the rules of a grandfather-father-son plan."""

    name: str
    days: int | None
    schedule: Schedule


def gfs_rules(
    vault: Vault | str,
    *,
    daily_days: int,
    weekly_days: int | None,
    monthly_days: int | None,
    yearly_days: int | None,
    at: str,
    timezone: str,
    cold_after_days: int | None,
) -> tuple[Rule, ...]:
    """Return a daily, a weekly, a monthly and a yearly rule, those that are kept for None days left out.

    Raises:
        InvalidValueError: Holds all that is wrong with the numbers.
    """
    daily = Schedule.daily(at, timezone=timezone)
    minute_and_hour = daily.expression[len("cron(") :].partition(" ?")[0]
    tiers = (
        _Tier("daily", daily_days, daily),
        _Tier("weekly", weekly_days, Schedule.weekly("SUN", at, timezone=timezone)),
        _Tier("monthly", monthly_days, Schedule.monthly(1, at, timezone=timezone)),
        _Tier("yearly", yearly_days, Schedule(f"cron({minute_and_hour} 1 JAN ? *)", timezone)),
    )
    found = [*_gfs_problems(tiers, cold_after_days)]
    if found:
        raise InvalidValueError(found)
    return tuple(
        _kept(Rule(tier.name, vault).scheduled(tier.schedule), tier.days, cold_after_days)
        for tier in tiers
        if tier.days is not None
    )


def _kept(rule: Rule, days: int, cold_after_days: int | None) -> Rule:
    kept = rule.keep(days=days)
    if cold_after_days is None or days < cold_after_days + COLD_MINIMUM_DAYS:
        return kept
    return kept.cold_after(days=cold_after_days)


def _gfs_problems(tiers: Sequence[_Tier], cold_after_days: int | None) -> Iterator[Problem]:
    days = whole(1, MAX_DAYS, "days")
    numbers = [
        *(problem.below(f"{tier.name}_days") for tier in tiers[:1] for problem in days(tier.days)),
        *(problem.below(f"{tier.name}_days") for tier in tiers[1:] for problem in optional(days)(tier.days)),
        *(problem.below("cold_after_days") for problem in optional(days)(cold_after_days)),
    ]
    yield from numbers
    if numbers:
        return
    kept = [(tier.name, tier.days) for tier in tiers if tier.days is not None]
    for (name, shorter), (rarer, longer) in pairwise(kept):
        if longer <= shorter:
            yield Problem(
                f"{rarer}_days",
                f"{counted(longer, 'day')} is not longer than the {counted(shorter, 'day')} of {name}: of rules that "
                f"start together AWS runs the one that keeps longest, so {rarer} would add nothing",
                f"give {counted(shorter + 1, 'day')} or more, or None for no {rarer} rule",
            )
    if cold_after_days is not None and all(longest < cold_after_days + COLD_MINIMUM_DAYS for _, longest in kept):
        yield Problem(
            "cold_after_days",
            f"no rule keeps its points for {cold_after_days:,} + {COLD_MINIMUM_DAYS} days, so none can go cold",
            f"keep one of them {counted(cold_after_days + COLD_MINIMUM_DAYS, 'day')} or longer, or leave it out",
        )


def cdk_rules(vault: Vault | str, *kinds: str) -> tuple[Rule, ...]:
    """Return the rules of those names as the constructs of AWS's CDK make them (`BackupPlanRule`)."""
    every_day, saturdays, first = "cron(0 5 * * ? *)", "cron(0 5 ? * SAT *)", "cron(0 5 1 * ? *)"
    made = {
        "Daily": (every_day, None, 35),
        "Weekly": (saturdays, None, 90),
        "Monthly1Year": (first, 30, _YEAR_DAYS),
        "Monthly5Year": (first, 90, 5 * _YEAR_DAYS),
        "Monthly7Year": (first, 90, 7 * _YEAR_DAYS),
    }
    return tuple(
        _kept(Rule(kind, vault).scheduled(expression), days, cold)
        for kind, (expression, cold, days) in made.items()
        if kind in kinds
    )


TIERS = {1: (35 + _YEAR_DAYS, 35), 2: (14, None), 3: (7, None)}
"""Days that each tier keeps its points, and after how many they go cold. Tier 4 is not backed up at all."""
_EXCLUDED = 4


def tier_rules(vault: Vault | str, tier: int, *, at: str, timezone: str) -> tuple[Rule, ...]:
    """Return the daily rule of a tier of retention.

    Raises:
        InvalidValueError: There is no such tier, or it is the one that is left out of backups.
    """
    if tier == _EXCLUDED:
        hint = 'declare no plan for it, and write .where(bk.tag("Tier").differs("4")) on selections of other plans'
        raise InvalidValueError(Problem("tier", "tier 4 is left out of backups", hint))
    if isinstance(tier, bool) or not isinstance(tier, int) or tier not in TIERS:
        raise InvalidValueError(Problem("tier", f"{quote(tier)} is not a tier of retention", "use 1, 2 or 3"))
    days, cold_after_days = TIERS[tier]
    return (_kept(Rule("daily", vault).scheduled(Schedule.daily(at, timezone=timezone)), days, cold_after_days),)
