"""What a control evaluates: everything, some resource types, what has a tag, or one single resource.

Source: the botocore model of ControlScope.
"""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from backupkit.emulator.kernel.behavior import Choices
from backupkit.emulator.model import Document

__all__ = ["PLAN", "POINT", "VAULT", "Scope", "kinds_of"]

PLAN = "AWS::Backup::BackupPlan"
VAULT = "AWS::Backup::BackupVault"
POINT = "AWS::Backup::RecoveryPoint"


@attrs.frozen
class Scope:
    """A ControlScope, ready to be asked about many resources.

    Args:
        types: Resource types, any one is enough; empty takes all.
        ids: Names or ARNs of resources, any one is enough; empty takes all.
        tag: A key and a value that a resource must have; an empty value takes any, where ``any_value`` says so.
        any_value: What an empty value means.
    """

    types: frozenset[str] = frozenset()
    ids: frozenset[str] = frozenset()
    tag: tuple[str, str] | None = None
    any_value: bool = True

    @classmethod
    def of(cls, document: Document, choices: Choices) -> Scope:
        """The scope that a checked ControlScope means."""
        return cls(
            frozenset(document.get("ComplianceResourceTypes") or ()),
            frozenset(document.get("ComplianceResourceIds") or ()),
            next(iter((document.get("Tags") or {}).items()), None),
            choices.empty_scope_tag_takes_any_value,
        )

    def takes(self, resource_type: str, tags: Mapping[str, str], *names: str) -> bool:
        """Whether a resource of this type, with these tags, that goes by these names, is in scope."""
        return (
            (not self.types or resource_type in self.types)
            and (not self.ids or not self.ids.isdisjoint(names))
            and (self.tag is None or self._tagged(tags, *self.tag))
        )

    def _tagged(self, tags: Mapping[str, str], key: str, value: str) -> bool:
        return tags.get(key) == value or (not value and self.any_value and key in tags)


def kinds_of(document: Document) -> set[str]:
    """Which kinds of scope a ControlScope uses: ``types``, ``tag``, ``single``; none where it takes in everything."""
    found: set[str] = set()
    if document.get("ComplianceResourceIds"):
        found.add("single")
    elif document.get("ComplianceResourceTypes"):
        found.add("types")
    if document.get("Tags"):
        found.add("tag")
    return found
