"""Plain boto3 against the local service, in one process and without a socket.

botocore lets a handler of its ``before-send`` event answer a request in the network's place, as moto does too. Here
only requests to AWS Backup are answered; what else a program calls goes where it went before.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Generator, Iterator
from functools import cache
from io import BytesIO
from typing import TYPE_CHECKING, Any

from backupkit.emulator.iam import identities
from backupkit.emulator.service import LocalService, Served, service_of
from backupkit.errors import ConfigurationError, UnreachableError

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest, AWSResponse

    from backupkit.emulator.http import Request

__all__ = ["patch_boto3"]

_EVENT = "before-send.backup"
_ANSWERED = "http://answered.backupkit.invalid/"
"""Where an answered request points: botocore asks every handler, and none of the others shall answer it again."""


@contextlib.contextmanager
def patch_boto3(service: LocalService | Served | None = None) -> Iterator[LocalService]:
    """Let ``boto3.client("backup")`` talk to a local service for as long as the block lasts.

    It holds for boto3's default session and for every session and client that is made inside the block; not for
    clients that were there before. Those made inside are of no use after it: they raise, and never call AWS. Where the
    environment names no credentials or no Region, made-up ones stand there during the block. It stands beside moto's
    ``mock_aws``, inside or outside; AWS Backup is then answered here, and the other services by moto. Whoever calls
    with credentials that moto's ``assume_role`` gave out is that role, in its account. Clients of aiobotocore are
    answered, too. It holds for the whole process: of blocks in several threads at a time, the one that began last
    answers.

    Example:
        ``with bk.local() as aws, patch_boto3(aws): boto3.client("backup").list_backup_vaults()``

    Args:
        service: What answers: a connection that ``bk.local()`` opened, or a service. None: a new service.

    Raises:
        ConfigurationError: It is not a local AWS Backup.
    """
    import boto3  # noqa: PLC0415 - importing backupkit must not import boto3
    from botocore import handlers  # noqa: PLC0415 - as above

    hook = _Hook(LocalService() if service is None else service_of(service))
    entry = (_EVENT, hook)
    builtin: list[Any] = handlers.BUILTIN_HANDLERS
    default = boto3.DEFAULT_SESSION
    with _environment(hook.service):
        builtin.insert(0, entry)
        # The default session is made again inside: only sessions made from now on have the hook from the start.
        boto3.DEFAULT_SESSION = None
        try:
            yield hook.service
        finally:
            hook.ended = True
            builtin.remove(entry)
            boto3.DEFAULT_SESSION = default


class _Hook:
    """A handler of ``before-send`` that answers."""

    def __init__(self, service: LocalService) -> None:
        from backupkit.emulator.http import App  # noqa: PLC0415 - importing backupkit.emulator must not import a server

        self.service = service
        self.ended = False
        self._face = App(service, resettable=False, lent=identities.lent_by_moto)

    def __call__(self, request: AWSPreparedRequest, **_: object) -> AWSResponse | None:
        if request.url == _ANSWERED:
            return None
        if self.ended:
            raise ConfigurationError(
                "this client was made inside patch_boto3(), which has ended: make a new one where it is needed"
            )
        return self._answered(request)

    def _answered(self, request: AWSPreparedRequest) -> AWSResponse:
        from botocore.exceptions import ConnectionClosedError  # noqa: PLC0415 - importing backupkit must not import botocore

        url = str(request.url)
        try:
            reply = self._face.answer(_read(request))
        except UnreachableError as error:
            raise ConnectionClosedError(endpoint_url=url) from error
        finally:
            request.url = _ANSWERED
        if reply.cut == "reset":
            raise ConnectionClosedError(endpoint_url=url)
        make: Any = _response_class()
        found: AWSResponse = make(url, reply.status, reply.headers, _Raw(reply.sent))
        return found


@cache
def _response_class() -> type[AWSResponse]:
    from botocore.awsrequest import AWSResponse  # noqa: PLC0415 - as above

    class Response(AWSResponse):
        """A response whose body both botocore and aiobotocore, which awaits it, can read."""

        @property
        def content(self) -> bytes:
            return _Body(super().content)

    return Response


class _Body(bytes):
    """Bytes that can be awaited, too."""

    def __await__(self) -> Generator[None, None, bytes]:
        return self
        yield


class _Raw(BytesIO):
    """A body as urllib3 would hand it over."""

    def stream(self, *_: object, **__: object) -> Iterator[bytes]:
        """All of it at once."""
        yield self.read()


def _read(request: AWSPreparedRequest) -> Request:
    from backupkit.emulator.http import Request  # noqa: PLC0415 - as above

    authorization = request.headers.get("Authorization")
    return Request(
        str(request.method),
        str(request.url),
        {} if authorization is None else {"authorization": _text(authorization)},
        _bytes(request.body),
    )


def _text(value: object) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _bytes(body: Any) -> bytes:
    """What is sent; no operation of AWS Backup sends a file."""
    return body.encode() if isinstance(body, str) else bytes(body or b"")


@contextlib.contextmanager
def _environment(service: LocalService) -> Iterator[None]:
    """Credentials that open nothing, and a Region, where the environment has none."""
    missing: dict[str, str] = {}
    # A variable that is empty says nothing, as for botocore.
    given = {name for name, value in os.environ.items() if value}
    if not {"AWS_ACCESS_KEY_ID", "AWS_PROFILE"} & given:
        missing |= {"AWS_ACCESS_KEY_ID": service.account_id, "AWS_SECRET_ACCESS_KEY": "not-a-secret"}
    if "AWS_DEFAULT_REGION" not in given:
        missing["AWS_DEFAULT_REGION"] = os.environ.get("AWS_REGION") or service.region_name
    before = {name: os.environ.get(name) for name in missing}
    os.environ.update(missing)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
