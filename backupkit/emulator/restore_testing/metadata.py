"""What restore testing restores a point with: the metadata that AWS infers, and what a selection may put in its place.

Source: the developer guide's page on inferred metadata.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from uuid import NAMESPACE_URL, uuid5

import attrs

from backupkit.catalog import TYPES
from backupkit.catalog.restore_testing import RestoreTesting
from backupkit.emulator.kernel.operations import operation, raise_api_error
from backupkit.emulator.kernel.resource_protocol import RESTORE_TEST, Metadata
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import Document, Point, RegionScope
from backupkit.emulator.rules import vault_access

__all__ = ["foreign", "inferred", "overridden", "testable"]

_SOURCE = "botocore model; developer guide, inferred metadata of restore testing"


@attrs.frozen
class _Inference:
    """The point, and what stands for chance: the same seed infers the same."""

    scope: RegionScope
    point: Point
    seed: str

    @property
    def name(self) -> str:
        """The name of what is restored."""
        return f"{RESTORE_TEST}-{uuid5(NAMESPACE_URL, self.seed).hex}"

    def zones(self, count: int) -> list[str]:
        """Some of the Region's first three availability zones."""
        first = uuid5(NAMESPACE_URL, self.seed).int % 3
        return [f"{self.scope.region_name}{'abc'[(first + position) % 3]}" for position in range(count)]

    def filled(self, text: str) -> str | None:
        """Return a value that the catalog states, with what stands in braces filled in; None where it is not there."""
        if text.startswith("{point:"):
            return Metadata(self.point.restore_metadata).get(text[len("{point:") : -1]) or None
        known = {"{name}": self.name, "{zone}": self.zones(1)[0], "{zones}": json.dumps(self.zones(3))}
        return known.get(text, text)


def testable() -> dict[str, RestoreTesting]:
    """Return what restore testing does with each type that it has, by AWS Backup's own strings."""
    return {name: kind.restore_testing for name, kind in TYPES.items() if kind.restore_testing is not None}


def inferred(scope: RegionScope, point: Point, seed: str) -> dict[str, str]:
    """Return the metadata that AWS infers for a point of a testable type; ``seed`` decides the name and the zones."""
    asked = _Inference(scope, point, seed)
    found = {key: asked.filled(text) for key, text in testable()[point.resource_type].inferred.items()}
    return {key: value for key, value in found.items() if value is not None}


def foreign(resource_type: str, overrides: Mapping[str, str]) -> list[str]:
    """The keys of ``overrides`` that cannot be overridden; case does not count."""
    known = testable()[resource_type].overridable
    return [key for key in overrides if key.casefold() not in known]


def overridden(resource_type: str, metadata: Mapping[str, str], overrides: Mapping[str, str]) -> dict[str, str]:
    """The metadata with the overrides that AWS allows in place of what was inferred, above all never the name."""
    known = testable()[resource_type].overridable
    taken = {key: value for key, value in overrides.items() if key.casefold() in known}
    hidden = {key.casefold() for key in taken}
    return {**{key: value for key, value in metadata.items() if key.casefold() not in hidden}, **taken}


@operation("GetRestoreTestingInferredMetadata", source=_SOURCE, missing="FSx's metadata")
def _inferred(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    point = vault_access.reached(simulation, scope, params).point(params["RecoveryPointArn"])
    if point.resource_type not in testable():
        raise_api_error("InvalidParameterValueException", f"Restore testing does not support {point.resource_type}")
    return {"InferredMetadata": inferred(scope, point, point.arn)}
