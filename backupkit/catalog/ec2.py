"""EC2 instances. Sources: the developer guide's pages on restoring EC2 and on job events, and public requests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

import attrs

from backupkit.catalog.metadata_key import Encoding, MetadataKey, Send, Trait, keys
from backupkit.catalog.names import INSTANCE_PROFILE, INSTANCE_TYPE, SECURITY_GROUP, SUBNET
from backupkit.catalog.neighbour import Batch, Listing, Look, NotRestored, Removal
from backupkit.catalog.request import Request, strings, structures
from backupkit.catalog.resource_type import ArnShape, ResourceType
from backupkit.catalog.restore_form import ANY, RestoreForm
from backupkit.catalog.restore_testing import RestoreTesting, lowered
from backupkit.catalog.structure import Structure, plain
from backupkit.checks import Pattern
from backupkit.problems import Problem

__all__ = ["TYPE", "BlockDeviceMapping", "EC2Instance", "EbsBlockDevice", "NetworkInterface"]

_HELD = MetadataKey("", returned=True, seen=True)
_MAYBE = MetadataKey("", returned=None)
_OF_SUBNET = attrs.evolve(
    _HELD, strip_for=(Trait.COPIED,), yields_to=("NetworkInterfaces",), excluded_by={"NetworkInterfaces": ANY}
)
_BURSTABLE = Pattern("burstable type", r"t\d[a-z-]*\..+", "a type of T, such as t3.small")
_KEYS = (
    attrs.evolve(_HELD, name="InstanceType", pattern=INSTANCE_TYPE),
    attrs.evolve(_OF_SUBNET, name="SubnetId", pattern=SUBNET),
    attrs.evolve(_OF_SUBNET, name="SecurityGroupIds", encoding=Encoding.LIST, pattern=SECURITY_GROUP),
    attrs.evolve(_HELD, name="KeyName", strip_for=(Trait.COPIED,), fixed=True),
    MetadataKey("IamInstanceProfileName", returned=None, seen=True, pattern=INSTANCE_PROFILE),
    attrs.evolve(_HELD, name="InstanceInitiatedShutdownBehavior", values=("stop", "terminate")),
    *keys("EbsOptimized DisableApiTermination", Encoding.BOOLEAN, _HELD),
    MetadataKey("RequireIMDSv2", Encoding.BOOLEAN, returned=None),
    MetadataKey("requiredImdsV2", Encoding.BOOLEAN, returned=None, source="inferred by restore testing"),
    attrs.evolve(_HELD, name="CreditSpecification", encoding=Encoding.OBJECT, fits_with={"InstanceType": _BURSTABLE}),
    *keys("HibernationOptions Monitoring", Encoding.OBJECT, _HELD),
    attrs.evolve(_HELD, name="CapacityReservationSpecification", encoding=Encoding.OBJECT, strip_for=(Trait.COPIED,)),
    # Many types refuse it, and what the point says of it is the default of its type.
    attrs.evolve(_HELD, name="CpuOptions", encoding=Encoding.OBJECT, send=Send.REPLACE),
    # The zone is the subnet's.
    attrs.evolve(_HELD, name="Placement", encoding=Encoding.OBJECT, strip_members=("AvailabilityZone",)),
    # The point's own interfaces and addresses may still be those of the source.
    attrs.evolve(_HELD, name="NetworkInterfaces", encoding=Encoding.OBJECTS, send=Send.REPLACE),
    MetadataKey("BlockDeviceMappings", Encoding.OBJECTS),
    MetadataKey("UserData", secret=True),
    MetadataKey("EnaSupport", Encoding.BOOLEAN, returned=None),
    *keys("RamdiskId KernelId Architecture RootDeviceType VirtualizationType Platform", template=_MAYBE),
    MetadataKey("InstanceMarketOptions", Encoding.OBJECT, returned=None),
    *keys("ElasticGpuSpecification LicenseSpecifications", Encoding.OBJECTS, _MAYBE),
    attrs.evolve(_HELD, name="VpcId", send=Send.STRIP),
)
RESTORE = (RestoreForm(name="a new instance", source="restoring-ec2.md", keys=_KEYS),)
"""What StartRestoreJob takes."""

TYPE = ResourceType(
    name="EC2",
    size_counts="provisioned",
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
            batch=Batch("instance-id", "Reservations[].Instances[].[InstanceId, State.Name]"),
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
    listings=(
        Listing(
            service="ec2",
            method="describe_instances",
            found="Reservations[].Instances[?State.Name!='terminated' && State.Name!='shutting-down'][]"
            ".{id: InstanceId, tags: Tags}",
            arn="arn:{partition}:ec2:{region}:{account}:instance/{id}",
        ),
    ),
    points="arn:{partition}:ec2:{region}::image/ami-{hex17}",
    copies=True,
    air_gapped=True,
    restore_testing=RestoreTesting(
        inferred={"disableApiTermination": "false", "instanceType": "{point:InstanceType}", "requireImdsV2": "true"},
        overridable=lowered(
            "iamInstanceProfileName instanceType requireImdsV2 requiredImdsV2 securityGroupIds subnetId"
        ),
    ),
    id_prefix="i-",
    config_type="AWS::EC2::Instance",
    aws_key="ebs",
    audited=True,
    scannable=True,
    backup_options=("WindowsVSS",),
    restore_forms=RESTORE,
)


@attrs.frozen
class EbsBlockDevice(Structure):
    """A volume of an instance, as far as a restore can change it; sizes in GiB, throughput in MiB a second."""

    delete_on_termination: bool | None = None
    iops: int | None = None
    volume_size: int | None = None
    volume_type: str | None = None
    throughput: int | None = None
    encrypted: bool | None = None
    kms_key_id: str | None = None


@attrs.frozen
class BlockDeviceMapping(Structure):
    """What a restore changes about one of the instance's volumes."""

    device_name: str
    ebs: EbsBlockDevice | None = None
    no_device: str | None = None
    virtual_name: str | None = None


