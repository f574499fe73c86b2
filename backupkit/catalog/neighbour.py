"""What a resource's own service says and does: whether it is there, how it is deleted, what a restore leaves out.

Sources: botocore's models of the services, for names and codes of errors; the developer guide's restore pages for what
does not come back.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import attrs

from backupkit.arn import Arn
from backupkit.catalog.arn_shape import ArnShape
from backupkit.serialization import Serializable

__all__ = [
    "CLUSTER",
    "CLUSTER_REMOVAL",
    "CLUSTER_TARGET",
    "Batch",
    "Listing",
    "Look",
    "NotRestored",
    "Removal",
    "Target",
    "arguments",
    "clusters",
]

Template: TypeAlias = "str | bool | tuple[str, ...]"
"""An argument with ``{arn}``, ``{name}``, ``{first}`` or ``{last}`` of the resource in it."""


@attrs.frozen
class Batch:
    """How a service is asked about many resources in one call; what is not in the answer is asked for by itself.

    Args:
        filter: The name of the filter that takes the resources' names, up to 100 of them.
        items: Where the answer holds the names and states of those that are there, as a JMESPath expression that gives
            lists of two.
    """

    filter: str
    items: str


@attrs.frozen(kw_only=True)
class Look:
    """How a service is asked whether a resource is there.

    Args:
        shape: The ARNs that it is for.
        service: boto3's name of the service.
        method: boto3's name of the operation.
        arguments: Its arguments.
        state: Where the answer holds the resource's state, as a JMESPath expression. Nothing there: it is gone.
        gone: Codes of errors that say that it is gone; every other error leaves it unknown.
        gone_message: What the message of such an error must hold, where the code says other things as well.
        gone_states: States of what is on its way out.
        usable: States in which it can be used; empty where the answer has no state.
        created: Where the answer tells when a resource was made whose name can be used again, as a JMESPath expression;
            empty where no other resource can have the ARN, or no answer tells.
        batch: How many are asked for in one call, where the service can; it does not tell when they were made.
    """

    shape: ArnShape
    service: str
    method: str
    arguments: Mapping[str, Template] = attrs.field(factory=dict)
    state: str = "'there'"
    gone: frozenset[str] = frozenset()
    gone_message: str = ""
    gone_states: frozenset[str] = frozenset()
    usable: frozenset[str] = frozenset()
    created: str = ""
    batch: Batch | None = None


@attrs.frozen(kw_only=True)
class Listing:
    """How a service lists the resources of a type that are there.

    Args:
        service: boto3's name of the service.
        method: boto3's name of the operation.
        found: A JMESPath expression over an answer: for each resource its ``arn`` or ``id``, and its ``tags`` where the
            list tells them.
        arn: Its ARN, where the list tells an id only, with ``{partition}``, ``{region}``, ``{account}`` and ``{id}``.
        arguments: What is asked, with ``{region}`` in it.
    """

    service: str
    method: str
    found: str
    arn: str = "{arn}"
    arguments: Mapping[str, str] = attrs.field(factory=dict)


@attrs.frozen(kw_only=True)
class Removal:
    """How a resource is deleted that a restore made.

    Args:
        shape: The ARNs that it is for.
        service: boto3's name of the service.
        method: boto3's name of the operation.
        arguments: Its arguments.
        first: What must go before it: ``objects`` of a bucket, ``instances`` of a cluster and its protection, ``mount
            targets``, ``attachments`` of a volume, the ``protection`` of an instance against deletion.
    """

    shape: ArnShape
    service: str
    method: str
    arguments: Mapping[str, Template]
    first: str = ""


@attrs.frozen
class Target:
    """The key of restore metadata that names what is made, and the ARN of what is called so.

    Args:
        key: The key.
        shape: The ARN, with ``{partition}``, ``{region}``, ``{account}`` and ``{value}`` in it.
        new: What a typed request says that makes a new one; empty: there is nothing to say.
        within: The key that names what it lies in, ``{within}`` of the shape; empty: there is none.
        existing: Whether it only names what is there already; AWS picks the name of what is made.
    """

    key: str
    shape: str
    existing: bool = False
    new: str = ""
    within: str = ""

    def arn(self, place: Arn, metadata: Mapping[str, str]) -> str | None:
        """Return the ARN of what the metadata names where ``place`` is; None where it names nothing."""
        given = {key.casefold(): value for key, value in metadata.items()}
        value, within = given.get(self.key.casefold()), given.get(self.within.casefold(), "")
        if value is None or (self.within and not within):
            return None
        return self.shape.format(
            partition=place.partition, region=place.region, account=place.account, value=value, within=within
        )


@attrs.frozen
class NotRestored(Serializable):
    """Something that does not come back, and the call that sets it again.

    Args:
        what: What is missing.
        call: The service's operation that sets it; empty where there is none.
    """

    what: str
    call: str = ""

    def __str__(self) -> str:
        return f"{self.what}: {self.call}" if self.call else self.what


def arguments(templates: Mapping[str, Template], arn: Arn) -> dict[str, str | bool | list[str]]:
    """Return the arguments of a call about the resource."""
    parts = arn.name.split("/")
    words = {"arn": str(arn), "name": arn.name, "first": parts[0], "last": parts[-1]}
    return {
        name: value
        if isinstance(value, bool)
        else value.format(**words)
        if isinstance(value, str)
        else [each.format(**words) for each in value]
        for name, value in templates.items()
    }


CLUSTER = Look(
    shape=ArnShape("rds", "cluster:"),
    service="rds",
    method="describe_db_clusters",
    arguments={"DBClusterIdentifier": "{name}"},
    state="DBClusters[0].Status",
    gone=frozenset({"DBClusterNotFoundFault", "DBClusterNotFound"}),
    gone_states=frozenset({"deleting"}),
    usable=frozenset({"available"}),
    created="DBClusters[0].ClusterCreateTime",
)
"""Clusters of Aurora, DocumentDB, Neptune and RDS, whose ARNs are alike; the API of RDS tells of all."""


def clusters(*engines: str) -> Listing:
    """How database clusters of these engines are listed."""
    chosen = " || ".join(f"Engine=='{engine}'" for engine in engines)
    return Listing(
        service="rds",
        method="describe_db_clusters",
        found=f"DBClusters[?Status!='deleting' && ({chosen})].{{arn: DBClusterArn, tags: TagList}}",
    )


CLUSTER_REMOVAL = Removal(
    shape=ArnShape("rds", "cluster:"),
    service="rds",
    method="delete_db_cluster",
    arguments={"DBClusterIdentifier": "{name}", "SkipFinalSnapshot": True},
    first="instances",
)

CLUSTER_TARGET = Target("dbClusterIdentifier", "arn:{partition}:rds:{region}:{account}:cluster:{value}")
"""What names a restored cluster."""
