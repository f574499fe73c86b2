"""Frameworks of Audit Manager: controls that are evaluated together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import ClassVar

import attrs

from backupkit.checks import RESOURCE_TAGS, every, instance, listed, matches, optional, tags_within
from backupkit.declare.controls import Control
from backupkit.declare.declared import TAGS_BESIDE
from backupkit.declare.fields import flags
from backupkit.declare.names import AUDIT_NAME, is_description
from backupkit.declare.tags import Tags
from backupkit.declare.thing import Thing
from backupkit.problems import Problem, counted, warning

__all__ = ["Framework"]

_MOST_CONTROLS = 50


def _controls(controls: Iterable[Control]) -> tuple[Control, ...]:
    return listed(controls, "framework/controls")


@attrs.frozen(init=False, repr=False)
class Framework(Thing):
    """A framework of Audit Manager. AWS Config must record what its controls evaluate.

    Args:
        name: 1 to 256 letters, digits and _, beginning with a letter. Changing it makes a new framework.
        more_controls: Controls; the same as ``controls``.
        controls: Controls, at least one. One control may come several times, with different scopes.
        description: Up to 1,024 characters.
        tags: Up to 50.

    Raises:
        InvalidValueError: Something AWS would refuse.
    """

    _KIND: ClassVar[str] = "framework"
    _OMITTED: ClassVar[dict[str, str]] = {"FrameworkTags": TAGS_BESIDE}
    _EXAMPLE: ClassVar[str] = 'bk.Framework("prod", bk.Control.recovery_point_encrypted())'

    name: str = attrs.field(metadata=flags(matches(AUDIT_NAME), wire="FrameworkName", replaces=True))
    controls: tuple[Control, ...] = attrs.field(
        converter=_controls, metadata=flags(every(instance(Control)), wire="FrameworkControls")
    )
    description: str | None = attrs.field(
        default=None, metadata=flags(optional(is_description), wire="FrameworkDescription", cleared="")
    )
    tags: Tags = attrs.field(factory=Tags, converter=Tags, metadata=flags(tags_within(RESOURCE_TAGS), document=False))

    def __init__(
        self,
        name: str,
        *more_controls: Control,
        controls: Iterable[Control] = (),
        description: str | None = None,
        tags: Mapping[str, str] | None = None,
        unmanaged_parts: Iterable[str] = (),
        managed_parts: Iterable[str] = (),
    ) -> None:
        # attrs makes this method where init=False; pyright does not know it.
        self.__attrs_init__(  # pyright: ignore[reportAttributeAccessIssue]
            name,
            (*_controls(controls), *more_controls),
            description,
            tags,
            unmanaged_parts=unmanaged_parts,
            managed_parts=managed_parts,
        )

    def with_controls(self, *controls: Control) -> Framework:
        """With these controls after its own."""
        return attrs.evolve(self, controls=(*self.controls, *controls))

    def _summary(self) -> str:
        return counted(len(self.controls), "control")

    def _cross_field(self) -> Iterator[Problem]:
        for index, control in enumerate(self.controls):
            if control in self.controls[:index]:
                yield Problem(control.address, "it is there twice, with the same parameters and scope", "name it once")

    def _missing(self) -> Iterator[Problem]:
        if not self.controls:
            yield Problem("controls", "no controls, which AWS refuses", "give at least one")

    def _warnings(self) -> Iterator[Problem]:
        if len(self.controls) > _MOST_CONTROLS:
            yield warning(
                "controls",
                f"{len(self.controls)} controls",
                f"AWS's quota is {_MOST_CONTROLS} in all frameworks of an account and Region",
            )
