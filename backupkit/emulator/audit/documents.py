"""FrameworkControls: checked as AWS checks them, and echoed as AWS gives them back.

Sources: the botocore model of FrameworkControl and ControlScope, the developer guide's pages on controls and on
creating frameworks, and sentences of AWS Config, which stands behind the controls. Where no sentence was recorded,
ours say what is wrong.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import NoReturn

from backupkit.emulator.audit.controls import CONTROLS, Control
from backupkit.emulator.audit.scopes import kinds_of
from backupkit.emulator.kernel.behavior import Choices
from backupkit.emulator.kernel.operations import raise_api_error
from backupkit.emulator.model import Document

__all__ = ["checked", "same"]

_LONGEST_NAME = 256
_KINDS = {"types": "resource types", "tag": "a tag", "single": "a single resource"}


def checked(controls: list[Document], choices: Choices) -> list[Document]:
    """The controls as AWS gives them back: with a list of parameters, and a scope only where one was given.

    Raises:
        ApiError: There is none, one is not known, or a parameter or a scope is wrong.
    """
    if not controls:
        _refuse("A framework must contain at least one control.")
    names = Counter(control["ControlName"] for control in controls)
    repeated = next((name for name, times in names.items() if times > 1), None)
    if repeated is not None and not choices.framework_repeats_controls:
        _refuse(f"Control {repeated} is given more than once.")
    return [_checked(control, choices) for control in controls]


def _checked(document: Document, choices: Choices) -> Document:
    name = document["ControlName"]
    if not name:
        _refuse("A control name is required.")
    if len(name) > _LONGEST_NAME:
        _refuse(f"A control name must have at most {_LONGEST_NAME} characters.")
    parameters = document.get("ControlInputParameters") or []
    scope = document.get("ControlScope") or {}
    control = CONTROLS.get(name)
    if control is not None:
        _check_parameters(control, parameters)
        _check_scope(control, scope, choices)
    elif not choices.unknown_controls_accepted:
        _refuse(f"Control {name} is not supported.")
    found = {"ControlName": name, "ControlInputParameters": parameters}
    return {**found, "ControlScope": scope} if scope else found


def _check_parameters(control: Control, given: list[Document]) -> None:
    known = {one.name: one for one in control.parameters}
    values: dict[str, str] = {}
    for each in given:
        name, value = each.get("ParameterName"), each.get("ParameterValue")
        if name not in known:
            _refuse(f"Control {control.name} has no parameter {name}.")
        if value is None or name in values:
            _refuse(f"Parameter {name} of control {control.name} must have one value.")
        flaw = known[name].flaw(value)
        if flaw is not None:
            _refuse(f"Parameter {name} of control {control.name} {flaw}.")
        values[name] = value
    for one in control.parameters:
        if one.required and one.name not in values:
            _refuse(f"Parameter {one.name} of control {control.name} is required.")
    flaw = control.flaw(control.filled(given))
    if flaw is not None:
        _refuse(f"In control {control.name}, {flaw}.")


def _check_scope(control: Control, scope: Document, choices: Choices) -> None:
    _check_single(scope)
    if len(scope.get("Tags") or {}) > 1:
        _refuse("A maximum of one tag can be provided in scope.")
    kinds = kinds_of(scope)
    if len(kinds) > 1 and not choices.control_scopes_combine:
        # AWS Config's sentence.
        _refuse("Scope cannot be applied to both resource and tag")
    _check_kinds(control, kinds, scope.get("ComplianceResourceTypes") or [], choices)


def _check_single(scope: Document) -> None:
    types, ids = scope.get("ComplianceResourceTypes") or [], scope.get("ComplianceResourceIds") or []
    if len(ids) > 1:
        _refuse("Scope can contain only one resource ID")
    if ids and len(types) != 1:
        # AWS Config's sentence.
        _refuse("A single resourceType should be provided when resourceId is provided in scope")


def _check_kinds(control: Control, kinds: set[str], types: list[str], choices: Choices) -> None:
    for unknown in set(types) - set(control.types):
        if not choices.unknown_scope_types_accepted:
            _refuse(f"Control {control.name} does not evaluate resources of the type {unknown}.")
    # To name the one type that a control evaluates anyway narrows nothing.
    narrow = kinds - {"types"} if set(types) == set(control.types) else kinds
    for kind in narrow - control.scopes:
        _refuse(f"The scope of control {control.name} cannot be {_KINDS[kind]}.")


def same(first: list[Document], second: list[Document], *, scopes: bool) -> bool:
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


def _refuse(text: str) -> NoReturn:
    raise_api_error("InvalidParameterValueException", text)
