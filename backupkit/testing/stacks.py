"""Strategies for stacks whose vaults and plans fit each other."""

from __future__ import annotations

from typing import TypeVar

import attrs
from hypothesis import strategies as st

from backupkit.arn import vault_arn
from backupkit.declare.lifecycle import COLD_MINIMUM_DAYS, CopyAction, Lifecycle
from backupkit.declare.names import MAX_DAYS
from backupkit.declare.plan import Plan
from backupkit.declare.rule import Rule
from backupkit.declare.tags import Tags
from backupkit.declare.vault import Vault
from backupkit.provider import Stack
from backupkit.testing.arns import places
from backupkit.testing.building import built
from backupkit.testing.plans import plans
from backupkit.testing.vaults import vaults

__all__ = ["stacks"]

_CONTINUOUS_DAYS = 35
_INTERNAL = frozenset({"unmanaged_parts", "managed_parts"})
"""What a stack knows of a thing that it has read, and nobody writes."""
_Value = TypeVar("_Value", Plan, Rule)


def stacks(*, account_id: str = "123456789012", region_name: str = "us-east-1") -> st.SearchStrategy[Stack]:
    """Stacks that a fresh local service takes whole: ``stack.preview(aws).apply(allow_irreversible=True)``.

    Each rule and copy goes to a vault of the stack and fits its lock; a compliance lock asks for
    ``allow_irreversible``.

    Args:
        account_id: The account whose roles, keys and topics they name, 12 digits.
        region_name: Its Region.
    """
    return _stacks(places(account_id, region_name), account_id, region_name)


@st.composite
def _stacks(
    draw: st.DrawFn, place: st.SearchStrategy[tuple[str, str, str]], account_id: str, region_name: str
) -> Stack:
    partition, _, _ = draw(place)
    held = draw(
        st.lists(
            vaults(account_id=account_id, region_name=region_name),
            min_size=1,
            max_size=3,
            unique_by=lambda vault: vault.name,
        )
    )
    drawn = draw(
        st.lists(
            plans(most_rules=2, account_id=account_id, region_name=region_name),
            max_size=2,
            unique_by=lambda plan: plan.name,
        )
    )
    arns = {
        vault.name: str(vault_arn(vault.name, region=region_name, account=account_id, partition=partition))
        for vault in held
    }
    fitting = [_changed(draw, plan, rules=[draw(_fitted(rule, held, arns)) for rule in plan.rules]) for plan in drawn]
    return built(draw, Stack, "drawn", *held, *fitting)


def _changed(draw: st.DrawFn, value: _Value, **changes: object) -> _Value:
    """Return the value with other members, shown as it would be written."""
    members = {field.name: getattr(value, field.name) for field in attrs.fields(type(value))}
    # Tags are shown without their values, unless they are written as a dictionary.
    given = {
        name: dict(member) if isinstance(member, Tags) else member
        for name, member in members.items()
        if name not in _INTERNAL
    }
    return built(draw, type(value), **{**given, **changes})


@st.composite
def _fitted(draw: st.DrawFn, rule: Rule, held: list[Vault], arns: dict[str, str]) -> Rule:
    """The rule with a vault of the stack, and with days that the vault's lock allows."""
    able = [vault for vault in held if not rule.continuous or _bounds(vault)[0] <= _CONTINUOUS_DAYS]
    vault = draw(st.sampled_from(able or held))
    continuous = rule.continuous and bool(able)
    kept = draw(_lifecycles(vault, continuous=continuous))
    others = [one for one in held if one.name != vault.name]
    copies = draw(st.lists(st.sampled_from(others), max_size=2, unique_by=lambda one: one.name)) if others else []
    return _changed(
        draw,
        rule,
        vault=vault.name,
        continuous=continuous,
        lifecycle=kept,
        air_gapped_vault=None,
        copies=[CopyAction(arns[one.name], lifecycle=draw(_lifecycles(one, continuous=False))) for one in copies],
    )


def _bounds(vault: Vault) -> tuple[int, int | None]:
    lock = vault.lock
    return (lock.min_days or 1, lock.max_days) if lock is not None else (1, None)


@st.composite
def _lifecycles(draw: st.DrawFn, vault: Vault, *, continuous: bool) -> Lifecycle:
    """Lifecycles that the vault's lock allows; a continuous backup goes after 35 days at most, and never cold."""
    least, most = _bounds(vault)
    if continuous:
        return Lifecycle(delete_after_days=draw(st.integers(least, min(most or _CONTINUOUS_DAYS, _CONTINUOUS_DAYS))))
    days = draw(st.integers(least, most or MAX_DAYS))
    for_ever = most is None and draw(st.booleans())
    longest = MAX_DAYS if for_ever else days
    cold = draw(st.none() | st.integers(1, longest - COLD_MINIMUM_DAYS)) if longest > COLD_MINIMUM_DAYS else None
    return Lifecycle(delete_after_days=None if for_ever else days, move_to_cold_storage_after_days=cold)
