"""CloudFormation stacks: a composite of a template and of what the stack holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import attrs

from backupkit.catalog.metadata_key import Encoding, MetadataKey
from backupkit.catalog.names import STACK_NAME
from backupkit.catalog.neighbour import Listing, Look, NotRestored, Removal
from backupkit.catalog.request import Request
from backupkit.catalog.resource_type import ArnShape, ResourceType
from backupkit.catalog.restore_form import RestoreForm

__all__ = ["TYPE", "CloudFormationStack"]

RESTORE = (
    RestoreForm(
        name="a new stack with a change set",
        source="restore-application-stacks.md",
        keys=(
            MetadataKey("StackName", required=True, pattern=STACK_NAME),
            MetadataKey("ChangeSetName", required=True, pattern=STACK_NAME, default="restored"),
            MetadataKey("ChangeSetDescription"),
            MetadataKey(
                "StackParameters", Encoding.OBJECT, secret=True, source="the shape of its elements is published nowhere"
            ),
        ),
    ),
)
"""What StartRestoreJob takes."""

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
    listings=(
        Listing(
            service="cloudformation",
            method="describe_stacks",
            found="Stacks[?StackStatus!='DELETE_COMPLETE'].{arn: StackId, tags: Tags}",
        ),
    ),
    cold=True,
    copies=True,
    copies_across_accounts=False,
    fully_managed=True,
    config_type="AWS::CloudFormation::Stack",
    audited=True,
    composite=True,
    restore_forms=RESTORE,
)


@attrs.frozen(repr=False)
class CloudFormationStack(Request):
    """Restore the template of a stack to a new stack, which waits in REVIEW_IN_PROGRESS with a change set to execute.

    Every key of it is documented, not seen in use. The point of the template is restored, never the composite above it;
    what stateful resources held is restored from the nested points afterwards.

    Args:
        stack_name: The new stack: up to 128 letters, digits and hyphens, a letter first.
        change_set_name: None: ``restored``.
        change_set_description: For people.
        stack_parameters: The values of the template's parameters by their names; never shown. Their shape is published
            nowhere.
        extra_metadata: Keys that backupkit has no field for; they win.

    Raises:
        InvalidValueError: A name or value that AWS would refuse.
    """

    KIND: ClassVar[ResourceType] = TYPE
    FORMS: ClassVar[tuple[RestoreForm, ...]] = RESTORE

    stack_name: str
    change_set_name: str | None = attrs.field(default=None, kw_only=True)
    change_set_description: str | None = attrs.field(default=None, kw_only=True)
    stack_parameters: Mapping[str, str] | None = attrs.field(default=None, kw_only=True, hash=False, repr=False)
