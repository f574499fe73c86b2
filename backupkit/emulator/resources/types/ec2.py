"""EC2 instances, as far as an emulator has them: their attributes, and their volumes with the blocks that it keeps.

AWS starts the new instance from the image that the backup is; here it is started from the source's image with the
volumes of the backup in the place of the image's. The metadata of a restore mixes plain values with RunInstances' own
shapes as JSON. Source: the developer guide's page on restoring EC2, and what users found out about its requests.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack
from typing import Any

import attrs

from backupkit.arn import Arn
from backupkit.emulator.kernel.resource_protocol import (
    Captured,
    Inspected,
    Metadata,
    ResourceInfo,
    Restored,
    WorldError,
)
from backupkit.emulator.resources.types.ebs import VolumeContent, held_of, written_snapshot
from backupkit.emulator.resources.types.kind import (
    SessionScope,
    Without,
    check_marked,
    gibibytes,
    picked,
    tag_list,
    tags_of,
)
from backupkit.emulator.resources.types.reading import Reading, document, documents, flag, keys, spelled, texts

__all__ = ["Instances"]

# ---- The metadata of a restore ----


_BACKED_UP = "UseBackedUpValue"
_FOREIGN_PROFILE = (
    "AWS Backup does not permit attaching a new instance profile to an EC2 instance. "
    "Please restore using the backed up instance profile."
)
_READING = Reading(
    keys("IamInstanceProfileName InstanceInitiatedShutdownBehavior InstanceType KeyName KernelId RamdiskId SubnetId")
    | keys("DisableApiTermination EbsOptimized RequireIMDSv2", flag)
    | keys("SecurityGroupIds", texts)
    | keys(
        "CapacityReservationSpecification CpuOptions CreditSpecification HibernationOptions InstanceMarketOptions "
        "Monitoring Placement",
        document,
    )
    | keys("BlockDeviceMappings ElasticGpuSpecification LicenseSpecifications NetworkInterfaces", documents)
    # The guide's page on restore testing spells it so.
    | {"requiredImdsV2": ("RequireIMDSv2", flag)},
    frozenset(keys("Architecture EnaSupport Platform RootDeviceType UserData VirtualizationType VpcId")),
)
_INTERFACE = "AssociatePublicIpAddress DeleteOnTermination Description Groups InterfaceType NetworkInterfaceId"


def launch_parameters(metadata: Metadata, profile: str | None) -> dict[str, Any]:
    """What the metadata asks of RunInstances.

    Args:
        metadata: The restore's.
        profile: The name of the source's instance profile, the only one that can be attached.

    Raises:
        WorldError: The metadata is wrong, or contradicts itself.
    """
    params: dict[str, Any] = {
        # An empty list or object asks for nothing.
        name: value
        for name, value in _READING.parameters("EC2", metadata).items()
        if value not in ([], {})
    }
    if "NetworkInterfaces" in params and params.keys() & {"SubnetId", "SecurityGroupIds"}:
        raise WorldError(
            "Network interfaces and an instance-level subnet ID or security groups may not be specified on the same "
            'request; leave NetworkInterfaces out, or give it as "[]"'
        )
    if "Monitoring" in params:
        # The metadata of a point tells a state, as DescribeInstances does, where RunInstances takes a switch.
        state = params["Monitoring"]
        params["Monitoring"] = {"Enabled": state.get("Enabled", state.get("State") == "enabled")}
    if params.pop("RequireIMDSv2", False):
        params["MetadataOptions"] = {"HttpTokens": "required"}
    return params | _profile(params.pop("IamInstanceProfileName", None), profile)


def _profile(params: str | None, own: str | None) -> dict[str, Any]:
    if params is None or (params == _BACKED_UP and own is None):
        return {}
    if params not in {own, _BACKED_UP}:
        raise WorldError(_FOREIGN_PROFILE)
    return {"IamInstanceProfile": {"Name": own}}


def source_metadata(entry: Mapping[str, Any], kept: Mapping[str, Any]) -> dict[str, str]:
    """What AWS Backup tells of an instance; not all of it can be sent back, as with AWS."""
    groups = [group["GroupId"] for group in entry.get("SecurityGroups", ())]
    interfaces = [_interface(each) for each in entry.get("NetworkInterfaces", ())]
    return spelled(
        picked(entry, "CapacityReservationSpecification CpuOptions KeyName Monitoring SubnetId VpcId InstanceType")
        | picked(kept, "DisableApiTermination EbsOptimized InstanceInitiatedShutdownBehavior")
        | {
            "HibernationOptions": entry.get("HibernationOptions") or {"Configured": False},
            "NetworkInterfaces": interfaces,
            "Placement": picked(entry.get("Placement", {}), "AvailabilityZone GroupName Tenancy"),
            "SecurityGroupIds": groups or sorted({group for each in interfaces for group in each["Groups"]}),
        }
    )


def _interface(entry: Mapping[str, Any]) -> dict[str, Any]:
    attachment = entry.get("Attachment", {})
    return picked(entry, _INTERFACE) | {
        "DeviceIndex": attachment.get("DeviceIndex", 0),
        "Groups": [group["GroupId"] for group in entry.get("Groups", ())],
        "PrivateIpAddress": entry.get("PrivateIpAddress"),
        "SubnetId": entry.get("SubnetId"),
    }


# ---- Instances ----
# AWS starts the new instance from the image that the backup is; here it is started from the source's image with the
# volumes of the backup in the place of the image's. Source: the developer guide's page on restoring EC2.


_THERE = ("pending", "running", "stopping", "stopped")
_KEPT = "EbsOptimized ImageId InstanceType KeyName"
_OTHER_ATTRIBUTES = {
    "disableApiTermination": "DisableApiTermination",
    "instanceInitiatedShutdownBehavior": "InstanceInitiatedShutdownBehavior",
}


@attrs.frozen
class Disk:
    """A volume of an instance."""

    device: str
    volume: VolumeContent
    volume_type: str
    iops: int | None
    throughput: int | None
    deleted_with_instance: bool


@attrs.frozen
class InstanceContent:
    """An EC2 instance as it was; its user data is not backed up."""

    parameters: Mapping[str, Any]
    profile: str | None
    disks: tuple[Disk, ...]

    def inspected(self) -> Inspected:
        """The malware on its volumes."""
        found = {f"{disk.device} {item}" for disk in self.disks for item in disk.volume.inspected().malware}
        return Inspected(None, frozenset(found))


class Instances:
    """EC2 instances that are not terminated."""

    resource_type = "EC2"
    content = InstanceContent
    emulated_only = True

    def names(self, arn: Arn) -> bool:
        """Whether the ARN is an instance's."""
        return arn.service == "ec2" and arn.kind == "instance"

    def resources(self, here: SessionScope) -> Iterator[ResourceInfo]:
        """Every instance; one answer tells its tags, too."""
        there = [{"Name": "instance-state-name", "Values": list(_THERE)}]
        for page in here.client("ec2").get_paginator("describe_instances").paginate(Filters=there):
            yield from (_seen(here, entry) for group in page["Reservations"] for entry in group["Instances"])

    def find(self, here: SessionScope, arn: Arn) -> ResourceInfo | None:
        """The instance, or None where it is not there or terminated."""
        with Without("InvalidInstanceID.NotFound", "InvalidInstanceID.Malformed"):
            entry = _described(here, arn.name)
            return _seen(here, entry) if entry["State"]["Name"] in _THERE else None
        return None

    def capture(self, here: SessionScope, arn: Arn) -> Captured:
        """Its attributes, and its volumes with their blocks."""
        entry = _described(here, arn.name)
        disks = tuple(_disks(here, entry))
        kept = picked(entry, _KEPT)
        for attribute, name in _OTHER_ATTRIBUTES.items():
            answer = here.client("ec2").describe_instance_attribute(InstanceId=arn.name, Attribute=attribute)
            kept[name] = answer[name]["Value"]
        profile = entry.get("IamInstanceProfile", {}).get("Arn")
        content = InstanceContent(kept, Arn.parse(profile).name if profile else None, disks)
        size = sum(gibibytes(disk.volume.size_gib) for disk in disks)
        return Captured(content, size, source_metadata(entry, kept), tags_of(entry.get("Tags")))

    def restore(
        self, here: SessionScope, content: InstanceContent, metadata: Metadata, tags: Mapping[str, str]
    ) -> Restored:
        """Start a new instance with the volumes of the backup.

        Raises:
            WorldError: The metadata is wrong.
        """
        params = launch_parameters(metadata, content.profile)
        changes = {each.get("DeviceName"): each.get("Ebs", {}) for each in params.pop("BlockDeviceMappings", [])}
        wanted = {**content.parameters, **params, "MinCount": 1, "MaxCount": 1}
        if tags:
            wanted["TagSpecifications"] = [{"ResourceType": "instance", "Tags": tag_list(tags)}]
        with ExitStack() as snapshots:
            wanted["BlockDeviceMappings"] = [
                _mapping(
                    here, disk, snapshots.enter_context(_snapshot(here, disk.volume)), changes.get(disk.device, {})
                )
                for disk in content.disks
            ]
            made = here.client("ec2").run_instances(**wanted)["Instances"][0]["InstanceId"]
        return Restored(here.arn("ec2", f"instance/{made}"))

    def discard(self, here: SessionScope, arn: Arn) -> None:
        """Terminate an instance that carries the mark of a restore test, and what volumes go with it."""
        with Without("InvalidInstanceID.NotFound"):
            check_marked(_seen(here, _described(here, arn.name)))
            here.client("ec2").terminate_instances(InstanceIds=[arn.name])


