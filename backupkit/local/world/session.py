"""The resources behind a boto3 session: its DynamoDB tables and S3 buckets, whose content really is captured."""

from __future__ import annotations

import os
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from backupkit.arn import Arn
from backupkit.errors import ConfigurationError
from backupkit.local.world import dynamodb, s3
from backupkit.local.world.dynamodb import Client, TableContent
from backupkit.local.world.metadata import Metadata
from backupkit.local.world.s3 import Blobs, BucketContent
from backupkit.local.world.seam import Captured, Restored, Seen, WorldError

if TYPE_CHECKING:
    import boto3
    import botocore.session

__all__ = ["SessionWorld", "private_moto_session"]


def private_moto_session(region_name: str = "us-east-1") -> boto3.Session:
    """A boto3 session whose calls end in moto, in this process, while every other session goes where it always goes.

    Nothing global is switched: neither ``mock_aws`` nor the environment. No profile, file or variable leads the session
    elsewhere, and what moto does not answer is refused, never sent. What moto holds is shared by all such sessions of
    the process, and a ``mock_aws`` that a test opens empties it.

    Raises:
        ConfigurationError: moto is not installed, or AWS_PROFILE names no profile.
    """
    import boto3  # noqa: PLC0415 - importing backupkit must not import boto3
    from botocore.exceptions import ProfileNotFound  # noqa: PLC0415

    try:
        from moto.core.botocore_stubber import BotocoreStubber  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise ConfigurationError(
            "moto is not installed, so there is no DynamoDB and S3 on this machine; install backupkit[local]"
        ) from error
    try:
        boto3.Session()  # moto makes one for itself, out of the environment
    except ProfileNotFound as error:
        raise ConfigurationError(f"moto cannot start: {error}; unset AWS_PROFILE, or make that profile") from error
    session = boto3.Session(
        aws_access_key_id="backupkit-local",
        aws_secret_access_key="backupkit-local",  # noqa: S106 - moto takes any
        region_name=region_name,
        botocore_session=_unconfigured(),
    )
    stubber = BotocoreStubber()
    stubber.enabled = True
    # A handler of "before-send" answers a request by returning a response, which the stubs of boto3 do not know.
    register: Any = session.events.register_first
    register("before-send", _OnlyMoto(stubber))
    return session


def _unconfigured() -> botocore.session.Session:
    """A session that no environment variable and no file leads elsewhere: not to a profile, not to an endpoint."""
    import botocore.session  # noqa: PLC0415 - importing backupkit must not import botocore

    # Each: its name in the file, its name in the environment, its value, its conversion.
    fixed: Any = {
        "profile": (None, None, None, None),
        "config_file": (None, None, os.devnull, None),
        "credentials_file": (None, None, os.devnull, None),
        "account_id_endpoint_mode": (None, None, "disabled", None),
        "ignore_configured_endpoint_urls": (None, None, True, None),
        "use_fips_endpoint": (None, None, False, None),
        "use_dualstack_endpoint": (None, None, False, None),
    }
    return botocore.session.Session(session_vars=fixed)


class _OnlyMoto:
    """Answers every request with moto's answer; where moto has none, nothing is sent either.

    Args:
        stubber: moto's own handler of "before-send", which returns None where it does not know an address.
    """

    def __init__(self, stubber: Callable[..., object]) -> None:
        self._stubber = stubber

    def __call__(self, event_name: str, request: Any, **more: object) -> object:
        answer = self._stubber(event_name=event_name, request=request, **more)
        if answer is None:
            raise ConfigurationError(
                f"moto does not answer {request.method} {request.url}, and nothing leaves this process; "
                "use a session of your own for it"
            )
        return answer


