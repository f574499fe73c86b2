"""The types of resource that a session can hold: a new type is one new file and one line here."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import attrs

from backupkit.arn import Arn
from backupkit.checks import texts
from backupkit.emulator.resources.types.cloudformation import Stacks
from backupkit.emulator.resources.types.clusters import Clusters
from backupkit.emulator.resources.types.dsql import DsqlClusters
from backupkit.emulator.resources.types.dynamodb import Tables
from backupkit.emulator.resources.types.ebs import Volumes
from backupkit.emulator.resources.types.ec2 import Instances
from backupkit.emulator.resources.types.efs import FileSystems
from backupkit.emulator.resources.types.eks import KubernetesClusters
from backupkit.emulator.resources.types.fsx import Shares
from backupkit.emulator.resources.types.kind import Kind
from backupkit.emulator.resources.types.rds import DatabaseInstances
from backupkit.emulator.resources.types.redshift import Warehouses
from backupkit.emulator.resources.types.s3 import Buckets
from backupkit.emulator.resources.types.timestream import TimeSeries
from backupkit.errors import ConfigurationError
from backupkit.problems import label, quote

__all__ = ["HandlerRegistry", "known"]


@attrs.frozen
class HandlerRegistry:
    """The kinds that a session looks after."""

    kinds: tuple[Kind[Any], ...]

    @property
    def types(self) -> tuple[str, ...]:
        """Their type strings, each once."""
        return tuple(dict.fromkeys(kind.resource_type for kind in self.kinds))

    def by_arn(self, arn: Arn) -> tuple[Kind[Any], ...]:
        """The kinds that the ARN may be of: clusters of databases share theirs."""
        return tuple(kind for kind in self.kinds if kind.names(arn))

    def by_content(self, content: object, resource_type: str) -> Kind[Any] | None:
        """The kind of this type that captured this; None where it is none of these."""
        fitting = (kind for kind in self.kinds if isinstance(content, kind.content))
        return next((kind for kind in fitting if kind.resource_type == resource_type), None)


_NAMED_ONLY = frozenset({"EBS"})
"""What is held of AWS only where its type is named: to be read, it makes a snapshot in the account, and costs."""


def _kinds() -> tuple[Kind[Any], ...]:
    return (
        Tables(),
        Buckets(),
        Volumes(),
        Instances(),
        FileSystems(),
        DatabaseInstances(),
        Clusters("RDS", "mysql", "postgres"),
        Clusters("Aurora", "aurora", "aurora-mysql", "aurora-postgresql"),
        Clusters("Neptune", "neptune"),
        DsqlClusters(),
        Shares(),
        Warehouses(),
        TimeSeries(),
        KubernetesClusters(),
        Stacks(),
    )


def known(types: Collection[str] | None, *, emulated: bool) -> HandlerRegistry:
    """The kinds of these types, new ones each time, because some remember what they have read.

    Args:
        types: AWS Backup's type strings; None for all that can be held, of AWS itself without volumes.
        emulated: Whether an emulator answers: without one, types whose content no API reads cannot be held.

    Raises:
        ConfigurationError: A type cannot be held.
    """
    held = HandlerRegistry(tuple(kind for kind in _kinds() if emulated or not kind.emulated_only))
    if types is None:
        return HandlerRegistry(tuple(kind for kind in held.kinds if emulated or kind.resource_type not in _NAMED_ONLY))
    wanted = texts(types, "SessionWorld/types")
    strange = [label(each) if isinstance(each, str) else quote(each) for each in wanted if each not in held.types]
    if strange:
        more = "" if emulated else ", and more where an emulator answers (emulated=True)"
        raise ConfigurationError(
            f"A session cannot hold {', '.join(sorted(strange))}; it can hold {', '.join(sorted(held.types))}{more}"
        )
    return HandlerRegistry(tuple(kind for kind in held.kinds if kind.resource_type in wanted))
