"""Frameworks: created, described, listed, updated and deleted, each change deployed some time later.

Their controls are checked as AWS checks them, and echoed as AWS gives them back.

Sources: the botocore model, the developer guide's pages on controls, frameworks and quotas, refusals that others
recorded, and sentences of AWS Config, which stands behind the controls. Where no sentence was recorded, ours say what
is wrong.
"""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta

import attrs

from backupkit.emulator.audit import evaluation
from backupkit.emulator.audit.control import Control
from backupkit.emulator.audit.controls import CONTROLS
from backupkit.emulator.audit.view import kinds_of
from backupkit.emulator.kernel.behavior import Choices
from backupkit.emulator.kernel.operations import (
    forget_thing,
    made_by,
    operation,
    raise_api_error,
    raise_invalid_value,
    remember,
)
from backupkit.emulator.kernel.paging import listing
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import Document, Framework, RegionScope
from backupkit.emulator.rules import tags

__all__ = ["MOST_CONTROLS", "MOST_FRAMEWORKS", "checked_controls", "same_controls"]

# ---- The document of a framework's controls ----


_LONGEST_NAME = 256
_KINDS = {"types": "resource types", "tag": "a tag", "single": "a single resource"}


def checked_controls(controls: list[Document], choices: Choices) -> list[Document]:
    """The controls as AWS gives them back: with a list of parameters, and a scope only where one was given.

    Raises:
        ApiError: There is none, one is not known, or a parameter or a scope is wrong.
    """
    if not controls:
        raise_invalid_value("A framework must contain at least one control.")
    names = Counter(control["ControlName"] for control in controls)
    repeated = next((name for name, times in names.items() if times > 1), None)
    if repeated is not None and not choices.framework_repeats_controls:
        raise_invalid_value(f"Control {repeated} is given more than once.")
    return [_checked(control, choices) for control in controls]


def _checked(document: Document, choices: Choices) -> Document:
    name = document["ControlName"]
    if not name:
        raise_invalid_value("A control name is required.")
    if len(name) > _LONGEST_NAME:
        raise_invalid_value(f"A control name must have at most {_LONGEST_NAME} characters.")
    parameters = document.get("ControlInputParameters") or []
    scope = document.get("ControlScope") or {}
    control = CONTROLS.get(name)
    if control is not None:
        _check_parameters(control, parameters)
        _check_scope(control, scope, choices)
    elif not choices.unknown_controls_accepted:
        raise_invalid_value(f"Control {name} is not supported.")
    found = {"ControlName": name, "ControlInputParameters": parameters}
    return {**found, "ControlScope": scope} if scope else found


def _check_parameters(control: Control, given: list[Document]) -> None:
    known = {one.name: one for one in control.parameters}
    values: dict[str, str] = {}
    for each in given:
        name, value = each.get("ParameterName"), each.get("ParameterValue")
        if name not in known:
            raise_invalid_value(f"Control {control.name} has no parameter {name}.")
        if value is None or name in values:
            raise_invalid_value(f"Parameter {name} of control {control.name} must have one value.")
        flaw = known[name].flaw(value)
        if flaw is not None:
            raise_invalid_value(f"Parameter {name} of control {control.name} {flaw}.")
        values[name] = value
    for one in control.parameters:
        if one.required and one.name not in values:
            raise_invalid_value(f"Parameter {one.name} of control {control.name} is required.")
    flaw = control.flaw(control.filled(given))
    if flaw is not None:
        raise_invalid_value(f"In control {control.name}, {flaw}.")


def _check_scope(control: Control, scope: Document, choices: Choices) -> None:
    _check_single(scope)
    if len(scope.get("Tags") or {}) > 1:
        raise_invalid_value("A maximum of one tag can be provided in scope.")
    kinds = kinds_of(scope)
    if len(kinds) > 1 and not choices.control_scopes_combine:
        # AWS Config's sentence.
        raise_invalid_value("Scope cannot be applied to both resource and tag")
    _check_kinds(control, kinds, scope.get("ComplianceResourceTypes") or [], choices)


