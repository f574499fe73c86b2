"""Strategies for lifecycles and copies."""

from __future__ import annotations

from hypothesis import strategies as st

from backupkit.declare.lifecycle import COLD_MINIMUM_DAYS, FOREVER, CopyAction, Lifecycle
from backupkit.declare.names import MAX_DAYS
from backupkit.testing.arns import vault_arns

__all__ = ["copy_actions", "invalid_lifecycles", "lifecycles"]


@st.composite
def lifecycles(draw: st.DrawFn) -> Lifecycle:
    """Lifecycles: warm only, with cold storage (also exactly 90 days before deletion), and forever."""
    cold = draw(st.one_of(st.none(), st.just(FOREVER), st.integers(1, MAX_DAYS - COLD_MINIMUM_DAYS)))
    soonest = 1 if cold is None or cold == FOREVER else cold + COLD_MINIMUM_DAYS
    delete = draw(st.one_of(st.none(), st.just(FOREVER), st.just(soonest), st.integers(soonest, MAX_DAYS)))
    return Lifecycle(
        delete_after_days=delete,
        move_to_cold_storage_after_days=cold,
        opt_in_to_archive_for_supported_resources=draw(st.booleans()),
    )


@st.composite
def invalid_lifecycles(draw: st.DrawFn) -> dict[str, int]:
    """Keyword arguments that `Lifecycle` refuses: out of range, or deletion sooner than 90 days after the cold move."""
    if draw(st.booleans()):
        cold = draw(st.integers(1, MAX_DAYS - COLD_MINIMUM_DAYS))
        delete = draw(st.integers(1, cold + COLD_MINIMUM_DAYS - 1))
        return {"delete_after_days": delete, "move_to_cold_storage_after_days": cold}
    too_small = st.integers(max_value=0).filter(lambda days: days != FOREVER)
    if draw(st.booleans()):
        return {"move_to_cold_storage_after_days": draw(too_small)}
    return {"delete_after_days": draw(st.one_of(too_small, st.integers(min_value=MAX_DAYS + 1)))}


def copy_actions() -> st.SearchStrategy[CopyAction]:
    """Copies to vaults, with and without their own lifecycle."""
    return st.builds(CopyAction, vault_arns(), lifecycle=st.none() | lifecycles())
