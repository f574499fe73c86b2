"""Nested values made to fit the input of an operation, by botocore's own model of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from backupkit.emulator.resources.types.kind import Client

__all__ = ["fitting"]


def fitting(client: Client, operation: str, member: str, value: Mapping[str, Any]) -> dict[str, Any]:
    """What of ``value`` a member of the operation's input takes.

    An answer describes a resource with more members than the call that makes it takes, and the guide's examples write
    some numbers as texts. Names compare without regard to their first letter's case.

    Args:
        client: A client of the service.
        operation: For example ``CreateFileSystem``.
        member: For example ``LustreConfiguration``.
        value: An object.
    """
    shape = client.meta.service_model.operation_model(operation).input_shape.members[member]
    fitted: dict[str, Any] = _fitted(shape, value)
    return fitted


def _fitted(shape: Any, value: object) -> Any:
    match shape.type_name, value:
        case "structure", Mapping():
            members = {name.casefold(): name for name in shape.members}
            named = {members[name.casefold()]: told for name, told in value.items() if name.casefold() in members}
            return {name: _fitted(shape.members[name], told) for name, told in named.items() if told is not None}
        case "list", list():
            return [_fitted(shape.member, each) for each in value]
        case (("integer" | "long"), str()) if value.isdecimal():
            return int(value)
        case "boolean", ("true" | "false"):
            return value == "true"
        case _:
            return value