def _check_single(scope: Document) -> None:
    types, ids = scope.get("ComplianceResourceTypes") or [], scope.get("ComplianceResourceIds") or []
    if len(ids) > 1:
        raise_invalid_value("Scope can contain only one resource ID")
    if ids and len(types) != 1:
        # AWS Config's sentence.
        raise_invalid_value("A single resourceType should be provided when resourceId is provided in scope")


def _check_kinds(control: Control, kinds: set[str], types: list[str], choices: Choices) -> None:
    for unknown in set(types) - set(control.types):
        if not choices.unknown_scope_types_accepted:
            raise_invalid_value(f"Control {control.name} does not evaluate resources of the type {unknown}.")
    # To name the one type that a control evaluates anyway narrows nothing.
    narrow = kinds - {"types"} if set(types) == set(control.types) else kinds
    for kind in narrow - control.scopes:
        raise_invalid_value(f"The scope of control {control.name} cannot be {_KINDS[kind]}.")


def same_controls(first: list[Document], second: list[Document], *, scopes: bool) -> bool:
    """Whether two frameworks hold the same controls with the same parameters, and ``scopes``, in any order."""
    return _essence(first, scopes=scopes) == _essence(second, scopes=scopes)


def _essence(controls: list[Document], *, scopes: bool) -> Counter[tuple[str, ...]]:
    return Counter(
        (
            control["ControlName"],
            *sorted(f"{each['ParameterName']}={each['ParameterValue']}" for each in control["ControlInputParameters"]),
            json.dumps(control.get("ControlScope"), sort_keys=True) if scopes else "",
        )
        for control in controls
    )


# ---- Operations ----


_SOURCE = "botocore model; developer guide, Audit Manager frameworks; recorded refusals"
MOST_FRAMEWORKS = 15
"""Frameworks of an account in a Region (quota of the developer guide)."""
MOST_CONTROLS = 50
"""Controls of all frameworks of an account in a Region; one in two frameworks counts twice."""

_CREATE, _UPDATE = "CreateFramework", "UpdateFramework"
_MOVING = frozenset({"CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS"})
_DEPLOYMENT = timedelta(seconds=60)  # AWS tells no time: docs/choices.md


