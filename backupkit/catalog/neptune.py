"""Neptune clusters."""

from __future__ import annotations

from typing import ClassVar

import attrs

from backupkit.catalog.database_clusters import EngineClusterRequest, engine_cluster
from backupkit.catalog.neighbour import NotRestored
from backupkit.catalog.resource_type import ResourceType
from backupkit.catalog.restore_form import RestoreForm

__all__ = ["TYPE", "NeptuneCluster"]

TYPE = engine_cluster(
    "Neptune",
    "neptune",
    page="restoring-nep.md",
    keys="enableIAMDatabaseAuthentication serverlessV2ScalingConfiguration storageType",
    opt_in_limits=frozenset({"accounts"}),
    not_restored=(NotRestored("IAM roles of the cluster", "neptune AddRoleToDBCluster"),),
)


@attrs.frozen(repr=False)
class NeptuneCluster(EngineClusterRequest):
    """Restore a point to a new Neptune cluster. AWS makes the cluster alone: it has no instances.

    Every key of it is documented, not seen in use. What is left out is as the point has it; what belongs to a Region or
    account is left to Neptune where the point was copied from another.

    Args:
        db_cluster_identifier: The new cluster: 1 to 63 lower-case letters, digits and hyphens, unique over instances
            and clusters of the Region.
        engine: ``neptune``, which is sent where the point does not say it.
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

    enable_iam_database_authentication: bool | None = attrs.field(default=None, kw_only=True)
