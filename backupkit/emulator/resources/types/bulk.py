"""The tags of all resources of a type in a few calls, where their own service tells them one resource at a time."""

from __future__ import annotations

from backupkit.emulator.resources.types.kind import SessionScope, tags_of
from backupkit.errors import ConfigurationError

__all__ = ["TagsInBulk"]

_PAGE = 100


class TagsInBulk:
    """The Resource Groups Tagging API for one type, as long as it answers.

    AWS Backup itself selects resources by what this API tells. It tells of no resource without tags.

    Args:
        resource_type: The API's own name of the type, for example ``dynamodb:table``.
    """

    def __init__(self, resource_type: str) -> None:
        self._type = resource_type
        self._answers = True

    def of_all(self, here: SessionScope) -> dict[str, dict[str, str]] | None:
        """Tags by ARN; None where the session may not ask, or what is behind it does not know: ask one at a time."""
        if not self._answers:
            return None
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - botocore is at work already

        try:
            return self._read(here)
        except (BotoCoreError, ClientError, ConfigurationError, ImportError, NotImplementedError):
            self._answers = False
            return None

    def _read(self, here: SessionScope) -> dict[str, dict[str, str]]:
        client = here.client("resourcegroupstaggingapi")
        pages = client.get_paginator("get_resources").paginate(
            ResourceTypeFilters=[self._type], PaginationConfig={"PageSize": _PAGE}
        )
        return {told["ResourceARN"]: tags_of(told["Tags"]) for page in pages for told in page["ResourceTagMappingList"]}
