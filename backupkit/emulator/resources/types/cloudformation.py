"""CloudFormation stacks: their template and parameters; the resources in them are backed up as what they are.

A restore makes a change set for a new stack, which somebody must look at and execute; until then nothing is created.
Source: the developer guide's pages on stack backups and on restoring application stacks. A template of more than 51,200
bytes is refused by CloudFormation, which takes such ones from a bucket only.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from backupkit.arn import Arn
from backupkit.emulator.kernel.resource_protocol import Captured, Metadata, ResourceInfo, Restored, WorldError
from backupkit.emulator.resources.types.kind import Client, SessionScope, Without, tagged, tags_of, untested
from backupkit.emulator.resources.types.reading import Reading, document, keys, text

__all__ = ["Stacks"]

_READING = Reading(
    keys("ChangeSetName StackName")
    | {"ChangeSetDescription": ("Description", text)}
    | keys("StackParameters", document)
)
_GONE = "DELETE_COMPLETE"
_HIDDEN = "****"
"""What CloudFormation tells in place of a parameter with NoEcho."""
_MEMBERS = {
    "AWS::DSQL::Cluster": ("dsql", "cluster/"),
    "AWS::DocDB::DBCluster": ("rds", "cluster:"),
    "AWS::DynamoDB::Table": ("dynamodb", "table/"),
    "AWS::EC2::Instance": ("ec2", "instance/"),
    "AWS::EC2::Volume": ("ec2", "volume/"),
    "AWS::EFS::FileSystem": ("elasticfilesystem", "file-system/"),
    "AWS::FSx::FileSystem": ("fsx", "file-system/"),
    "AWS::Neptune::DBCluster": ("rds", "cluster:"),
    "AWS::RDS::DBCluster": ("rds", "cluster:"),
    "AWS::RDS::DBInstance": ("rds", "db:"),
    "AWS::Redshift::Cluster": ("redshift", "cluster:"),
}
"""How the ARNs of the resources begin whose name CloudFormation tells."""


@attrs.frozen
class StackContent:
    """A stack as it was."""

    template: str
    parameters: Mapping[str, str]
    capabilities: tuple[str, ...]


class Stacks:
    """CloudFormation stacks."""

    resource_type = "CloudFormation"
    content = StackContent
    emulated_only = False

    def names(self, arn: Arn) -> bool:
        """Whether the ARN is a stack's."""
        return arn.service == "cloudformation" and arn.kind == "stack"

    def resources(self, here: SessionScope) -> Iterator[ResourceInfo]:
        """Every stack with its tags; what it is made of is told by `find` alone, which costs calls of its own."""
        for page in here.client("cloudformation").get_paginator("describe_stacks").paginate():
            yield from (_seen(entry) for entry in page["Stacks"] if entry["StackStatus"] != _GONE)

    def find(self, here: SessionScope, arn: Arn) -> ResourceInfo | None:
        """The stack and what it is made of, or None where it is not there or deleted."""
        client = here.client("cloudformation")
        entry = _described(client, str(arn))
        return attrs.evolve(_seen(entry), members=dict(_members(here, str(arn)))) if entry is not None else None

    def capture(self, here: SessionScope, arn: Arn) -> Captured:
        """Its template and parameters."""
        client = here.client("cloudformation")
        entry = _described(client, str(arn))
        if entry is None:
            raise WorldError(f"Resource {arn} does not exist")
        body = client.get_template(StackName=str(arn), TemplateStage="Original")["TemplateBody"]
        # botocore makes an object of a template in JSON, and leaves one in YAML as it is.
        template = body if isinstance(body, str) else json.dumps(body)
        parameters = {each["ParameterKey"]: each["ParameterValue"] for each in entry.get("Parameters", ())}
        content = StackContent(template, parameters, tuple(entry.get("Capabilities", ())))
        return Captured(content, len(template.encode()), {"StackName": entry["StackName"]}, tags_of(entry.get("Tags")))

    def restore(
        self, here: SessionScope, content: StackContent, metadata: Metadata, tags: Mapping[str, str]
    ) -> Restored:
        """Make the change set ``ChangeSetName`` for a new stack ``StackName``.

        Raises:
            WorldError: The metadata is wrong, a parameter cannot be read, or there is a stack of that name.
        """
        name = metadata.need("StackName")
        metadata.need("ChangeSetName")
        params = _READING.parameters(self.resource_type, metadata)
        values = _parameters(content, params.pop("StackParameters", {}))
        client = here.client("cloudformation")
        if _described(client, name) is not None:
            raise WorldError(f"Stack {name} already exists; give another StackName, or delete it first")
        made = client.create_change_set(
            ChangeSetType="CREATE",
            TemplateBody=content.template,
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in values.items()],
            Capabilities=list(content.capabilities),
            **params,
            **tagged(tags),
        )
        return Restored(made["StackId"])

    def discard(self, here: SessionScope, arn: Arn) -> None:  # noqa: ARG002 - the shape of them all
        """Refuse: restore testing does not have CloudFormation."""
        raise untested(arn, self.resource_type)


def _described(client: Client, name: str) -> Mapping[str, Any] | None:
    """The stack; None where there is none, or one that is deleted and still told of for some time."""
    with Without("ValidationError"):
        entry: Mapping[str, Any] = client.describe_stacks(StackName=name)["Stacks"][0]
        return entry if entry["StackStatus"] != _GONE else None
    return None


def _seen(entry: Mapping[str, Any]) -> ResourceInfo:
    return ResourceInfo(entry["StackId"], "CloudFormation", tags_of(entry.get("Tags")), entry["StackName"])


def _members(here: SessionScope, stack: str) -> Iterator[tuple[str, str]]:
    """The ARNs of what the stack is made of, as far as AWS Backup knows the types, by their logical ids."""
    for page in here.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=stack):
        for entry in page["StackResourceSummaries"]:
            arn = _arn(here, entry["ResourceType"], entry.get("PhysicalResourceId") or "")
            if arn is not None:
                yield entry["LogicalResourceId"], arn


def _arn(here: SessionScope, cloudformation_type: str, name: str) -> str | None:
    match cloudformation_type:
        case _ if not name:
            return None
        case "AWS::S3::Bucket":
            return f"arn:{here.partition}:s3:::{name}"
        case "AWS::CloudFormation::Stack":
            return name
        case _ if cloudformation_type in _MEMBERS:
            service, kind = _MEMBERS[cloudformation_type]
            return here.arn(service, kind + name)
        case _:
            return None


def _parameters(content: StackContent, params: object) -> dict[str, str]:
    """The source's parameters with those of the metadata.

    Raises:
        WorldError: One that CloudFormation keeps to itself is not in the metadata.
    """
    given = {key: str(value) for key, value in params.items()} if isinstance(params, dict) else {}
    values = {**content.parameters, **given}
    hidden = sorted(key for key, value in values.items() if value == _HIDDEN)
    if hidden:
        raise WorldError(f"CloudFormation does not tell the parameter {', '.join(hidden)}; give it in StackParameters")
    return values
