"""What every type of resource behind a session promises, and what the types share."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping
from types import TracebackType
from typing import Any, Protocol, TypeAlias, TypeVar

import attrs

from backupkit.arn import Arn
from backupkit.emulator.kernel.resource_protocol import (
    RESTORE_TEST,
    Captured,
    Metadata,
    ResourceInfo,
    Restored,
    WorldError,
)
from backupkit.errors import ConfigurationError

__all__ = [
    "Client",
    "Kind",
    "SessionScope",
    "Settings",
    "TagsInBulk",
    "Taken",
    "Without",
    "check_marked",
    "entries",
    "gibibytes",
    "picked",
    "secret",
    "tag_list",
    "tagged",
    "tags_of",
    "untested",
]

Client: TypeAlias = Any  # boto3 makes its clients at run time; no type of theirs is needed beyond this room.
Content = TypeVar("Content")


@attrs.frozen
class SessionScope:
    """One account in one Region, as a session reaches it."""

    account_id: str
    region_name: str
    emulated: bool
    """Whether an emulator answers, which has resources but nothing in most of them."""
    client: Callable[[str], Client]
    """A boto3 client by its service's name."""
    partition: str = "aws"

    def key(self, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        """The parameters without ``KmsKeyId`` where that is a key of another Region: AWS takes its own key then."""
        key = str(parameters.get("KmsKeyId") or "")
        if key.startswith("arn:") and Arn.parse(key).region != self.region_name:
            return {name: value for name, value in parameters.items() if name != "KmsKeyId"}
        return parameters

    def arn(self, service: str, resource: str) -> str:
        """The ARN of a resource here."""
        return f"arn:{self.partition}:{service}:{self.region_name}:{self.account_id}:{resource}"


class Kind(Protocol[Content]):
    """One type of resource.

    Errors of botocore that a kind lets through become a `WorldError` in the session's world.
    """

    resource_type: str
    """AWS Backup's type string."""
    content: type[Content]
    """What a point of this kind holds: plain values, so that a snapshot of the local service can keep them."""
    emulated_only: bool
    """Whether no API reads what is in it, so that only an emulator's, which are empty, can be held."""

    def names(self, arn: Arn) -> bool:
        """Whether the ARN is one of a resource of this kind, as far as it can tell."""
        ...

    def resources(self, here: SessionScope) -> Iterator[ResourceInfo]:
        """Every resource of this kind."""
        ...

    def find(self, here: SessionScope, arn: Arn) -> ResourceInfo | None:
        """The resource, or None where it is not there or of another kind that shares its ARN."""
        ...

    def capture(self, here: SessionScope, arn: Arn) -> Captured:
        """Take everything a restore needs, out of a resource that has just been found.

        Raises:
            WorldError: It is no longer there, or cannot be held.
        """
        ...

    def restore(self, here: SessionScope, content: Content, metadata: Metadata, tags: Mapping[str, str]) -> Restored:
        """Make the resource again.

        Raises:
            WorldError: The metadata is wrong, or the target exists.
        """
        ...

    def discard(self, here: SessionScope, arn: Arn) -> None:
        """Delete what a restore test made.

        Raises:
            WorldError: No restore test made it.
        """
        ...


@attrs.frozen
class Settings:
    """A resource without content: the parameters that make it again, and its tags."""

    parameters: Mapping[str, Any]
    tags: Mapping[str, str]


class Without:
    """Ends its block quietly where AWS answers with one of the codes: what was asked for is not there."""

    def __init__(self, *codes: str) -> None:
        self._codes = codes

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> bool:
        return _code(error) in self._codes


class Taken:
    """Turns AWS's refusal of a name that is taken into a sentence with a way out."""

    def __init__(self, code: str, what: str, key: str) -> None:
        self._code, self._what, self._key = code, what, key

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if _code(error) == self._code:
            raise WorldError(f"{self._what} already exists; give another {self._key}") from error


def _code(error: BaseException | None) -> str | None:
    """AWS's code of an error; None where it is not an answer of AWS."""
    response: Mapping[str, Mapping[str, str]] = getattr(error, "response", None) or {}
    return response.get("Error", {}).get("Code")


def tags_of(listed: object) -> dict[str, str]:
    """Tags out of AWS's list of them; most answers leave the list out where there are none."""
    pairs: Any = listed or ()
    return {pair["Key"]: pair.get("Value", "") for pair in pairs}


def tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Tags as AWS's list of them."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def tagged(tags: Mapping[str, str]) -> dict[str, list[dict[str, str]]]:
    """The member ``Tags`` of a call; nothing where there are none, because some services refuse an empty list."""
    return {"Tags": tag_list(tags)} if tags else {}


def picked(described: Mapping[str, Any], names: str) -> dict[str, Any]:
    """The members of an answer that are there and tell something, by their names in one text."""
    return {name: described[name] for name in names.split() if described.get(name) not in (None, "", [], {})}


def entries(call: Callable[..., Mapping[str, Any]], member: str) -> Iterator[Mapping[str, Any]]:
    """Every entry of a listing for which botocore has no paginator."""
    more: dict[str, str] = {}
    while True:
        page = call(**more)
        yield from page.get(member, ())
        if not page.get("NextToken"):
            return
        more = {"NextToken": page["NextToken"]}


def gibibytes(count: int) -> int:
    """So many GiB in bytes."""
    return count * 2**30


def secret() -> str:
    """A new master password: no API reads that of the source, and nobody is told this one."""
    return f"Aa1{secrets.token_urlsafe(24)}"


def untested(arn: Arn, resource_type: str) -> WorldError:
    """The refusal to delete a resource of a type that restore testing does not have."""
    return WorldError(f"Resource {arn} was not made by a restore test, which {resource_type} does not have")


def check_marked(seen: ResourceInfo) -> None:
    """Refuse to delete a resource that AWS itself names, unless its tags, just read, say that a restore test made it.

    Raises:
        WorldError: It carries no mark of a restore test.
    """
    if not any(key.startswith(RESTORE_TEST) for key in seen.tags):
        raise WorldError(f"Resource {seen.arn} was not made by a restore test and is not deleted")


# ---- The tags of all resources of a type in a few calls, where their service tells them one at a time ----


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
        return {each["ResourceARN"]: tags_of(each["Tags"]) for page in pages for each in page["ResourceTagMappingList"]}
