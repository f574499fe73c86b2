"""Frameworks: created, described, listed, updated and deleted, each change deployed some time later.

Sources: the botocore model, the developer guide's pages on frameworks and quotas, and refusals that others recorded.
"""

from __future__ import annotations

from datetime import timedelta

import attrs

from backupkit.emulator.audit import documents, evaluation
from backupkit.emulator.kernel.operations import forget_thing, made_by, operation, raise_api_error, remember
from backupkit.emulator.kernel.paging import listing
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import Document, Framework, RegionScope
from backupkit.emulator.rules import tags

__all__ = ["MOST_CONTROLS", "MOST_FRAMEWORKS"]

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
    controls = documents.checked(params["FrameworkControls"], simulation.choices)
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
    if any(documents.same(controls, other, scopes=scopes) for other in others):
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
        controls = documents.checked(params["FrameworkControls"], simulation.choices)
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
