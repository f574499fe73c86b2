"""Plans: made, changed, read, listed, deleted, with all their versions; templates, and plans as signed JSON.

Sources: the botocore model, the developer guide's pages on plans, and answers and refusals that others recorded.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from datetime import datetime
from typing import Any, NoReturn

import msgspec

from backupkit.emulator.engine import schedules
from backupkit.emulator.kernel import api_errors, shapes
from backupkit.emulator.kernel.operations import (
    made_with,
    operation,
    raise_api_error,
    raise_invalid_request,
    raise_invalid_value,
)
from backupkit.emulator.kernel.paging import listing
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import Document, Plan, PlanVersion, RegionScope
from backupkit.emulator.rules import plan_documents, tags
from backupkit.emulator.rules.plan_documents import TEMPLATES

__all__ = ["MOST_PLANS", "plan_called"]

_SOURCE = "botocore model; developer guide, backup plans; recorded answers"
MOST_PLANS = 300
"""Plans of an account in a Region (quota of the developer guide)."""
MOST_VERSIONS = 2_000
"""Versions of a plan (quota of the developer guide)."""


def plan_called(scope: RegionScope, plan_id: str) -> Plan:
    """The plan, unless it is deleted.

    Raises:
        ApiError: There is none.
    """
    plan = scope.plans.get(plan_id)
    if plan is None or plan.deleted is not None:
        _not_found()
    return plan


def _not_found() -> NoReturn:
    raise_api_error("ResourceNotFoundException", "Failed reading Backup plan with provided version")


@operation("CreateBackupPlan", source=_SOURCE)
def create(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    """Make a plan, or answer the one that this very request made before."""
    plan = _repeated(simulation, scope, params.get("CreatorRequestId"))
    if plan is None:
        plan = _made(simulation, scope, params)
    return _written(plan)


def _repeated(simulation: Simulation, scope: RegionScope, token: str | None) -> Plan | None:
    return made_with(_live(scope), token) if simulation.choices.same_token_returns_plan else None


def _made(simulation: Simulation, scope: RegionScope, params: Document) -> Plan:
    document, given = params["BackupPlan"], params.get("BackupPlanTags", {})
    plan_documents.check(simulation, scope, document)
    tags.check(given)
    if any(_same(plan.versions[-1], document) for plan in _live(scope)):
        raise_api_error("AlreadyExistsException", "Backup plan with the same plan document already exists")
    if sum(1 for _ in _live(scope)) >= MOST_PLANS:
        raise_api_error("LimitExceededException", f"The account has reached its limit of {MOST_PLANS} backup plans")
    plan_id = simulation.new_id()
    plan = Plan(
        id=plan_id,
        arn=scope.arn(f"backup-plan:{plan_id}"),
        versions=[_version(simulation, document, None)],
        creator_request_id=params.get("CreatorRequestId"),
        tags=given,
    )
    scope.plans[plan_id] = plan
    schedules.arm(simulation, scope, plan)
    simulation.bus.plan_changed(scope, plan, "CREATED")
    return plan


def _live(scope: RegionScope) -> Iterator[Plan]:
    return (plan for plan in scope.plans.values() if plan.deleted is None)


def _same(version: PlanVersion, document: Document) -> bool:
    if version.plan["BackupPlanName"] != document["BackupPlanName"]:
        return False
    return version.advanced_settings == document.get("AdvancedBackupSettings", []) and plan_documents.without_ids(
        version.plan
    ) == plan_documents.without_ids(document)


def _version(simulation: Simulation, document: Document, before: PlanVersion | None) -> PlanVersion:
    return PlanVersion(
        version_id=base64.b64encode(simulation.new_id().encode()).decode(),
        plan=plan_documents.echo(simulation, document, before.plan if before is not None else None),
        created=simulation.clock.now(),
        advanced_settings=document.get("AdvancedBackupSettings", []),
    )


def _written(plan: Plan) -> Document:
    newest = plan.versions[-1]
    return {
        "BackupPlanId": plan.id,
        "BackupPlanArn": plan.arn,
        "CreationDate": newest.created,
        "VersionId": newest.version_id,
        "AdvancedBackupSettings": newest.advanced_settings or None,
    }


@operation("UpdateBackupPlan", source=_SOURCE)
def update(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    """Replace a plan's document whole, with a new version."""
    plan, document = plan_called(scope, params["BackupPlanId"]), params["BackupPlan"]
    newest = plan.versions[-1]
    plan_documents.check(simulation, scope, document)
    if not simulation.choices.plan_renames and document["BackupPlanName"] != newest.plan["BackupPlanName"]:
        raise_invalid_value("Backup plan name cannot be changed")
    if not simulation.choices.identical_update_makes_version and _same(newest, document):
        raise_api_error("AlreadyExistsException", "Backup plan with the same plan document already exists")
    if len(plan.versions) >= MOST_VERSIONS:
        raise_api_error("LimitExceededException", f"The backup plan has reached its limit of {MOST_VERSIONS} versions")
    plan.versions.append(_version(simulation, document, newest))
    schedules.arm(simulation, scope, plan)
    simulation.bus.plan_changed(scope, plan, "MODIFIED")
    return {**_written(plan), "ScanSettings": document.get("ScanSettings")}


