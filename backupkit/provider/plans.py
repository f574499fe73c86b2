"""What must change so that a plan and its selections are as declared. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import attrs

from backupkit.declare import GovernanceLock, Plan, Rule
from backupkit.errors import AmbiguousNameError
from backupkit.problems import Problem, errors_in
from backupkit.provider.answers import sendable
from backupkit.provider.change import Action, Call, Change, Difference, Made, Subject
from backupkit.provider.checks import retention_problem
from backupkit.provider.flatten import plan_form, tag_form
from backupkit.provider.forms import Form, differences
from backupkit.provider.observed import SeenPlan
from backupkit.provider.ownership import OWNER_TAG, Owner
from backupkit.provider.protection import shortened, taken_away
from backupkit.provider.selections import leftover_selections, selection_change, undeclared_selections
from backupkit.provider.tagging import tag_calls
from backupkit.wire.documents import document

__all__ = ["Landings", "landing_problems", "plan_change", "plan_changes", "plan_deletions", "the_plan"]


@attrs.frozen
class Landings:
    """Where points can land once the changes are made.

    Args:
        there: The vaults that there will be, by name and by ARN, each with the bounds of its lock.
        going: The names and ARNs of vaults that the changes delete.
    """

    there: Mapping[str, GovernanceLock | None]
    going: frozenset[str] = frozenset()


def the_plan(owner: Owner, name: str, seen: Sequence[SeenPlan]) -> SeenPlan | None:
    """The one plan that a declared name means, or None where there is none yet.

    Raises:
        AmbiguousNameError: Several plans that the stack owns, or that nobody owns, carry the name.
    """
    named = [plan for plan in seen if plan.name == name]
    own = [plan for plan in named if owner.owns(plan.tags)]
    free = [plan for plan in named if OWNER_TAG not in plan.tags]
    candidates = own or free
    if len(candidates) > 1:
        whose, way_out = (
            ("of this stack", f"take the tag {OWNER_TAG} off all but one")
            if own
            else (
                "that no stack owns",
                f"tag the one that is meant with {OWNER_TAG}={owner.stack}",
            )
        )
        raise AmbiguousNameError(
            Problem(
                f"plan.{name}",
                f"{len(candidates)} plans {whose} carry this name",
                f"{way_out}, or choose another name",
            ),
            tuple(sorted(plan.id for plan in candidates)),
        )
    # Of plans that belong to other stacks, any one says that the name is taken.
    return next(iter(candidates or named), None)


def plan_changes(
    owner: Owner, declared: Plan, seen: SeenPlan | None, landings: Landings, needs: tuple[str, ...]
) -> Iterator[Change]:
    """The changes of one declared plan: itself first, then its selections."""
    unlanded = tuple(problem.below(declared.address) for problem in errors_in(landing_problems(declared, landings)))
    itself = plan_change(owner, declared, seen, unlanded)
    yield attrs.evolve(itself, needs=needs)
    if seen is not None and owner.objections(itself.address, seen.tags):
        return
    plan_id: str | Made = seen.id if seen else Made(itself.address, "BackupPlanId")
    after = () if itself.action is Action.KEEP else (itself.address,)
    held = seen.selections if seen else ()
    for selection in declared.selections:
        change = selection_change(owner, declared.name, plan_id, selection, held)
        yield attrs.evolve(change, needs=after)
    for change in leftover_selections(declared.name, plan_id, undeclared_selections(owner, declared, held)):
        yield attrs.evolve(change, needs=after)


def plan_change(owner: Owner, declared: Plan, seen: SeenPlan | None, unlanded: tuple[Problem, ...] = ()) -> Change:
    """The change of the plan itself, without its selections.

    Args:
        owner: The stack.
        declared: The plan as it should be.
        seen: As it is, or None.
        unlanded: What is wrong about where its points land.
    """
    address = declared.address
    if seen is None:
        return _creation(owner, declared, unlanded)
    tags = owner.tags_for(declared)
    body, new_body = seen.form, plan_form(document(declared))
    found = (*differences(tag_form(seen.tags), tag_form(tags)), *differences(body, new_body))
    problems = (*owner.objections(address, seen.tags), *unlanded)
    subject = Subject("plan", declared.name, seen.id)
    if not found:
        return Change(
            address=address, action=Action.KEEP, reason="it is as declared", problems=problems, subject=subject
        )
    rewritten = bool(differences(body, new_body))
    going = taken_away(body, new_body)
    return Change(
        address=address,
        action=Action.UPDATE,
        reason="it differs from what is declared" if owner.owns(seen.tags) else "it is taken over by this stack",
        differences=found,
        calls=(*tag_calls(seen.arn, seen.tags, tags), *([_update(declared, seen)] if rewritten else [])),
        problems=problems,
        dropped_members=seen.unknown if rewritten else (),
        takes_away=going,
        destroys=bool(going),
        warnings=tuple(problem.below(address) for problem in shortened(body, new_body)),
        subject=subject,
    )


def _creation(owner: Owner, declared: Plan, problems: tuple[Problem, ...]) -> Change:
    tags = owner.tags_for(declared)
    call = Call(
        "CreateBackupPlan",
        {
            "BackupPlan": sendable(document(declared)),
            "BackupPlanTags": dict(tags),
            "CreatorRequestId": owner.token(declared.address),
        },
        answers=Made(declared.address, "BackupPlanId"),
    )
    return Change(
        address=declared.address,
        action=Action.CREATE,
        reason="it does not exist yet",
        differences=_whole(tags, plan_form(document(declared)), gone=False),
        calls=(call,),
        problems=problems,
        subject=Subject("plan", declared.name),
    )


def _whole(tags: Mapping[str, str], body: Form, *, gone: bool) -> tuple[Difference, ...]:
    """Everything of a plan that comes or goes, but for its name, which its address tells."""
    named = Form({path: leaf for path, leaf in body.leaves.items() if path != "name"}, body.items)
    return tuple(
        each for form in (tag_form(tags), named) for each in (differences(form, {}) if gone else differences({}, form))
    )


def _update(declared: Plan, seen: SeenPlan) -> Call:
    return Call("UpdateBackupPlan", {"BackupPlanId": seen.id, "BackupPlan": sendable(document(declared))})


def landing_problems(plan: Plan, landings: Landings) -> Iterator[Problem]:
    """Rules and copies that land where there is no vault, or where its lock refuses them.

    AWS takes such a plan, and then fails every job.
    """
    there = landings.there
    for rule in plan.rules:
        yield from _missing_vaults(rule, landings)
        yield from retention_problem(rule.address, rule.lifecycle, there.get(rule.vault), rule.vault)
        if rule.air_gapped_vault is not None:
            gapped = there.get(rule.air_gapped_vault)
            yield from retention_problem(rule.address, rule.lifecycle, gapped, rule.air_gapped_vault)
        for copy in rule.copies:
            address, lifecycle = f"{rule.address}/{copy.address}", copy.lifecycle
            yield from retention_problem(address, lifecycle, there.get(copy.vault), copy.vault, rule.lifecycle)


def _missing_vaults(rule: Rule, landings: Landings) -> Iterator[Problem]:
    targets = [(f"{rule.address}/vault", rule.vault)]
    targets += [(f"{rule.address}/{copy.address}/vault", copy.vault) for copy in rule.copies]
    for address, vault in targets:
        if vault in landings.going:
            yield Problem(
                address,
                f"the stack no longer declares the vault {vault!r}, so it would be deleted, and points land in it",
                "declare the vault again, or change the plan as well",
            )
    if rule.vault not in landings.there and rule.vault not in landings.going:
        yield Problem(
            f"{rule.address}/vault",
            f"there is no vault {rule.vault!r} here: AWS takes the plan and fails every job",
            "declare the vault in the stack, or create it first",
        )


def plan_deletions(seen: SeenPlan, *, alone: bool) -> Iterator[Change]:
    """The deletion of a plan that the stack owns and no longer declares, after that of its selections.

    Args:
        seen: The plan.
        alone: Whether no other plan that goes carries its name.
    """
    address = f"plan.{seen.name}" if alone else f"plan.{seen.name}({seen.id})"
    selections = [attrs.evolve(c, address=f"{address}/{c.address.partition('/')[2]}") for c in _emptied(seen)]
    yield from selections
    yield Change(
        address=address,
        action=Action.DELETE,
        reason="the stack owns it and no longer declares it",
        differences=_whole(seen.tags, seen.form, gone=True),
        calls=(Call("DeleteBackupPlan", {"BackupPlanId": seen.id}),),
        needs=tuple(change.address for change in selections),
        destroys=True,
        subject=Subject("plan", seen.name, seen.id),
    )


def _emptied(seen: SeenPlan) -> Iterator[Change]:
    return leftover_selections(seen.name, seen.id, seen.selections, "its plan is no longer declared")