@operation(
    _CREATE,
    source=_SOURCE,
    missing="AWS Config, without which AWS finds nothing; evaluates stopped instances, and FSx for ONTAP for copies",
)
def _create(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    made = made_by(scope, _CREATE, scope.frameworks, params.get("IdempotencyToken"))
    framework = made if made is not None else _made(simulation, scope, params)
    return {"FrameworkName": framework.name, "FrameworkArn": framework.arn}


def _made(simulation: Simulation, scope: RegionScope, params: Document) -> Framework:
    name: str = params["FrameworkName"]
    controls = checked_controls(params["FrameworkControls"], simulation.choices)
    tags.check(params.get("FrameworkTags", {}))
    if name in scope.frameworks:
        raise_api_error("AlreadyExistsException", f"Framework {name} from account {scope.account_id} already exists.")
    _check_new(simulation, scope, name, controls)
    if len(scope.frameworks) >= MOST_FRAMEWORKS:
        raise_api_error("LimitExceededException", f"The account has reached its limit of {MOST_FRAMEWORKS} frameworks")
    framework = Framework(
        name=name,
        arn=scope.arn(f"framework:{name}-{simulation.new_id()}"),
        description=params.get("FrameworkDescription", ""),
        controls=controls,
        created=simulation.clock.now(),
        tags=dict(params.get("FrameworkTags", {})),
    )
    scope.frameworks[name] = framework
    _remember(scope, _CREATE, framework, params.get("IdempotencyToken"))
    _deploy(simulation, scope, framework, "CREATE_IN_PROGRESS")
    return framework


def _check_new(simulation: Simulation, scope: RegionScope, name: str, controls: list[Document]) -> None:
    """Refuse controls that another framework holds, or that would be too many."""
    others = [other.controls for other in scope.frameworks.values() if other.name != name]
    scopes = simulation.choices.scopes_tell_frameworks_apart
    if any(same_controls(controls, other, scopes=scopes) for other in others):
        raise_api_error(
            "AlreadyExistsException",
            f"Controls in framework {name} from account {scope.account_id} already exist.",
        )
    if sum(map(len, others)) + len(controls) > MOST_CONTROLS:
        raise_api_error("LimitExceededException", f"The account has reached its limit of {MOST_CONTROLS} controls")


def _remember(scope: RegionScope, operation: str, framework: Framework, token: str | None) -> None:
    framework.token = token
    remember(scope, operation, token, framework.name)


def _deploy(simulation: Simulation, scope: RegionScope, framework: Framework, status: str) -> None:
    framework.status = status
    # No evaluation of the former controls is due any more, nor any of a framework that goes.
    framework.arming += 1
    simulation.agenda.schedule(simulation.clock.now() + _DEPLOYMENT, _FrameworkDeployed(scope, framework))


@attrs.frozen(eq=False)
class _FrameworkDeployed:
    scope: RegionScope
    framework: Framework

    def happen(self, simulation: Simulation) -> None:
        framework = self.framework
        if framework.status == "DELETE_IN_PROGRESS":
            _forget(self.scope, framework)
        elif simulation.choices.frameworks_deploy:
            framework.status = "COMPLETED"
            evaluation.watch(simulation, self.scope, framework)
        else:
            framework.status = "FAILED"


def _forget(scope: RegionScope, framework: Framework) -> None:
    del scope.frameworks[framework.name]
    forget_thing(scope, framework.name, _CREATE, _UPDATE)


@operation("DescribeFramework", source=_SOURCE, missing="FrameworkStatus comes from a choice, not from AWS Config")
def _describe(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    framework = _framework(scope, params)
    return {
        "FrameworkName": framework.name,
        "FrameworkArn": framework.arn,
        "FrameworkDescription": framework.description,
        "FrameworkControls": framework.controls,
        "CreationTime": framework.created,
        "DeploymentStatus": framework.status,
        "FrameworkStatus": simulation.choices.framework_status,
        "IdempotencyToken": framework.token,
    }


def _framework(scope: RegionScope, params: Document) -> Framework:
    found = scope.frameworks.get(params["FrameworkName"])
    if found is None:
        raise_api_error("ResourceNotFoundException", f"Framework {params['FrameworkName']} cannot be found.")
    return found


@operation("ListFrameworks", source=_SOURCE)
def _list(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    return listing(
        simulation,
        scope,
        "ListFrameworks",
        params,
        scope.frameworks.values(),
        lambda framework: (framework.name,),
        member="Frameworks",
        show=_listed,
    )


def _listed(framework: Framework) -> Document:
    return {
        "FrameworkName": framework.name,
        "FrameworkArn": framework.arn,
        "FrameworkDescription": framework.description,
        "NumberOfControls": len(framework.controls),
        "CreationTime": framework.created,
        "DeploymentStatus": framework.status,
    }


@operation(_UPDATE, source=_SOURCE)
def _update(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    framework = _framework(scope, params)
    if made_by(scope, _UPDATE, scope.frameworks, params.get("IdempotencyToken")) is not framework:
        _change(simulation, scope, framework, params)
    return {
        "FrameworkName": framework.name,
        "FrameworkArn": framework.arn,
        "CreationTime": framework.created,
    }


def _change(simulation: Simulation, scope: RegionScope, framework: Framework, params: Document) -> None:
    """Replace the description, the controls, or both; controls are replaced whole."""
    controls = framework.controls
    if "FrameworkControls" in params:
        controls = checked_controls(params["FrameworkControls"], simulation.choices)
    _check_settled(framework)
    if framework.status == "FAILED":
        raise_api_error("ConflictException", f"Framework {framework.name} is FAILED: delete it and create it again.")
    _check_new(simulation, scope, framework.name, controls)
    framework.description = params.get("FrameworkDescription", framework.description)
    framework.controls = controls
    _remember(scope, _UPDATE, framework, params.get("IdempotencyToken"))
    _deploy(simulation, scope, framework, "UPDATE_IN_PROGRESS")


def _check_settled(framework: Framework) -> None:
    if framework.status in _MOVING:
        raise_api_error(
            "ConflictException", f"Framework {framework.name} cannot be changed while it is {framework.status}."
        )


@operation("DeleteFramework", source=_SOURCE)
def _delete(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    framework = _framework(scope, params)
    _check_settled(framework)
    _deploy(simulation, scope, framework, "DELETE_IN_PROGRESS")
    return {}
