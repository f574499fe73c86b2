"""VMware virtual machines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

import attrs

from backupkit.arn import arn_or_none
from backupkit.catalog.metadata_key import Encoding, MetadataKey, keys
from backupkit.catalog.names import INSTANCE_PROFILE, INSTANCE_TYPE, KMS_KEY, SECURITY_GROUP, SUBNET, ZONE
from backupkit.catalog.neighbour import Listing, Look, NotRestored
from backupkit.catalog.request import Request, sends, strings, structures
from backupkit.catalog.resource_type import ArnShape, ResourceType
from backupkit.catalog.restore_form import ANY, RestoreForm
from backupkit.catalog.structure import Structure
from backupkit.checks import Pattern
from backupkit.problems import Problem, quote

__all__ = ["TYPE", "DiskToRestore", "VirtualMachine"]

_HYPERVISOR = Pattern("hypervisor", r"arn:aws[a-z-]*:backup-gateway:.+:hypervisor/.+", "the ARN of a hypervisor")
_KNOWN = ("VMware", "EC2Instance")
_RESTORE_TO = MetadataKey("RestoreTo", required=True)
_EC2 = (
    _RESTORE_TO,
    MetadataKey("InstanceType", pattern=INSTANCE_TYPE),
    MetadataKey("VpcId"),
    MetadataKey("SubnetId", pattern=SUBNET, excluded_by={"NetworkInterfaces": ANY}),
    MetadataKey("SecurityGroupIds", Encoding.LIST, pattern=SECURITY_GROUP, excluded_by={"NetworkInterfaces": ANY}),
    MetadataKey("IamInstanceProfileName", pattern=INSTANCE_PROFILE),
    MetadataKey("InstanceInitiatedShutdownBehavior", values=("stop", "terminate")),
    *keys("DisableApiTermination EbsOptimized RequireIMDSv2", Encoding.BOOLEAN),
    *keys("HibernationOptions Placement CreditSpecification", Encoding.OBJECT),
    *keys("RamdiskId KernelId"),
    MetadataKey("UserData", secret=True),
    *keys("LicenseSpecifications NetworkInterfaces", Encoding.OBJECTS),
    MetadataKey("KmsKeyId", pattern=KMS_KEY, excluded_by={"IsEncrypted": "false"}),
    MetadataKey("AvailabilityZone", pattern=ZONE),
    MetadataKey("EbsVolumeType", values=("gp2", "gp3", "io1", "io2", "st1", "sc1")),
    MetadataKey("IsEncrypted", Encoding.BOOLEAN),
    MetadataKey("ItemsToRestore", Encoding.LIST),
)
_NAMED = MetadataKey("", required=True)
RESTORE = (
    RestoreForm(
        name="a virtual machine on VMware",
        source="restoring-vm.md",
        keys=(
            _RESTORE_TO,
            MetadataKey("HypervisorArn", required=True, pattern=_HYPERVISOR),
            *keys("VMName VMPath ComputeResourceName VMDatastore", template=_NAMED),
            MetadataKey("DisksToRestore", Encoding.OBJECTS),
            MetadataKey("ItemsToRestore", Encoding.LIST),
            MetadataKey("vmId", returned=None),
        ),
        when={"RestoreTo": "VMware"},
    ),
    RestoreForm(
        name="an EC2 instance", source="restoring-vm.md", keys=_EC2, when={"RestoreTo": "EC2Instance"}, makes="EC2"
    ),
    RestoreForm(
        name="an EBS volume",
        makes="EBS",
        source="restoring-vm.md; the value of RestoreTo is published nowhere",
        keys=tuple(
            attrs.evolve(key, required=key.name in {"RestoreTo", "AvailabilityZone"})
            if key.name != "ItemsToRestore"
            else attrs.evolve(key, required=True, minimum=1, maximum=1)
            for key in _EC2
        ),
    ),
)
"""What StartRestoreJob takes."""

TYPE = ResourceType(
    name="VirtualMachine",
    size_counts="at_least",
    looks=(
        Look(
            shape=ArnShape("backup-gateway", "vm/"),
            service="backup-gateway",
            method="get_virtual_machine",
            arguments={"ResourceArn": "{arn}"},
            gone=frozenset({"ResourceNotFoundException"}),
        ),
    ),
    not_restored=(
        NotRestored("VMware Tools, which are installed again"),
        NotRestored("the networks of the machine, which are joined again"),
        NotRestored("a key pair, where it became an instance"),
    ),
    shapes=(ArnShape("backup-gateway", "vm/"),),
    listings=(
        Listing(
            service="backup-gateway",
            method="list_virtual_machines",
            found="VirtualMachines[].{arn: ResourceArn}",
        ),
    ),
    cold=True,
    copies=True,
    air_gapped=True,
    fully_managed=True,
    copies_source_tags=False,
    id_prefix="vm-",
    config_type="AWS::BackupGateway::VirtualMachine",
    audited=True,
    restore_forms=RESTORE,
)


@attrs.frozen
class DiskToRestore(Structure):
    """A disk of the machine."""

    disk_id: str
    label: str | None = None


@attrs.frozen(repr=False)
class VirtualMachine(Request):
    """Restore a point of a VMware virtual machine to VMware, to an EC2 instance, or one of its disks to an EBS volume.

    Every key of it is documented, not seen in use. VMware Tools are installed again by hand.

    Args:
        restore_to: ``VMware``, ``EC2Instance``, or the value for an EBS volume, which AWS publishes nowhere: take it
            from the console.
        hypervisor_arn: VMware, with ``vm_name``, ``vm_path``, ``compute_resource_name`` and ``vm_datastore``.
        vm_path: ``/datacenter/vm``.
        compute_resource_name: The cluster, not a host inside one.
        disks_to_restore: VMware: `DiskToRestore` for every disk, or nothing.
        items: Disks by themselves: of an EBS volume the one disk, on VMware those of a part.
        availability_zone: Of an EBS volume.
        iam_instance_profile_name: Of an instance; the role then needs ``iam:PassRole``.
        encrypted: Whether the volumes are encrypted.
        key: A KMS key for them.
        user_data: Of an instance; never shown. It has no key pair unless this adds one.
        extra_metadata: Keys that backupkit has no field for; they win.

    Raises:
        InvalidValueError: A name or value that AWS would refuse.
    """

    KIND: ClassVar[ResourceType] = TYPE
    FORMS: ClassVar[tuple[RestoreForm, ...]] = RESTORE

    restore_to: str
    hypervisor_arn: str | None = attrs.field(default=None, kw_only=True, converter=arn_or_none)
    vm_name: str | None = attrs.field(default=None, kw_only=True)
    vm_path: str | None = attrs.field(default=None, kw_only=True)
    compute_resource_name: str | None = attrs.field(default=None, kw_only=True)
    vm_datastore: str | None = attrs.field(default=None, kw_only=True)
    disks_to_restore: tuple[Structure | Mapping[str, object], ...] = attrs.field(
        default=(), converter=structures, kw_only=True, hash=False
    )
    items: tuple[str, ...] = attrs.field(default=(), converter=strings, kw_only=True, metadata=sends("ItemsToRestore"))
    instance_type: str | None = attrs.field(default=None, kw_only=True)
    vpc_id: str | None = attrs.field(default=None, kw_only=True)
    subnet_id: str | None = attrs.field(default=None, kw_only=True)
    security_group_ids: tuple[str, ...] = attrs.field(default=(), converter=strings, kw_only=True)
    iam_instance_profile_name: str | None = attrs.field(default=None, kw_only=True)
    instance_initiated_shutdown_behavior: str | None = attrs.field(default=None, kw_only=True)
    disable_api_termination: bool | None = attrs.field(default=None, kw_only=True)
    ebs_optimized: bool | None = attrs.field(default=None, kw_only=True)
    require_imdsv2: bool | None = attrs.field(default=None, kw_only=True)
    hibernation_options: Mapping[str, object] | None = attrs.field(default=None, kw_only=True, hash=False)
    placement: Mapping[str, object] | None = attrs.field(default=None, kw_only=True, hash=False)
    credit_specification: Mapping[str, object] | None = attrs.field(default=None, kw_only=True, hash=False)
    ramdisk_id: str | None = attrs.field(default=None, kw_only=True)
    kernel_id: str | None = attrs.field(default=None, kw_only=True)
    user_data: str | None = attrs.field(default=None, kw_only=True, repr=False)
    license_specifications: tuple[Structure | Mapping[str, object], ...] = attrs.field(
        default=(), converter=structures, kw_only=True, hash=False
    )
    network_interfaces: tuple[Structure | Mapping[str, object], ...] = attrs.field(
        default=(), converter=structures, kw_only=True, hash=False
    )
    key: str | None = attrs.field(default=None, kw_only=True, metadata=sends("KmsKeyId"), converter=arn_or_none)
    availability_zone: str | None = attrs.field(default=None, kw_only=True)
    ebs_volume_type: str | None = attrs.field(default=None, kw_only=True)
    encrypted: bool | None = attrs.field(default=None, kw_only=True, metadata=sends("IsEncrypted"))

    def _problems(self) -> Iterator[Problem]:
        known = next((each for each in _KNOWN if isinstance(self.restore_to, str) and self._is_nearly(each)), None)
        if known is not None:
            # A value that is not known means a volume, which nobody meant here.
            yield Problem("restore_to", f"{quote(self.restore_to)} is not spelled as AWS Backup does", f"write {known}")
            return
        yield from super()._problems()

    def _is_nearly(self, known: str) -> bool:
        return self.restore_to != known and self.restore_to.casefold() in {known.casefold(), known[:3].casefold()}
