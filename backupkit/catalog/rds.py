"""RDS database instances. Clusters are types of their own."""

from __future__ import annotations

from backupkit.catalog.neighbour import Look, NotRestored, Removal
from backupkit.catalog.resource_type import OWN_POINTS, ArnShape, ResourceType

__all__ = ["TYPE"]

TYPE = ResourceType(
    name="RDS",
    looks=(
        Look(
            shape=ArnShape("rds", "db:"),
            service="rds",
            method="describe_db_instances",
            arguments={"DBInstanceIdentifier": "{name}"},
            state="DBInstances[0].DBInstanceStatus",
            gone=frozenset({"DBInstanceNotFound", "DBInstanceNotFoundFault"}),
            gone_states=frozenset({"deleting"}),
            usable=frozenset({"available"}),
        ),
    ),
    removal=Removal(
        shape=ArnShape("rds", "db:"),
        service="rds",
        method="delete_db_instance",
        arguments={"DBInstanceIdentifier": "{name}", "SkipFinalSnapshot": True, "DeleteAutomatedBackups": True},
    ),
    not_restored=(
        NotRestored("read replicas", "rds CreateDBInstanceReadReplica"),
        NotRestored("event subscriptions", "rds AddSourceIdentifierToSubscription"),
        NotRestored("IAM roles of the instance", "rds AddRoleToDBInstance"),
        NotRestored("Performance Insights and enhanced monitoring", "rds ModifyDBInstance"),
        NotRestored("the backup retention and window", "rds ModifyDBInstance"),
    ),
    terraform="aws_db_instance",
    shapes=(ArnShape("rds", "db:"),),
    points="arn:{partition}:rds:{region}:{account}:snapshot:awsbackup:{job}",
    continuous_points=OWN_POINTS + "continuous:db-{hex17}",
    copies=True,
    restore_testing=True,
    stoppable=False,
)
