"""The metadata of an EC2 restore, which mixes plain values with RunInstances' own shapes as JSON.

Source: the developer guide's page on restoring EC2, and what users found out about its requests.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from backupkit.emulator.kernel.resource_protocol import Metadata, WorldError
from backupkit.emulator.resources.types.kind import picked
from backupkit.emulator.resources.types.reading import Reading, document, documents, flag, keys, spelled, texts

__all__ = ["parameters", "told_of"]

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


def parameters(metadata: Metadata, profile: str | None) -> dict[str, Any]:
    """What the metadata asks of RunInstances.

    Args:
        metadata: The restore's.
        profile: The name of the source's instance profile, the only one that can be attached.

    Raises:
        WorldError: The metadata is wrong, or contradicts itself.
    """
    asked: dict[str, Any] = {
        # An empty list or object asks for nothing.
        name: value
        for name, value in _READING.parameters("EC2", metadata).items()
        if value not in ([], {})
    }
    if "NetworkInterfaces" in asked and asked.keys() & {"SubnetId", "SecurityGroupIds"}:
        raise WorldError(
            "Network interfaces and an instance-level subnet ID or security groups may not be specified on the same "
            'request; leave NetworkInterfaces out, or give it as "[]"'
        )
    if "Monitoring" in asked:
        # The metadata of a point tells a state, as DescribeInstances does, where RunInstances takes a switch.
        state = asked["Monitoring"]
        asked["Monitoring"] = {"Enabled": state.get("Enabled", state.get("State") == "enabled")}
    if asked.pop("RequireIMDSv2", False):
        asked["MetadataOptions"] = {"HttpTokens": "required"}
    return asked | _profile(asked.pop("IamInstanceProfileName", None), profile)


def _profile(asked: str | None, own: str | None) -> dict[str, Any]:
    if asked is None or (asked == _BACKED_UP and own is None):
        return {}
    if asked not in {own, _BACKED_UP}:
        raise WorldError(_FOREIGN_PROFILE)
    return {"IamInstanceProfile": {"Name": own}}


def told_of(told: Mapping[str, Any], kept: Mapping[str, Any]) -> dict[str, str]:
    """What AWS Backup tells of an instance; not all of it can be sent back, as with AWS."""
    groups = [group["GroupId"] for group in told.get("SecurityGroups", ())]
    interfaces = [_interface(each) for each in told.get("NetworkInterfaces", ())]
    return spelled(
        picked(told, "CapacityReservationSpecification CpuOptions KeyName Monitoring SubnetId VpcId InstanceType")
        | picked(kept, "DisableApiTermination EbsOptimized InstanceInitiatedShutdownBehavior")
        | {
            "HibernationOptions": told.get("HibernationOptions") or {"Configured": False},
            "NetworkInterfaces": interfaces,
            "Placement": picked(told.get("Placement", {}), "AvailabilityZone GroupName Tenancy"),
            "SecurityGroupIds": groups or sorted({group for each in interfaces for group in each["Groups"]}),
        }
    )


def _interface(told: Mapping[str, Any]) -> dict[str, Any]:
    attachment = told.get("Attachment", {})
    return picked(told, _INTERFACE) | {
        "DeviceIndex": attachment.get("DeviceIndex", 0),
        "Groups": [group["GroupId"] for group in told.get("Groups", ())],
        "PrivateIpAddress": told.get("PrivateIpAddress"),
        "SubnetId": told.get("SubnetId"),
    }
