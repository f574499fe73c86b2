"""Plan templates: AWS's own, a plan as signed JSON, and the plan that such JSON holds.

Source: the botocore model of the four operations.
"""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

from backupkit.emulator.api.plans import plan_called
from backupkit.emulator.kernel import api_errors, shapes
from backupkit.emulator.kernel.operations import operation, raise_api_error
from backupkit.emulator.kernel.paging import listing
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import Document, RegionScope
from backupkit.emulator.rules import plan_documents
from backupkit.emulator.rules.plan_documents import TEMPLATES

__all__: list[str] = []

_SIGNATURE = "Signature"
_STOCK = "botocore model; published answers; the console's names; AWS CDK's plans of those names"
_INFERRED = "two of the four ids and the names of weekly and monthly rules are inferred, not published"


@operation("ListBackupPlanTemplates", source=_STOCK, missing=_INFERRED)
def list_templates(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    """AWS's own templates, the shortest retention first."""
    return listing(
        simulation,
        scope,
        "ListBackupPlanTemplates",
        params,
        TEMPLATES.values(),
        lambda template: (template.id,),
        member="BackupPlanTemplatesList",
        show=lambda template: {"BackupPlanTemplateId": template.id, "BackupPlanTemplateName": template.name},
    )


@operation("GetBackupPlanFromTemplate", source=_STOCK, missing=_INFERRED)
def from_template(simulation: Simulation, scope: RegionScope, params: Document) -> Document:  # noqa: ARG001 - the shape of a handler
    """The plan that one of AWS's templates is, ready for CreateBackupPlan."""
    asked = params["BackupPlanTemplateId"]
    template = TEMPLATES.get(asked)
    if template is None:
        raise_api_error("ResourceNotFoundException", f"Backup plan template {asked} cannot be found.")
    return {"BackupPlanDocument": template.plan(named=simulation.choices.templates_name_plan_and_vault)}


@operation("ExportBackupPlanTemplate")
def export(simulation: Simulation, scope: RegionScope, params: Document) -> Document:  # noqa: ARG001 - the shape of a handler
    """A plan as JSON text, signed so that it cannot be changed."""
    newest = plan_called(scope, params["BackupPlanId"]).versions[-1]
    plan = plan_documents.without_ids(newest.plan)
    if newest.advanced_settings:
        plan["AdvancedBackupSettings"] = newest.advanced_settings
    text = msgspec.json.encode({**plan, _SIGNATURE: _signed(plan)}).decode()
    return {"BackupPlanTemplateJson": text}


@operation("GetBackupPlanFromJSON")
def read(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    """The plan in a template that was exported, unchanged; or, by choice, in a document written by hand."""
    try:
        plan: Any = msgspec.json.decode(params["BackupPlanTemplateJson"])
    except msgspec.DecodeError:
        raise_api_error("InvalidParameterValueException", "Backup plan template is not valid JSON")
    if isinstance(plan, dict) and _SIGNATURE not in plan and simulation.choices.unsigned_plan_json_accepted:
        _check(simulation, scope, plan)
    elif not isinstance(plan, dict) or plan.pop(_SIGNATURE, None) != _signed(plan):
        raise_api_error("InvalidRequestException", "Backup plan template was modified after it was exported")
    return {"BackupPlan": plan}


def _check(simulation: Simulation, scope: RegionScope, plan: Document) -> None:
    """Refuse what CreateBackupPlan would refuse in its place."""
    faults = shapes.input_check("CreateBackupPlan")({"BackupPlan": plan})
    if faults:
        raise_api_error("InvalidParameterValueException", api_errors.refusal_of(faults[0]))
    plan_documents.check(simulation, scope, plan)


def _signed(plan: Document) -> str:
    return hashlib.sha256(b"backupkit.emulator template " + msgspec.json.encode(plan, order="sorted")).hexdigest()
