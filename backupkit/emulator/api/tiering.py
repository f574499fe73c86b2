"""Tiering configurations: made, read, changed, listed, deleted.

What a configuration moves, no operation of AWS Backup shows: a point of S3 is WARM before and after. So a point does
not know of them here, either.

Sources: the botocore model, the developer guide's page on backup tiering, and the service authorization reference,
which has the ARN.
"""

from __future__ import annotations

import re
from typing import NoReturn

from backupkit.emulator.kernel.operations import made_with, operation, raise_api_error, raise_invalid_value
from backupkit.emulator.kernel.paging import listing
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import Document, RegionScope, TieringConfiguration
from backupkit.emulator.rules import tags

__all__ = ["MOST_RESOURCES", "MOST_SELECTIONS"]

MOST_SELECTIONS = 5
"""Resource selections of a configuration (developer guide)."""
MOST_RESOURCES = 100
"""ARNs in all selections of a configuration together (developer guide)."""

_SOURCE = "botocore model; developer guide, backup tiering"
_LACKS = "nothing is moved: the API shows no tier of a point, only the bill does"
_ALL = "*"
_BUCKET = re.compile(r"arn:aws[a-z-]*:s3:::[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")


@operation("CreateTieringConfiguration", source=_SOURCE, missing=_LACKS)
def create(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    """Make a configuration, or answer the one that this very request made before."""
    found = made_with(scope.tierings.values(), params.get("CreatorRequestId")) or _made(simulation, scope, params)
    return {
        "TieringConfigurationArn": found.arn,
        "TieringConfigurationName": found.name,
        "CreationTime": found.created,
    }


def _made(simulation: Simulation, scope: RegionScope, params: Document) -> TieringConfiguration:
    document, given = params["TieringConfiguration"], params.get("TieringConfigurationTags", {})
    name = document["TieringConfigurationName"]
    _check(simulation, scope, document)
    tags.check(given)
    if name in scope.tierings:
        raise_api_error("AlreadyExistsException", f"Tiering configuration {name} already exists")
    _check_vault_free(scope, document["BackupVaultName"], None)
    found = TieringConfiguration(
        name=name,
        arn=scope.arn(f"tiering-configuration:{name}-{simulation.new_id()}"),
        vault_name=document["BackupVaultName"],
        selections=document["ResourceSelection"],
        created=simulation.clock.now(),
        creator_request_id=params.get("CreatorRequestId"),
        tags=dict(given),
    )
    scope.tierings[name] = found
    return found


def _check(simulation: Simulation, scope: RegionScope, document: Document) -> None:
    vault_name, selections = document["BackupVaultName"], document["ResourceSelection"]
    if not selections:
        raise_invalid_value("ResourceSelection must not be empty")
    if len(selections) > MOST_SELECTIONS:
        _refuse_more(f"{MOST_SELECTIONS} resource selections")
    for selection in selections:
        _check_selection(selection)
    arns = [arn for selection in selections for arn in selection["Resources"]]
    if sum(arn != _ALL for arn in arns) > MOST_RESOURCES:
        _refuse_more(f"{MOST_RESOURCES} specific resources")
    if simulation.choices.tiering_resources_unique and len(set(arns)) < len(arns):
        raise_invalid_value("A resource must not be in two resource selections of a tiering configuration")
    if simulation.choices.tiering_vault_must_exist and vault_name != _ALL and vault_name not in scope.vaults:
        raise_invalid_value(f"Backup vault {vault_name} cannot be found")


def _check_selection(selection: Document) -> None:
    resources = selection["Resources"]
    if selection["ResourceType"] != "S3":
        raise_invalid_value(
            f"Invalid ResourceType {selection['ResourceType']}: tiering configurations are limited to S3"
        )
    if not resources:
        raise_invalid_value("Resources must not be empty")
    if _ALL in resources and len(resources) > 1:
        raise_invalid_value("Resources must be either the wildcard * alone or ARNs of resources")
    for arn in resources:
        if arn != _ALL and not _BUCKET.fullmatch(arn):
            raise_invalid_value(f"Invalid resource ARN {arn}: it must be the ARN of an S3 bucket")


def _check_vault_free(scope: RegionScope, vault_name: str, this: TieringConfiguration | None) -> None:
    """Refuse a second configuration for a vault, and a second one for all of them."""
    for there in scope.tierings.values():
        if there is not this and there.vault_name == vault_name:
            what = "all backup vaults" if vault_name == _ALL else f"backup vault {vault_name}"
            raise_api_error("AlreadyExistsException", f"Tiering configuration {there.name} is there for {what} already")


def _refuse_more(what: str) -> NoReturn:
    raise_api_error("LimitExceededException", f"A tiering configuration can have at most {what}")


@operation("GetTieringConfiguration", source=_SOURCE)
def get(simulation: Simulation, scope: RegionScope, params: Document) -> Document:  # noqa: ARG001 - the shape of a handler
    """A configuration whole."""
    found = _called(scope, params)
    view = {**_view(found), "ResourceSelection": found.selections, "CreatorRequestId": found.creator_request_id}
    return {"TieringConfiguration": view}


def _called(scope: RegionScope, params: Document) -> TieringConfiguration:
    name = params["TieringConfigurationName"]
    if name not in scope.tierings:
        raise_api_error("ResourceNotFoundException", f"Tiering configuration {name} cannot be found")
    return scope.tierings[name]


def _view(found: TieringConfiguration) -> Document:
    return {
        "TieringConfigurationName": found.name,
        "TieringConfigurationArn": found.arn,
        "BackupVaultName": found.vault_name,
        "CreationTime": found.created,
        "LastUpdatedTime": found.updated,
    }


@operation("UpdateTieringConfiguration", source=_SOURCE, missing=_LACKS)
def update(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    """Replace a configuration's vault and selections; its name stays."""
    found, document = _called(scope, params), params["TieringConfiguration"]
    _check(simulation, scope, document)
    _check_vault_free(scope, document["BackupVaultName"], found)
    found.vault_name, found.selections = document["BackupVaultName"], document["ResourceSelection"]
    found.updated = simulation.clock.now()
    view = _view(found)
    del view["BackupVaultName"]
    return view


@operation("DeleteTieringConfiguration", source=_SOURCE)
def delete(simulation: Simulation, scope: RegionScope, params: Document) -> Document:  # noqa: ARG001 - the shape of a handler
    """Delete a configuration; its name, its token and its vault are free again."""
    del scope.tierings[_called(scope, params).name]
    return {}


@operation("ListTieringConfigurations", source=_SOURCE)
def list_configurations(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    """The configurations, by name."""
    return listing(
        simulation,
        scope,
        "ListTieringConfigurations",
        params,
        scope.tierings.values(),
        lambda found: (found.name,),
        member="TieringConfigurations",
        show=_view,
    )