@attrs.frozen
class NetworkInterface(Structure):
    """A new network interface of an instance."""

    device_index: int = 0
    subnet_id: str | None = None
    groups: tuple[str, ...] | None = None
    associate_public_ip_address: bool | None = None
    delete_on_termination: bool | None = None
    description: str | None = None
    private_ip_address: str | None = None
    interface_type: str | None = None


@attrs.frozen(repr=False)
class EC2Instance(Request):
    """Restore a point to a new EC2 instance.

    What is left out is as the point has it. The source's network interfaces, addresses and CPU options are never sent:
    the new instance gets an interface in ``subnet_id`` with ``security_group_ids``. Its key pair cannot be changed, and
    it has no instance profile unless that is asked for. User data, the domain of Windows and the place behind a load
    balancer do not come back.

    Documented, not seen in use: require_imdsv2, block_device_mappings, user_data, ena_support, ramdisk_id, kernel_id,
    architecture, root_device_type, virtualization_type, platform, instance_market_options, elastic_gpu_specification,
    license_specifications.

    Args:
        instance_type: For example ``m7g.large``. None: as the point.
        subnet_id: None: the point's subnet. A point that was copied from another Region or account needs another.
        security_group_ids: None given: the point's.
        iam_instance_profile_name: ``UseBackedUpValue`` or the name that the source had; no other is permitted. The
            role then needs ``iam:PassRole`` on the instance's role.
        network_interfaces: In the place of ``subnet_id`` and ``security_group_ids``.
        block_device_mappings: What is changed about its volumes, never their snapshots.
        user_data: Not backed up; never shown.
        extra_metadata: Keys that backupkit has no field for; they win.

    Raises:
        InvalidValueError: A value or combination that AWS would refuse.
    """

    KIND: ClassVar[ResourceType] = TYPE
    FORMS: ClassVar[tuple[RestoreForm, ...]] = RESTORE

    instance_type: str | None = attrs.field(default=None, kw_only=True)
    subnet_id: str | None = attrs.field(default=None, kw_only=True)
    security_group_ids: tuple[str, ...] = attrs.field(default=(), converter=strings, kw_only=True)
    key_name: str | None = attrs.field(default=None, kw_only=True)
    iam_instance_profile_name: str | None = attrs.field(default=None, kw_only=True)
    instance_initiated_shutdown_behavior: str | None = attrs.field(default=None, kw_only=True)
    ebs_optimized: bool | None = attrs.field(default=None, kw_only=True)
    disable_api_termination: bool | None = attrs.field(default=None, kw_only=True)
    require_imdsv2: bool | None = attrs.field(default=None, kw_only=True)
    credit_specification: Mapping[str, object] | None = attrs.field(default=None, kw_only=True, hash=False)
    hibernation_options: Mapping[str, object] | None = attrs.field(default=None, kw_only=True, hash=False)
    monitoring: Mapping[str, object] | None = attrs.field(default=None, kw_only=True, hash=False)
    capacity_reservation_specification: Mapping[str, object] | None = attrs.field(
        default=None, kw_only=True, hash=False
    )
    cpu_options: Mapping[str, object] | None = attrs.field(default=None, kw_only=True, hash=False)
    placement: Mapping[str, object] | None = attrs.field(default=None, kw_only=True, hash=False)
    network_interfaces: tuple[Structure | Mapping[str, object], ...] = attrs.field(
        default=(), converter=structures, kw_only=True, hash=False
    )
    block_device_mappings: tuple[Structure | Mapping[str, object], ...] = attrs.field(
        default=(), converter=structures, kw_only=True, hash=False
    )
    user_data: str | None = attrs.field(default=None, kw_only=True, repr=False)
    ena_support: bool | None = attrs.field(default=None, kw_only=True)
    ramdisk_id: str | None = attrs.field(default=None, kw_only=True)
    kernel_id: str | None = attrs.field(default=None, kw_only=True)
    architecture: str | None = attrs.field(default=None, kw_only=True)
    root_device_type: str | None = attrs.field(default=None, kw_only=True)
    virtualization_type: str | None = attrs.field(default=None, kw_only=True)
    platform: str | None = attrs.field(default=None, kw_only=True)
    instance_market_options: Mapping[str, object] | None = attrs.field(default=None, kw_only=True, hash=False)
    elastic_gpu_specification: tuple[Structure | Mapping[str, object], ...] = attrs.field(
        default=(), converter=structures, kw_only=True, hash=False
    )
    license_specifications: tuple[Structure | Mapping[str, object], ...] = attrs.field(
        default=(), converter=structures, kw_only=True, hash=False
    )

    def _problems(self) -> Iterator[Problem]:
        yield from super()._problems()
        for mapping in self.block_device_mappings if isinstance(self.block_device_mappings, tuple) else ():
            found = plain(mapping)
            volume = found.get("Ebs") if isinstance(found, dict) else None
            for member in ("SnapshotId", "OutpostArn"):
                if isinstance(volume, dict) and member in volume:
                    what = f"{member} cannot be given: the snapshots are those of the point"
                    yield Problem("block_device_mappings", what, "leave it out")
