"""Where changes come from, and what a fresh look at one of them says."""

from __future__ import annotations

import attrs

from backupkit.declare import Plan, Vault
from backupkit.errors import NotFoundError, StaleChangesError
from backupkit.provider.change import Change, Made
from backupkit.provider.ownership import Owner
from backupkit.provider.plans import plan_change, plan_deletions, the_plan
from backupkit.provider.reading import read_plan, read_plans_named, read_selections, read_vault
from backupkit.provider.selections import leftover_selections, selection_address, selection_change
from backupkit.provider.vaults import vault_changes, vault_deletion
from backupkit.transport.protocol import Transport

__all__ = ["Source", "plan_made"]


@attrs.frozen(eq=False, repr=False)
class Source:
    """The declared things and the connection that a set of changes was computed from."""

    transport: Transport
    owner: Owner
    vaults: tuple[Vault, ...]
    plans: tuple[Plan, ...]

    def again(self, change: Change, plan_id: str) -> Change | None:
        """The same change, computed from what is there now; None where nothing is left to do.

        Args:
            change: As previewed.
            plan_id: The plan's id, where its plan was made since.

        Raises:
            StaleChangesError: What it was about is not there, or not the stack's, any more.
        """
        try:
            if change.subject.kind == "vault":
                return self._vault_again(change)
            return self._selection_again(change, plan_id) if change.subject.part else self._plan_again(change)
        except NotFoundError as error:
            raise StaleChangesError(f"{change.address}: what it is about is gone since the preview: {error}") from error

    def _vault_again(self, change: Change) -> Change | None:
        name = change.subject.name
        declared = next((vault for vault in self.vaults if vault.name == name), None)
        seen = read_vault(self.transport, name)
        owner = attrs.evolve(self.owner, now=self.transport.clock.now())
        if declared is None:
            if seen is None:
                return None
            self._must_own(change, self.owner.owns(seen.tags))
            return vault_deletion(owner, seen, ())
        fresh = vault_changes(owner, declared, seen)
        self._must_own(change, not fresh[0].problems)
        return next((each for each in fresh if each.address == change.address), None)

    def _plan_again(self, change: Change) -> Change | None:
        name, plan_id = change.subject.name, change.subject.id
        declared = next((plan for plan in self.plans if plan.name == name), None)
        if declared is not None:
            there = [read_plan(self.transport, plan_id)] if plan_id else read_plans_named(self.transport, name)
            seen = the_plan(self.owner, name, [each for each in there if each is not None])
            return plan_change(self.owner, declared, seen)
        seen = read_plan(self.transport, plan_id)
        if seen is None:
            return None
        self._must_own(change, self.owner.owns(seen.tags))
        return list(plan_deletions(seen, alone=True))[-1]

    def _selection_again(self, change: Change, plan_id: str) -> Change | None:
        plan, name = change.subject.name, change.subject.part
        address = selection_address(plan, name)
        held = read_selections(
            self.transport, plan_id, lambda each: each.name == name or self.owner.made(address, each.token)
        )
        declared = next((s for p in self.plans if p.name == plan for s in p.selections if s.name == name), None)
        if declared is not None:
            return selection_change(self.owner, plan, plan_id, declared, held)
        going = [selection for selection in held if selection.name == name]
        return next(leftover_selections(plan, plan_id, going), None)

    @staticmethod
    def _must_own(change: Change, owned: bool) -> None:
        if not owned:
            raise StaleChangesError(f"{change.address}: it is not the stack's any more; preview again")


def plan_made(change: Change) -> Made:
    """Where the id of a change's plan comes from, while the plan is not there yet."""
    return Made(f"plan.{change.subject.name}", "BackupPlanId")
