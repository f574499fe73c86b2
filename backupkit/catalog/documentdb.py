"""DocumentDB clusters."""

from __future__ import annotations

from typing import ClassVar

import attrs

from backupkit.catalog.database_clusters import EngineClusterRequest, engine_cluster
from backupkit.catalog.resource_type import ResourceType
from backupkit.catalog.restore_form import RestoreForm

__all__ = ["TYPE", "DocumentDBCluster"]

TYPE = engine_cluster(
    "DocumentDB",
    "docdb",
    page="restoring-docdb.md",
    keys="serverlessV2ScalingConfiguration storageType",
    opt_in_limits=frozenset({"Regions", "accounts"}),
)


@attrs.frozen(repr=False)
class DocumentDBCluster(EngineClusterRequest):
    """Restore a point to a new DocumentDB cluster. AWS makes the cluster alone: it has no instances.

    Every key of it is documented, not seen in use. What is left out is as the point has it; what belongs to a Region or
    account is left to DocumentDB where the point was copied from another.

    Args:
        db_cluster_identifier: The new cluster: 1 to 63 lower-case letters, digits and hyphens, unique over instances
            and clusters of the Region.
        engine: ``docdb``, which is sent where the point does not say it.
        db_subnet_group_name: Decides the VPC; give ``vpc_security_group_ids`` of the same VPC as well.
        key: A KMS key. None: the point's.
        instance_class: The class of the instances that `recover` adds afterwards; it is not part of the restore.
        instances: How many of them; they are added where ``instance_class`` is given.
        extra_metadata: Keys that backupkit has no field for; they win.

    Raises:
        InvalidValueError: A name or value that AWS would refuse.
    """

    KIND: ClassVar[ResourceType] = TYPE
    FORMS: ClassVar[tuple[RestoreForm, ...]] = TYPE.restore_forms