@operation("GetBackupPlan", source=_SOURCE)
def get(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    """A plan in one version, the newest unless told otherwise; of a deleted one, only a version that is named."""
    plan, version_id = scope.plans.get(params["BackupPlanId"]), params.get("VersionId")
    gone = plan is not None and plan.deleted is not None
    if plan is None or (gone and (version_id is None or not simulation.choices.deleted_plan_readable)):
        _not_found()
    version = _version_called(plan, version_id)
    preview = params.get("MaxScheduledRunsPreview", 0)
    return {
        "BackupPlan": version.plan,
        "BackupPlanId": plan.id,
        "BackupPlanArn": plan.arn,
        "VersionId": version.version_id,
        "CreatorRequestId": plan.creator_request_id,
        "CreationDate": version.created,
        "DeletionDate": plan.deleted,
        "LastExecutionDate": plan.last_run,
        "AdvancedBackupSettings": version.advanced_settings or None,
        "ScheduledRunsPreview": _runs(version.plan, simulation.clock.now(), preview) if preview else None,
    }


def _version_called(plan: Plan, version_id: str | None) -> PlanVersion:
    if version_id is None:
        return plan.versions[-1]
    found = next((version for version in plan.versions if version.version_id == version_id), None)
    if found is None:
        _not_found()
    return found


def _runs(document: Document, now: datetime, most: int) -> list[Document]:
    """The next runs of all rules together, the soonest first."""
    runs: list[Document] = []
    for rule in document["Rules"]:
        schedule, moment = plan_documents.schedule_of(rule), now
        for _ in range(most):
            following = schedule.next_after(moment)
            if following is None:
                break
            moment = following
            runs.append({"ExecutionTime": moment, "RuleId": rule["RuleId"], "RuleExecutionType": _execution(rule)})
    return sorted(runs, key=lambda run: run["ExecutionTime"])[:most]


def _execution(rule: Document) -> str:
    # Types without point-in-time recovery get snapshots from a continuous rule, too.
    return "CONTINUOUS_AND_SNAPSHOTS" if rule["EnableContinuousBackup"] else "SNAPSHOTS"


@operation("DeleteBackupPlan", source=_SOURCE)
def delete(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    """Delete a plan that has no selections; its points stay."""
    plan = plan_called(scope, params["BackupPlanId"])
    if plan.selections:
        raise_invalid_request("Related backup plan selections must be deleted prior to backup plan deletion")
    plan.deleted = simulation.clock.now()
    schedules.disarm(simulation, scope, plan)
    simulation.bus.plan_changed(scope, plan, "DELETED")
    return {
        "BackupPlanId": plan.id,
        "BackupPlanArn": plan.arn,
        "DeletionDate": plan.deleted,
        "VersionId": plan.versions[-1].version_id,
    }


@operation("ListBackupPlans", source=_SOURCE)
def list_plans(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    """The plans in their newest version, the oldest plan first; deleted ones only if asked for."""
    return listing(
        simulation,
        scope,
        "ListBackupPlans",
        params,
        scope.plans.values() if params.get("IncludeDeleted") else _live(scope),
        lambda plan: (plan.versions[0].created.timestamp(), plan.id),
        member="BackupPlansList",
        show=lambda plan: _listed(plan, plan.versions[-1]),
    )


@operation("ListBackupPlanVersions", source=_SOURCE)
def list_versions(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    """Every version of a plan, the oldest first."""
    plan = plan_called(scope, params["BackupPlanId"])
    return listing(
        simulation,
        scope,
        "ListBackupPlanVersions",
        params,
        enumerate(plan.versions),
        lambda numbered: (numbered[0],),
        member="BackupPlanVersionsList",
        show=lambda numbered: _listed(plan, numbered[1]),
    )


def _listed(plan: Plan, version: PlanVersion) -> Document:
    return {
        "BackupPlanArn": plan.arn,
        "BackupPlanId": plan.id,
        "CreationDate": version.created,
        "DeletionDate": plan.deleted,
        "VersionId": version.version_id,
        "BackupPlanName": version.plan["BackupPlanName"],
        "CreatorRequestId": plan.creator_request_id,
        "LastExecutionDate": plan.last_run,
        "AdvancedBackupSettings": version.advanced_settings or None,
    }


# ---- Templates: AWS's own, a plan as signed JSON, and the plan that such JSON holds ----


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
    template_id = params["BackupPlanTemplateId"]
    template = TEMPLATES.get(template_id)
    if template is None:
        raise_api_error("ResourceNotFoundException", f"Backup plan template {template_id} cannot be found.")
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
    except (msgspec.DecodeError, RecursionError):
        raise_invalid_value("Backup plan template is not valid JSON")
    if isinstance(plan, dict) and _SIGNATURE not in plan and simulation.choices.unsigned_plan_json_accepted:
        _check(simulation, scope, plan)
    elif not isinstance(plan, dict) or plan.pop(_SIGNATURE, None) != _signed(plan):
        raise_invalid_request("Backup plan template was modified after it was exported")
    return {"BackupPlan": plan}


def _check(simulation: Simulation, scope: RegionScope, plan: Document) -> None:
    """Refuse what CreateBackupPlan would refuse in its place."""
    faults = shapes.input_check("CreateBackupPlan")({"BackupPlan": plan})
    if faults:
        raise_invalid_value(api_errors.refusal_of(faults[0]))
    plan_documents.check(simulation, scope, plan)


def _signed(plan: Document) -> str:
    return hashlib.sha256(b"backupkit.emulator template " + msgspec.json.encode(plan, order="sorted")).hexdigest()
