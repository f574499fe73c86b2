"""EC2 instances."""

from __future__ import annotations

from backupkit.catalog.neighbour import Look, NotRestored, Removal
from backupkit.catalog.resource_type import ArnShape, ResourceType

__all__ = ["TYPE"]

TYPE = ResourceType(
    name="EC2",
    looks=(
        Look(
            shape=ArnShape("ec2", "instance/"),
            service="ec2",
            method="describe_instances",
            arguments={"InstanceIds": ("{name}",)},
            state="Reservations[0].Instances[0].State.Name",
            gone=frozenset({"InvalidInstanceID.NotFound"}),
            gone_states=frozenset({"terminated", "shutting-down"}),
            usable=frozenset({"running", "stopped"}),
        ),
    ),
    removal=Removal(
        shape=ArnShape("ec2", "instance/"),
        service="ec2",
        method="terminate_instances",
        arguments={"InstanceIds": ("{name}",)},
    ),
    not_restored=(
        NotRestored("user data", "ec2 ModifyInstanceAttribute(UserData)"),
        NotRestored("private IP addresses and network interfaces", "ec2 AttachNetworkInterface"),
        NotRestored("elastic IP addresses", "ec2 AssociateAddress"),
        NotRestored("another key pair than the original"),
        NotRestored("tags of the source volumes", "ec2 CreateTags"),
        NotRestored(
            "the Active Directory domain of a Windows instance", "ssm CreateAssociation(AWS-JoinDirectoryServiceDomain)"
        ),
        NotRestored("instance store data"),
        NotRestored("membership in load balancers", "elbv2 RegisterTargets"),
    ),
    terraform="aws_instance",
    shapes=(ArnShape("ec2", "instance/"),),
    points="arn:{partition}:ec2:{region}::image/ami-{hex17}",
    copies=True,
    air_gapped=True,
    restore_testing=True,
)
