"""Restore testing plans with their selections. AWS merges what an update names with what is there."""

from __future__ import annotations

from collections.abc import Mapping

from backupkit.declare.codec.documents import document
from backupkit.declare.restore_testing import RestoreTestingPlan, RestoreTestingSelection
from backupkit.declare.selection import CONDITION_PREFIX
from backupkit.documents import Value
from backupkit.provider.answers import Document, entries, inner, text
from backupkit.provider.flatten import flatten
from backupkit.provider.forms import Form
from backupkit.provider.kinds.kind import Kind
from backupkit.provider.kinds.observed import Observed, role_address, vault_addresses

__all__ = ["RESTORE_TESTING_PLAN", "RESTORE_TESTING_SELECTION"]

_POINTS = "RecoveryPointSelection"
_NAME = "RestoreTestingPlanName"


def _selection_form(found: Document, beside: Document | None) -> Form:
    """A selection, whose conditions are lists by operator, each empty where there are none."""
    form = flatten(RestoreTestingSelection, found, beside, frozenset({"name", "conditions"}))
    groups = inner(found, "ProtectedResourceConditions")
    conditions = sorted(
        f"{text(each, 'Key').removeprefix(CONDITION_PREFIX)} {operator} {text(each, 'Value')}"
        for operator in groups
        for each in entries(groups, operator)
    )
    return Form({**form.leaves, "conditions": tuple(conditions)} if conditions else form.leaves, form.items)


def _changed(plan: RestoreTestingPlan, _: Observed) -> dict[str, Value]:
    """All that can be changed: what is left out of an update stays, and whether also inside a structure is not told."""
    body = document(plan)
    held = body.get(_POINTS)
    points = {"ExcludeVaults": [], "SelectionWindowDays": 30, **(held if isinstance(held, Mapping) else {})}
    return {"StartWindowHours": 24, **{k: v for k, v in body.items() if k != _NAME}, _POINTS: points}


RESTORE_TESTING_SELECTION = Kind(
    cls=RestoreTestingSelection,
    list="ListRestoreTestingSelections",
    get="GetRestoreTestingSelection",
    body="RestoreTestingSelection",
    id="RestoreTestingSelectionName",
    create="CreateRestoreTestingSelection",
    update="UpdateRestoreTestingSelection",
    delete="DeleteRestoreTestingSelection",
    computed=frozenset({"CreationTime", "CreatorRequestId", _NAME}),
    field="selections",
    parent=_NAME,
    needs=lambda selection: (role_address(selection.role),),
    form=_selection_form,
)
RESTORE_TESTING_PLAN = Kind(
    cls=RestoreTestingPlan,
    list="ListRestoreTestingPlans",
    get="GetRestoreTestingPlan",
    body="RestoreTestingPlan",
    id=_NAME,
    arn="RestoreTestingPlanArn",
    create="CreateRestoreTestingPlan",
    update="UpdateRestoreTestingPlan",
    delete="DeleteRestoreTestingPlan",
    tags="Tags",
    computed=frozenset(
        {"CreationTime", "CreatorRequestId", "LastExecutionTime", "LastUpdateTime", "RestoreTestingPlanArn", _POINTS}
    ),
    children=(RESTORE_TESTING_SELECTION,),
    changed=_changed,
    needs=lambda plan: vault_addresses((*plan.vaults, *plan.exclude_vaults)),
)
