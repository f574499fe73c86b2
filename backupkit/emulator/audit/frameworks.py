"""Frameworks: created, described, listed, updated and deleted, each change deployed some time later.

Sources: the botocore model, the developer guide's pages on frameworks and quotas, and refusals that others recorded.
"""

from __future__ import annotations

from datetime import timedelta

import attrs

from backupkit.emulator.audit import documents, evaluation
from backupkit.emulator.kernel.operations import answers, refuse
from backupkit.emulator.kernel.paging import listing
from backupkit.emulator.kernel.simulation import Cloud
from backupkit.emulator.model import Document, Framework, Place
from backupkit.emulator.rules import tags

__all__ = ["MOST_CONTROLS", "MOST_FRAMEWORKS"]

_SOURCE = "botocore model; developer guide, Audit Manager frameworks; recorded refusals"
MOST_FRAMEWORKS = 15
"""Frameworks of an account in a Region (quota of the developer guide)."""
MOST_CONTROLS = 50
"""Controls of all frameworks of an account in a Region; one in two frameworks counts twice."""

_CREATE, _UPDATE = "CreateFramework", "UpdateFramework"
_MOVING = frozenset({"CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS"})


@answers(
    _CREATE,
    source=_SOURCE,
    lacks="AWS Config, without which AWS finds nothing; stopped instances are evaluated, FSx for ONTAP for copies, too",
)
def _create(cloud: Cloud, place: Place, params: Document) -> Document:
    token: str | None = params.get("IdempotencyToken")
    known = place.tokens.get((_CREATE, token)) if token is not None else None
    framework = place.frameworks[known] if known is not None else _made(cloud, place, params)
    return {"FrameworkName": framework.name, "FrameworkArn": framework.arn}


def _made(cloud: Cloud, place: Place, params: Document) -> Framework:
    name: str = params["FrameworkName"]
    controls = documents.checked(params["FrameworkControls"], cloud.choices)
    tags.check(params.get("FrameworkTags", {}))
    if name in place.frameworks:
        refuse("AlreadyExistsException", f"Framework {name} from account {place.account_id} already exists.")
    _check_new(cloud, place, name, controls)
    if len(place.frameworks) >= MOST_FRAMEWORKS:
        refuse("LimitExceededException", f"The account has reached its limit of {MOST_FRAMEWORKS} frameworks")
    framework = Framework(
        name=name,
        arn=place.arn(f"framework:{name}-{cloud.new_id()}"),
        description=params.get("FrameworkDescription", ""),
        controls=controls,
        created=cloud.clock.now(),
        tags=dict(params.get("FrameworkTags", {})),
    )
    place.frameworks[name] = framework
    _remember(place, _CREATE, framework, params.get("IdempotencyToken"))
    _deploy(cloud, place, framework, "CREATE_IN_PROGRESS")
    return framework


def _check_new(cloud: Cloud, place: Place, name: str, controls: list[Document]) -> None:
    """Refuse controls that another framework holds, or that would be too many."""
    others = [other.controls for other in place.frameworks.values() if other.name != name]
    scopes = cloud.choices.scopes_tell_frameworks_apart
    if any(documents.same(controls, other, scopes=scopes) for other in others):
        refuse(
            "AlreadyExistsException",
            f"Controls in framework {name} from account {place.account_id} already exist.",
        )
    if sum(map(len, others)) + len(controls) > MOST_CONTROLS:
        refuse("LimitExceededException", f"The account has reached its limit of {MOST_CONTROLS} controls")


def _remember(place: Place, operation: str, framework: Framework, token: str | None) -> None:
    framework.token = token
    if token is not None:
        place.tokens[operation, token] = framework.name


def _deploy(cloud: Cloud, place: Place, framework: Framework, status: str) -> None:
    framework.status = status
    # No evaluation of the former controls is due any more, nor any of a framework that goes.
    framework.arming += 1
    takes = timedelta(seconds=cloud.choices.framework_deployment_seconds)
    cloud.agenda.note(cloud.clock.now() + takes, _Deployed(place, framework))


@attrs.frozen(eq=False)
class _Deployed:
    place: Place
    framework: Framework

    def happen(self, cloud: Cloud) -> None:
        framework = self.framework
        if framework.status == "DELETE_IN_PROGRESS":
            _forget(self.place, framework)
        elif cloud.choices.frameworks_deploy:
            framework.status = "COMPLETED"
            evaluation.watch(cloud, self.place, framework)
        else:
            framework.status = "FAILED"


def _forget(place: Place, framework: Framework) -> None:
    del place.frameworks[framework.name]
    for key in [key for key, name in place.tokens.items() if name == framework.name and key[0] in {_CREATE, _UPDATE}]:
        del place.tokens[key]


@answers("DescribeFramework", source=_SOURCE, lacks="FrameworkStatus comes from a choice, not from AWS Config")
def _describe(cloud: Cloud, place: Place, params: Document) -> Document:
    framework = _framework(place, params)
    return {
        "FrameworkName": framework.name,
        "FrameworkArn": framework.arn,
        "FrameworkDescription": framework.description,
        "FrameworkControls": framework.controls,
        "CreationTime": framework.created,
        "DeploymentStatus": framework.status,
        "FrameworkStatus": cloud.choices.framework_status,
        "IdempotencyToken": framework.token,
    }


def _framework(place: Place, params: Document) -> Framework:
    found = place.frameworks.get(params["FrameworkName"])
    if found is None:
        refuse("ResourceNotFoundException", f"Framework {params['FrameworkName']} cannot be found.")
    return found


@answers("ListFrameworks", source=_SOURCE)
def _list(cloud: Cloud, place: Place, params: Document) -> Document:
    return listing(
        cloud,
        place,
        "ListFrameworks",
        params,
        place.frameworks.values(),
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


@answers(_UPDATE, source=_SOURCE)
def _update(cloud: Cloud, place: Place, params: Document) -> Document:
    framework = _framework(place, params)
    token: str | None = params.get("IdempotencyToken")
    if token is None or place.tokens.get((_UPDATE, token)) != framework.name:
        _change(cloud, place, framework, params)
    return {
        "FrameworkName": framework.name,
        "FrameworkArn": framework.arn,
        "CreationTime": framework.created,
    }


def _change(cloud: Cloud, place: Place, framework: Framework, params: Document) -> None:
    """Replace the description, the controls, or both; controls are replaced whole."""
    controls = framework.controls
    if "FrameworkControls" in params:
        controls = documents.checked(params["FrameworkControls"], cloud.choices)
    _check_settled(framework)
    if framework.status == "FAILED":
        refuse("ConflictException", f"Framework {framework.name} is FAILED: delete it and create it again.")
    _check_new(cloud, place, framework.name, controls)
    framework.description = params.get("FrameworkDescription", framework.description)
    framework.controls = controls
    _remember(place, _UPDATE, framework, params.get("IdempotencyToken"))
    _deploy(cloud, place, framework, "UPDATE_IN_PROGRESS")


def _check_settled(framework: Framework) -> None:
    if framework.status in _MOVING:
        refuse("ConflictException", f"Framework {framework.name} cannot be changed while it is {framework.status}.")


@answers("DeleteFramework", source=_SOURCE)
def _delete(cloud: Cloud, place: Place, params: Document) -> Document:
    framework = _framework(place, params)
    _check_settled(framework)
    _deploy(cloud, place, framework, "DELETE_IN_PROGRESS")
    return {}
