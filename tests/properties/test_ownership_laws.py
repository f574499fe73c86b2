"""Laws of owning a part: taking over changes nothing but tags, whatever is there and whatever is declared of it."""

from __future__ import annotations

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import backupkit as bk
from backupkit import testing

few = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
REGION, ACCOUNT = "us-east-1", "123456789012"
VAULTS = testing.vaults(region_name=REGION, account_id=ACCOUNT)
PLANS = testing.plans(most_rules=2, region_name=REGION, account_id=ACCOUNT)
PARTS = ("lock", "policy", "notifications", "tags")


def by_hand(aws, *things):
    """What somebody else has made, without a stack's tags."""
    bk.Stack("hand", *things).preview(aws).apply(allow_irreversible=True)
    bk.Stack("hand").preview_release(aws, *(thing.address for thing in things)).apply()


def changed(changes):
    return {path.path for change in changes for path in change.differences}


@pytest.mark.slow
@few
@given(VAULTS, st.sets(st.sampled_from(PARTS)))
def test_taking_over_a_vault_changes_only_its_tags(vault: bk.Vault, mentioned: set[str]) -> None:
    """Whichever parts are declared as they are, and whichever are not mentioned, the rest stays, then and later."""
    blank = {"lock": None, "policy": None, "notifications": None, "tags": {}}
    bare = attrs.evolve(vault, **{part: value for part, value in blank.items() if part not in mentioned})
    with bk.local() as aws:
        by_hand(aws, vault)
        stack = bk.Stack("mine", bare)
        changes = stack.preview(aws, adopt=True)
        assert changed(changes) <= {"tags.backupkit:stack", "tags.backupkit:unmanaged"}
        changes.apply()
        assert not stack.preview(aws)
        bk.Stack("mine").preview_release(aws, vault.address).apply()
        assert not changed(bk.Stack("hand", vault).preview(aws, adopt=True)) - {"tags.backupkit:stack"}


@few
@given(VAULTS, st.sets(st.sampled_from(PARTS)))
def test_what_is_unmanaged_is_what_does_not_show(vault: bk.Vault, parts: set[str]) -> None:
    """Of a vault that is declared barely, exactly the parts that are not left alone are proposed to go."""
    held = {part for part in ("lock", "policy", "notifications") if getattr(vault, part) is not None}
    held |= {"tags"} if vault.tags else set()
    with bk.local() as aws:
        bk.Stack("s", vault).preview(aws).apply(allow_irreversible=True)
        bare = bk.Vault(vault.name, key=vault.key).unmanaged(*parts)
        shown = {change.address.partition("/")[2] or "tags" for change in bk.Stack("s", bare).preview(aws)}
    assert shown == held - parts


@pytest.mark.slow
@few
@given(VAULTS, PLANS)
def test_taking_over_a_plan_changes_only_its_tags(vault: bk.Vault, plan: bk.Plan) -> None:
    """Its rules have to be declared; settings, selections and tags that are not mentioned stay."""
    rules = [attrs.evolve(rule, vault=vault.name, copies=(), air_gapped_vault=None) for rule in plan.rules]
    unlocked = attrs.evolve(vault, lock=None, tags={}, policy=None, notifications=None)
    whole = attrs.evolve(plan, rules=rules)
    bare = bk.Plan(plan.name, *rules)
    with bk.local() as aws:
        by_hand(aws, unlocked, whole)
        stack = bk.Stack("mine", unlocked, bare)
        changes = stack.preview(aws, adopt=True)
        assert {call.operation for call in changes.calls} == {"TagResource"}
        changes.apply()
        assert not stack.preview(aws)
        bk.Stack("mine").preview_release(aws, unlocked.address, bare.address).apply()
        assert changed(bk.Stack("hand", unlocked, whole).preview(aws, adopt=True)) == {"tags.backupkit:stack"}
