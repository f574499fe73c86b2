"""Redshift Serverless namespaces."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

import attrs

from backupkit.catalog.metadata_key import Encoding, MetadataKey, keys
from backupkit.catalog.neighbour import Listing, Look, NotRestored
from backupkit.catalog.request import Request, overwritten, sends
from backupkit.catalog.resource_type import ArnShape, ResourceType
from backupkit.catalog.restore_form import RestoreForm
from backupkit.checks import Pattern
from backupkit.problems import Problem

__all__ = ["TYPE", "RedshiftServerlessNamespace"]

_NAMESPACE = Pattern("namespace", r"[a-z0-9-]{3,64}", "3 to 64 lower-case letters, digits and hyphens")
RESTORE = (
    RestoreForm(
        name="a namespace that exists",
        source="redshift-serverless-restore.md",
        keys=(
            MetadataKey("RestoreType", required=True, values=("NAMESPACE_RESTORE", "TABLE_RESTORE")),
            MetadataKey("NamespaceIdentifier", required=True, pattern=_NAMESPACE),
        ),
        when={"RestoreType": "NAMESPACE_RESTORE"},
        overwrites=True,
    ),
    RestoreForm(
        name="a table in a namespace",
        source="redshift-serverless-restore.md; the names are botocore's, of RestoreTableFromSnapshot",
        keys=(
            MetadataKey("RestoreType", required=True, values=("NAMESPACE_RESTORE", "TABLE_RESTORE")),
            *keys(
                "namespaceName workgroupName sourceDatabaseName sourceTableName newTableName",
                template=MetadataKey("", required=True),
            ),
            *keys("sourceSchemaName targetDatabaseName targetSchemaName"),
            *keys("activateCaseSensitiveIdentifier", Encoding.BOOLEAN),
        ),
        when={"RestoreType": "TABLE_RESTORE"},
        adds=True,
    ),
)
"""What StartRestoreJob takes."""

TYPE = ResourceType(
    name="Redshift Serverless",
    looks=(
        Look(
            shape=ArnShape("redshift-serverless", "namespace/"),
            service="redshift-serverless",
            method="list_namespaces",
            # The ARN has an id that no operation takes.
            state="namespaces[?namespaceArn=='{arn}'] | [0].status",
            gone_states=frozenset({"DELETING"}),
            usable=frozenset({"AVAILABLE"}),
        ),
    ),
    not_restored=(NotRestored("what the namespace held before the restore, which overwrites it"),),
    shapes=(ArnShape("redshift-serverless", "namespace/"),),
    listings=(
        Listing(
            service="redshift-serverless",
            method="list_namespaces",
            found="namespaces[].{arn: namespaceArn}",
        ),
    ),
    points="arn:{partition}:redshift-serverless:{region}:{account}:snapshot/{uuid}",
    config_type="AWS::RedshiftServerless::Namespace",
    restore_forms=RESTORE,
    restored_as=frozenset({"Redshift"}),
)


@attrs.frozen(repr=False)
class RedshiftServerlessNamespace(Request):
    """Restore a point into a Redshift Serverless namespace, whose data it OVERWRITES.

    Every key of it is documented, not seen in use. The page wants a workgroup as well and names no key for it: give it
    in ``extra_metadata``. AWS leaves ``redshift-serverless:RestoreFromSnapshot`` out of its managed policies on
    purpose; the role needs it. `RedshiftCluster` restores the same point to a new provisioned cluster.

    Args:
        namespace_identifier: The name of the namespace, 3 to 64 lower-case letters, digits and hyphens.
        overwrite: True, or the request is refused: what the namespace holds is lost.
        extra_metadata: Keys that backupkit has no field for; they win.

    Raises:
        InvalidValueError: A name that AWS would refuse, or no ``overwrite=True``.
    """

    KIND: ClassVar[ResourceType] = TYPE
    FORMS: ClassVar[tuple[RestoreForm, ...]] = RESTORE[:1]
    SAYS: ClassVar[Mapping[str, str]] = {"RestoreType": "NAMESPACE_RESTORE"}

    namespace_identifier: str
    overwrite: bool = attrs.field(default=False, kw_only=True, metadata=sends(None))

    def _problems(self) -> Iterator[Problem]:
        yield from super()._problems()
        yield from overwritten(self.overwrite, "the namespace")