class SessionWorld:
    """DynamoDB tables and S3 buckets of one account, in every Region that is asked about.

    Args:
        session: Any boto3 session: with `private_moto_session` nothing leaves the process.
        account_id: The session's account; without it, AWS is asked (STS).
    """

    def __init__(self, session: boto3.Session, *, account_id: str | None = None) -> None:
        self._session = session
        self._account = account_id
        self._clients: dict[tuple[str, str], Client] = {}
        self._blobs: Blobs = weakref.WeakValueDictionary()

    def resources(self, account_id: str, region_name: str) -> Iterator[Seen]:
        """Every table and bucket of the account in the Region; none where the session is another account's."""
        if account_id != self._account_id():
            return
        tables = self._client("dynamodb", region_name)
        for name in dynamodb.table_names(tables):
            yield self._table(tables, f"arn:aws:dynamodb:{region_name}:{account_id}:table/{name}")
        for entry in self._client("s3", region_name).list_buckets().get("Buckets", []):
            if self._region_of(entry["Name"], region_name) == region_name:
                yield self._bucket(f"arn:aws:s3:::{entry['Name']}", region_name)

    def find(self, arn: str, account_id: str, region_name: str) -> Seen | None:
        """The table or bucket, or None where it is not there or of another type."""
        parsed = Arn.parse(arn)
        if account_id != self._account_id():
            return None
        if parsed.service == "dynamodb" and parsed.kind == "table" and parsed.region == region_name:
            return self._found_table(arn, region_name)
        if parsed.service == "s3" and self._region_of(parsed.resource, region_name) == region_name:
            return self._bucket(arn, region_name)
        return None

    def capture(self, arn: str, account_id: str, region_name: str, now: datetime) -> Captured:  # noqa: ARG002
        """Read the whole table or bucket.

        Raises:
            WorldError: It is not there, or of another type.
        """
        seen = self.find(arn, account_id, region_name)
        if seen is None:
            raise WorldError(f"Resource {arn} does not exist")
        name = Arn.parse(arn).name
        content: TableContent | BucketContent
        if seen.resource_type == "DynamoDB":
            content = dynamodb.capture_table(self._client("dynamodb", region_name), name)
            return Captured(content, content.size_bytes(), {"originalTableName": name}, seen.tags)
        content = s3.capture_bucket(self._client("s3", region_name), name, self._blobs)
        return Captured(content, content.size_bytes(), {}, seen.tags)

    def restore(
        self,
        content: object,
        resource_type: str,
        metadata: Mapping[str, str],
        *,
        account_id: str,
        region_name: str,
        now: datetime,  # noqa: ARG002 - the world's seam
        tags: Mapping[str, str],
    ) -> Restored:
        """Make the table again, or put the objects back.

        Raises:
            WorldError: The metadata is wrong, the target is there (or, for objects, is not), or AWS refuses.
        """
        if account_id != self._account_id():
            raise WorldError(f"The session cannot restore into account {account_id}")
        given = Metadata(metadata)
        match content:
            case TableContent():
                tables = self._client("dynamodb", region_name)
                return Restored(dynamodb.restore_table(tables, content, given.need("targetTableName"), tags))
            case BucketContent():
                return s3.restore_bucket(self._client("s3", region_name), content, given, region_name, tags)
            case _:
                raise WorldError(f"This recovery point holds no {resource_type} that a session can restore")

    def discard(self, arn: str, account_id: str, region_name: str) -> None:
        """Delete a table or bucket that a restore test made; what is gone already stays gone.

        Raises:
            WorldError: Its name is none that a restore test gives, or AWS refuses.
        """
        seen = self.find(arn, account_id, region_name)
        if seen is None:
            return
        if seen.resource_type == "DynamoDB":
            dynamodb.discard_table(self._client("dynamodb", region_name), Arn.parse(arn).name)
        else:
            s3.discard_bucket(self._client("s3", region_name), Arn.parse(arn).resource)

    def _client(self, service: str, region_name: str) -> Client:
        key = (service, region_name)
        if key not in self._clients:
            self._clients[key] = _made(self._session, service, region_name)
        return self._clients[key]

    def _account_id(self) -> str:
        if self._account is None:
            region = self._session.region_name or "us-east-1"
            self._account = str(self._client("sts", region).get_caller_identity()["Account"])
        return self._account

    def _found_table(self, arn: str, region_name: str) -> Seen | None:
        client = self._client("dynamodb", region_name)
        try:
            client.describe_table(TableName=Arn.parse(arn).name)
        except client.exceptions.ResourceNotFoundException:
            return None
        return self._table(client, arn)

    def _table(self, client: Client, arn: str) -> Seen:
        pages = client.get_paginator("list_tags_of_resource").paginate(ResourceArn=arn)
        tags = {tag["Key"]: tag["Value"] for page in pages for tag in page.get("Tags", [])}
        return Seen(arn, "DynamoDB", tags, Arn.parse(arn).name)

    def _region_of(self, bucket: str, region_name: str) -> str | None:
        """The bucket's Region; None where there is no such bucket."""
        client = self._client("s3", region_name)
        try:
            place: str | None = client.get_bucket_location(Bucket=bucket)["LocationConstraint"]
        except client.exceptions.NoSuchBucket:
            return None
        # S3's two oldest names of Regions.
        return {"": "us-east-1", "EU": "eu-west-1"}.get(place or "", place)

    def _bucket(self, arn: str, region_name: str) -> Seen:
        client, name = self._client("s3", region_name), Arn.parse(arn).resource
        try:
            tagging: Iterable[Mapping[str, str]] = client.get_bucket_tagging(Bucket=name)["TagSet"]
        except client.exceptions.ClientError as error:
            if error.response["Error"]["Code"] != "NoSuchTagSet":
                raise
            tagging = []
        return Seen(arn, "S3", {tag["Key"]: tag.get("Value", "") for tag in tagging}, name)


def _made(session: boto3.Session, service: str, region_name: str) -> Client:
    # The service's name is a value here, so no overload of the stubs fits.
    make: Client = session.client
    return make(service, region_name=region_name)
