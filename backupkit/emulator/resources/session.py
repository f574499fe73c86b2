"""The resources behind a boto3 session. Each type is a file of `resources.types`; here is what they all share."""

from __future__ import annotations

import logging
import os
import threading
import weakref
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from backupkit.arn import Arn, is_account, is_region
from backupkit.catalog import types_of
from backupkit.checks import must_be_bools_or_none
from backupkit.emulator.kernel.resource_protocol import Captured, Metadata, ResourceInfo, Restored, WorldError
from backupkit.emulator.resources.denials import NotAllowedError, Plainly, UnansweredError
from backupkit.emulator.resources.managed_policies import provide_managed_policy
from backupkit.emulator.resources.types.kind import Client, Kind, SessionScope
from backupkit.emulator.resources.types.known import known
from backupkit.errors import ConfigurationError
from backupkit.problems import quote, typed

if TYPE_CHECKING:
    import boto3
    import botocore.session

__all__ = ["SessionWorld", "private_moto_session"]

# ---- A session whose calls end in moto, in this process ----


_PRIVATE: weakref.WeakSet[boto3.Session] = weakref.WeakSet()


def private_moto_session(region_name: str = "us-east-1") -> boto3.Session:
    """A boto3 session whose calls end in moto, in this process, while every other session goes where it always goes.

    Nothing global is switched: neither ``mock_aws`` nor the environment. No profile, file or variable leads the session
    elsewhere, and what moto does not answer is refused, never sent. What moto holds is shared by all such sessions of
    the process, and a ``mock_aws`` that a test opens empties it.

    Raises:
        ConfigurationError: moto is not installed, AWS_PROFILE names no profile, or the text is not a Region.
    """
    if not is_region(region_name):
        raise ConfigurationError(f"{quote(region_name)} is not a Region: give one like us-east-1")
    import boto3  # noqa: PLC0415 - importing backupkit must not import boto3
    from botocore.exceptions import ProfileNotFound  # noqa: PLC0415

    try:
        from moto.core.botocore_stubber import BotocoreStubber  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise ConfigurationError(
            "moto is not installed, so there are no resources on this machine; install backupkit[local]"
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
    _PRIVATE.add(session)
    return session


def is_private(session: boto3.Session) -> bool:
    """Whether `private_moto_session` made the session."""
    return session in _PRIVATE


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
        provide_managed_policy(request.body)
        answer = self._stubber(event_name=event_name, request=request, **more)
        if answer is None:
            raise ConfigurationError(
                f"moto does not answer {request.method} {request.url}, and nothing leaves this process; "
                "use a session of your own for it"
            )
        return answer


# ---- The world of a session ----


_LOG = logging.getLogger(__name__)


class SessionWorld:
    """The resources of one account behind a session, in every Region that is asked about.

    Tables, buckets and volumes come back with what was in them, and stacks from their templates. What is in databases,
    file systems and instances can be read by no API: they can be held of an emulator alone, where nothing is in them,
    and come back with their attributes.

    A listing passes over the types that the session may not list, with a warning in the log; using one of their
    resources fails with a sentence.

    Args:
        session: Any boto3 session: with `private_moto_session` nothing leaves the process.
        account_id: The session's account; without it, AWS is asked (STS).
        types: AWS Backup's type strings of the resources to look after; None: all that can be held, except, of AWS
            itself, EBS: a backup of a volume makes a snapshot in the account, for as long as it takes to read it, and
            every 512 KiB of it cost a call. Each type costs a listing at least one call.
        emulated: Whether the session's calls end in an emulator such as moto. None: only those of a
            `private_moto_session` do.

    Raises:
        ConfigurationError: One of ``types`` cannot be held, the session is not one, or the account is none.
        InvalidValueError: ``types`` is not a list, or ``emulated`` neither True nor False.
    """

    def __init__(
        self,
        session: boto3.Session,
        *,
        account_id: str | None = None,
        types: Collection[str] | None = None,
        emulated: bool | None = None,
    ) -> None:
        if not callable(getattr(session, "client", None)):
            raise ConfigurationError(f"{typed(session)} is not a boto3 session: give boto3.Session(...)")
        if account_id is not None and not is_account(account_id):
            raise ConfigurationError(f"{quote(account_id)} is not an account: give 12 digits, as text")
        must_be_bools_or_none("SessionWorld", emulated=emulated)
        self._session = session
        self._account = account_id
        self._emulated = is_private(session) if emulated is None else emulated
        self._known = known(types, emulated=self._emulated)
        self._clients: dict[tuple[str, str], Client] = {}
        self._making = threading.Lock()
        self._unanswered: set[tuple[str, str]] = set()

    @property
    def session(self) -> boto3.Session:
        """The session that the resources are behind."""
        return self._session

    def resources(self, account_id: str, region_name: str) -> Iterator[ResourceInfo]:
        """Every resource of the account in the Region; none where the session is another account's.

        Raises:
            WorldError: A service failed in the middle: half a list would leave resources without backups in silence.
        """
        if account_id != self._account_id():
            return
        here = self._here(account_id, region_name)
        for kind in self._known.kinds:
            if (kind.resource_type, region_name) not in self._unanswered:
                yield from self._listed(kind, here)

    def _listed(self, kind: Kind[Any], here: SessionScope) -> list[ResourceInfo]:
        try:
            with Plainly(kind.resource_type, here.region_name):
                return list(kind.resources(here))
        except NotAllowedError as refused:
            _LOG.warning("%s in %s is passed over: %s", kind.resource_type, here.region_name, refused)
        except UnansweredError as missing:
            self._unanswered.add((kind.resource_type, here.region_name))
            _LOG.info("%s in %s is passed over from now on: %s", kind.resource_type, here.region_name, missing)
        return []

    def find(self, arn: str, account_id: str, region_name: str) -> ResourceInfo | None:
        """The resource, or None where it is not there or of another type.

        Raises:
            WorldError: Its service refuses to tell.
        """
        found = self._found(Arn.parse(arn), account_id, region_name)
        return found[1] if found is not None else None

    def _found(self, arn: Arn, account_id: str, region_name: str) -> tuple[Kind[Any], ResourceInfo] | None:
        if account_id != self._account_id() or arn.region not in {"", region_name}:
            return None
        here = self._here(account_id, region_name)
        for kind in self._known.by_arn(arn):
            with Plainly(kind.resource_type, here.region_name):
                seen = kind.find(here, arn)
            if seen is not None:
                return kind, seen
        return None

    def capture(self, arn: str, account_id: str, region_name: str, now: datetime) -> Captured:  # noqa: ARG002
        """Read the whole resource.

        Raises:
            WorldError: It is not there, of a type that cannot be held, or its service refuses.
        """
        parsed = Arn.parse(arn)
        found = self._found(parsed, account_id, region_name)
        if found is None:
            raise WorldError(self._absence(parsed))
        with Plainly(found[0].resource_type, region_name):
            return found[0].capture(self._here(account_id, region_name), parsed)

    def _absence(self, arn: Arn) -> str:
        held = ", ".join(self._known.types)
        if not self._known.by_arn(arn):
            return f"Resource {arn} is of no type that this session holds; it holds {held}"
        if len(types_of(str(arn))) > 1:
            # Clusters of databases share the shape of their ARNs, and only some of their engines are held.
            return f"Resource {arn} does not exist, or is of no type that this session holds; it holds {held}"
        return f"Resource {arn} does not exist"

    def restore(
        self,
        content: object,
        resource_type: str,
        metadata: Mapping[str, str],
        *,
        account_id: str,
        region_name: str,
        now: datetime,  # noqa: ARG002 - as the protocol says
        tags: Mapping[str, str],
    ) -> Restored:
        """Make the resource again.

        Raises:
            WorldError: The metadata is wrong, the target is there (or, for objects, is not), or AWS refuses.
        """
        if account_id != self._account_id():
            raise WorldError(f"The session cannot restore into account {account_id}")
        kind = self._known.by_content(content, resource_type)
        if kind is None:
            raise WorldError(f"This recovery point holds no {resource_type} that a session can restore")
        with Plainly(resource_type, region_name):
            return kind.restore(self._here(account_id, region_name), content, Metadata(metadata), tags)

    def discard(self, arn: str, account_id: str, region_name: str) -> None:
        """Delete what a restore test made; what is gone already stays gone.

        Raises:
            WorldError: Neither its name nor its tags say that a restore test made it, or AWS refuses.
        """
        parsed = Arn.parse(arn)
        found = self._found(parsed, account_id, region_name)
        if found is not None:
            with Plainly(found[0].resource_type, region_name):
                found[0].discard(self._here(account_id, region_name), parsed)

    def put_object(self, bucket: str, key: str, body: bytes, *, account_id: str, region_name: str) -> bool:
        """Put an object, such as a report, into a bucket; its owner gets full control of it, as with AWS Backup.

        Returns:
            Whether the account is the session's; where it is not, nothing was done.

        Raises:
            WorldError: S3 refuses.
        """
        with Plainly("S3", region_name):
            if account_id != self._account_id():
                return False
            self._client(region_name, "s3").put_object(
                Bucket=bucket, Key=key, Body=body, ACL="bucket-owner-full-control"
            )
        return True

    def _here(self, account_id: str, region_name: str) -> SessionScope:
        with Plainly("Every type", region_name):
            partition = self._session.get_partition_for_region(region_name)
        return SessionScope(account_id, region_name, self._emulated, partial(self._client, region_name), partition)

    def _client(self, region_name: str, service: str) -> Client:
        key = (service, region_name)
        if key not in self._clients:
            # boto3 makes clients in one thread at a time only; they can then be used in all.
            with self._making:
                if key not in self._clients:
                    self._clients[key] = _made(self._session, service, region_name)
        return self._clients[key]

    def _account_id(self) -> str:
        if self._account is None:
            region = self._session.region_name or "us-east-1"
            self._account = str(self._client(region, "sts").get_caller_identity()["Account"])
        return self._account


def _made(session: boto3.Session, service: str, region_name: str) -> Client:
    # The service's name is a value here, so no overload of the stubs fits.
    make: Client = session.client
    return make(service, region_name=region_name)
