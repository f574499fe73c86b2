"""What a control is: its parameters with limits and defaults, the scopes it takes, and what it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

import attrs

from backupkit.emulator.audit.parameters import Parameter
from backupkit.emulator.audit.scopes import Scope
from backupkit.emulator.audit.view import View
from backupkit.emulator.model import Document, Finding
from backupkit.emulator.model.scopes import supported_types

__all__ = ["Control", "Find", "Terms"]


@attrs.frozen
class Terms:
    """A control as a framework holds it.

    Args:
        parameters: Its parameters by name, defaults filled in.
        scope: What it evaluates.
    """

    parameters: dict[str, str]
    scope: Scope

    def days(self, name: str) -> int | None:
        """A parameter that is a whole number; None where it is not given."""
        value = self.parameters.get(name)
        return None if value is None else int(value)


Find: TypeAlias = Callable[[View, Terms], Iterator[Finding]]
"""What a control finds: one finding for each thing in its scope."""


def _nothing(_: dict[str, str]) -> str | None:
    return None


@attrs.frozen(kw_only=True)
class Control:
    """A control of Audit Manager.

    Args:
        name: AWS's name of it.
        find: What it finds.
        daily: Whether it is evaluated every 24 hours; otherwise on each change of what it evaluates.
        scopes: The kinds of scope that it takes: ``types``, ``tag``, ``single``; to take in everything always goes.
        types: The resource types that its scope may name; none: all that AWS Backup supports.
        parameters: Its parameters.
        flaw: What is wrong with all parameters together, as a sentence; None where nothing is.
    """

    name: str
    find: Find
    daily: bool
    scopes: frozenset[str]
    _types: tuple[str, ...] = attrs.field(default=(), alias="types")
    parameters: tuple[Parameter, ...] = ()
    flaw: Callable[[dict[str, str]], str | None] = _nothing

    @property
    def types(self) -> tuple[str, ...]:
        """The resource types that its scope may name."""
        return self._types or supported_types()

    def filled(self, given: list[Document]) -> dict[str, str]:
        """Its parameters by name, with its defaults for those that are not given."""
        defaults = {one.name: one.default for one in self.parameters if one.default is not None}
        return {**defaults, **{each["ParameterName"]: each["ParameterValue"] for each in given}}
