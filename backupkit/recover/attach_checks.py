"""What is looked at before a volume is restored that is to be attached to an instance."""

from __future__ import annotations

from collections.abc import Iterator

from backupkit.catalog import RestoreRequest
from backupkit.errors import NeighbourError
from backupkit.neighbours import Neighbours
from backupkit.recover.preflight import PreflightCheck, Verdict

__all__ = ["attach_checks"]

_NAME = "attach_to"


def attach_checks(neighbours: Neighbours, request: RestoreRequest, *, again: bool) -> Iterator[PreflightCheck]:
    """Tell whether the instance is there, in the zone of the volume, and has the device free.

    Args:
        neighbours: Who is asked.
        request: What is restored.
        again: Whether an earlier restore of the same data may hold the device.
    """
    instance, device = getattr(request, "attach_to", None), getattr(request, "device", None)
    if instance is None:
        return
    try:
        answer = neighbours.ask("ec2", "describe_instances", {"InstanceIds": [instance]})
    except NeighbourError as error:
        if "NotFound" in error.code:
            yield PreflightCheck(_NAME, Verdict.PROBLEM, f"{instance} is not there", "name one that is")
        else:
            yield PreflightCheck(_NAME, Verdict.UNKNOWN, f"{instance} was not looked at: {error}")
        return
    if answer is None:
        yield PreflightCheck(_NAME, Verdict.UNKNOWN, "not looked at: this connection cannot ask ec2")
        return
    found = answer["Reservations"][0]["Instances"][0]
    here, wanted = found["Placement"]["AvailabilityZone"], getattr(request, "availability_zone", None)
    taken = {each["DeviceName"] for each in found.get("BlockDeviceMappings", ())}
    if here != wanted:
        yield PreflightCheck(_NAME, Verdict.PROBLEM, f"{instance} is in {here}, not in {wanted}", "give its zone")
    elif device in taken and not again:
        hint = f"give another device than {', '.join(sorted(taken))}"
        yield PreflightCheck(_NAME, Verdict.PROBLEM, f"{instance} has something at {device}", hint)
    else:
        yield PreflightCheck(_NAME, Verdict.FINE, f"{instance} is in {here}, and {device} is free")