def _described(here: SessionScope, name: str) -> Mapping[str, Any]:
    groups = here.client("ec2").describe_instances(InstanceIds=[name])["Reservations"]
    entry: Mapping[str, Any] = groups[0]["Instances"][0]
    return entry


def _seen(here: SessionScope, entry: Mapping[str, Any]) -> ResourceInfo:
    tags = tags_of(entry.get("Tags"))
    return ResourceInfo(
        here.arn("ec2", f"instance/{entry['InstanceId']}"), "EC2", tags, tags.get("Name", entry["InstanceId"])
    )


def _disks(here: SessionScope, entry: Mapping[str, Any]) -> Iterator[Disk]:
    attached = {each["Ebs"]["VolumeId"]: each for each in entry.get("BlockDeviceMappings", ()) if "Ebs" in each}
    if not attached:
        return
    for page in here.client("ec2").get_paginator("describe_volumes").paginate(VolumeIds=list(attached)):
        for volume in page["Volumes"]:
            mapping = attached[volume["VolumeId"]]
            yield Disk(
                mapping["DeviceName"],
                held_of(here, volume),
                volume["VolumeType"],
                volume.get("Iops"),
                volume.get("Throughput"),
                mapping["Ebs"].get("DeleteOnTermination", False),
            )


def _snapshot(here: SessionScope, volume: VolumeContent) -> AbstractContextManager[str]:
    return written_snapshot(here, volume.size_gib, volume.blocks, {})


def _mapping(here: SessionScope, disk: Disk, snapshot_id: str, changes: Mapping[str, Any]) -> dict[str, Any]:
    """The volume as RunInstances takes it, with what the metadata changes about it."""
    ebs: dict[str, Any] = {
        "SnapshotId": snapshot_id,
        "VolumeSize": disk.volume.size_gib,
        "VolumeType": disk.volume_type,
        "DeleteOnTermination": disk.deleted_with_instance,
    }
    # gp2 and the magnetic types have a rate of their own, which EC2 tells and does not take.
    if disk.iops and disk.volume_type in {"gp3", "io1", "io2"}:
        ebs["Iops"] = disk.iops
    if disk.throughput:
        ebs["Throughput"] = disk.throughput
    ebs |= disk.volume.encryption(here)
    return {
        "DeviceName": disk.device,
        "Ebs": ebs | {name: value for name, value in changes.items() if value is not None},
    }
