"""CloudFormation stacks: a composite of a template and of what the stack holds."""

from __future__ import annotations

from backupkit.catalog.neighbour import Look, NotRestored, Removal
from backupkit.catalog.resource_type import ArnShape, ResourceType

__all__ = ["TYPE"]

TYPE = ResourceType(
    name="CloudFormation",
    looks=(
        Look(
            shape=ArnShape("cloudformation", "stack/"),
            service="cloudformation",
            method="describe_stacks",
            arguments={"StackName": "{arn}"},
            state="Stacks[0].StackStatus",
            gone=frozenset({"ValidationError"}),
            gone_message="does not exist",
            gone_states=frozenset({"DELETE_IN_PROGRESS", "DELETE_COMPLETE"}),
        ),
    ),
    removal=Removal(
        shape=ArnShape("cloudformation", "stack/"),
        service="cloudformation",
        method="delete_stack",
        arguments={"StackName": "{arn}"},
    ),
    not_restored=(
        NotRestored("the resources: the stack waits in REVIEW_IN_PROGRESS", "cloudformation ExecuteChangeSet"),
        NotRestored("what stateful resources held", "a restore of each nested recovery point"),
    ),
    terraform="aws_cloudformation_stack",
    terraform_id="{first}",
    shapes=(ArnShape("cloudformation", "stack/"),),
    cold=True,
    copies=True,
    fully_managed=True,
)
