"""The seam over boto3."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.httpsession import URLLib3Session

from backupkit.boto.answers import RAW, RawAnswers, encoded, is_object
from backupkit.boto.bodies import WholeBodies
from backupkit.boto.clock import SystemClock
from backupkit.boto.failures import RAISED, failure, not_the_api, request_id_of
from backupkit.declare.fields import shown
from backupkit.errors import ConfigurationError, InvalidValueError
from backupkit.problems import Problem
from backupkit.transport.reading import Answer
from backupkit.transport.seam import Clock, Params

if TYPE_CHECKING:
    from mypy_boto3_backup import BackupClient

__all__ = ["Boto3Transport"]


class Boto3Transport:
    """Answers operations by calling AWS, or whatever answers at an endpoint. Several threads may share it.

    Each call is made once: repeating is `Retrying`'s business.

    Args:
        session: A boto3 session; None: a new one.
        profile_name: A profile of the shared configuration; None: AWS_PROFILE, or the default.
        region_name: None: what boto3 finds (AWS_DEFAULT_REGION, the profile), else AWS_REGION, which boto3 ignores.
        endpoint_url: None: AWS_ENDPOINT_URL_BACKUP, AWS_ENDPOINT_URL, or AWS's own for the Region.
        connect_timeout: Seconds.
        read_timeout: Seconds.
        max_pool_connections: How many threads can call at once without waiting for each other.
        fast: Take answers before botocore parses them; False is slower, and needs nothing of botocore's inside.

    Raises:
        ConfigurationError: There is no Region, no such profile, or the endpoint is no URL.
    """

    def __init__(
        self,
        session: boto3.Session | None = None,
        *,
        profile_name: str | None = None,
        region_name: str | None = None,
        endpoint_url: str | None = None,
        connect_timeout: float = 10.0,
        read_timeout: float = 60.0,
        max_pool_connections: int = 10,
        fast: bool = True,
    ) -> None:
        config = Config(
            connect_timeout=_positive("connect_timeout", connect_timeout),
            read_timeout=_positive("read_timeout", read_timeout),
            max_pool_connections=int(_positive("max_pool_connections", max_pool_connections)),
            retries={"total_max_attempts": 1},
        )
        if session is not None and profile_name is not None:
            raise ConfigurationError("a session has its profile already: give a session or a profile_name, not both")
        _must_be_given_as_meant(session, profile_name=profile_name, region_name=region_name, endpoint_url=endpoint_url)
        self._session = session or _session(profile_name)
        self._settings = (endpoint_url, config, fast)
        self._open(region_name)

    def _open(self, region_name: str | None) -> None:
        endpoint_url, config, fast = self._settings
        self._client = _client(self._session, region_name, endpoint_url, config)
        self._clock = SystemClock()
        self._methods = {name: method for method, name in self._client.meta.method_to_api_mapping.items()}
        self._answers = RawAnswers()
        self._client.meta.events.register("response-received.backup", self._answers.response_received)
        if fast:
            self._client.meta.events.register("before-parse.backup", self._answers.before_parse)
            _read_whole(self._client, self._answers)

    def in_region(self, region_name: str) -> Boto3Transport:
        """Return a transport to another Region, with the same session and settings and its own sockets.

        Raises:
            ConfigurationError: The text is not a Region.
        """
        other = Boto3Transport.__new__(Boto3Transport)
        other._session, other._settings = self._session, self._settings  # noqa: SLF001 - another of this very class
        _must_be_given_as_meant(None, region_name=region_name)
        other._open(region_name)  # noqa: SLF001 - as above
        return other

    @property
    def session(self) -> boto3.Session:
        """The boto3 session that the client was made from."""
        return self._session

    @property
    def region_name(self) -> str:
        """The Region that answers."""
        return self._client.meta.region_name

    @property
    def clock(self) -> Clock:
        """This machine's clock."""
        return self._clock

    @property
    def client(self) -> BackupClient:
        """The boto3 client underneath, for what backupkit lacks; it raises botocore's errors and never retries."""
        return self._client

    @property
    def endpoint_host(self) -> str:
        """Where calls go: host, and port where it is not the usual one."""
        return _host(self._client.meta.endpoint_url)

    def call(self, operation: str, params: Params, /) -> bytes:
        """As `Transport.call`."""
        method = getattr(self._client, self._method(operation))
        try:
            with self._answers.wanted():
                parsed: dict[str, object] = method(**params)
        except RAISED as error:
            raise failure(error, operation, self.endpoint_host) from error
        body = parsed.get(RAW)
        whole = encoded(parsed) if not isinstance(body, bytes) else self._checked(operation, body, parsed)
        return Answer(whole, request_id_of(parsed["ResponseMetadata"]))

    def _method(self, operation: str) -> str:
        method = self._methods.get(operation)
        if method is None:
            raise InvalidValueError(
                Problem(
                    operation, "is no operation that this version of boto3 has", "check its spelling, or update boto3"
                )
            )
        return method

    def _answers_nothing(self, operation: str) -> bool:
        shape = self._client.meta.service_model.operation_model(operation).output_shape
        return shape is None or not shape.members

    def _checked(self, operation: str, body: bytes, parsed: dict[str, object]) -> bytes:
        if not body and self._answers_nothing(operation):
            return b"{}"
        if is_object(body):
            return body
        metadata = parsed["ResponseMetadata"]
        assert isinstance(metadata, dict)
        raise not_the_api(operation, self.endpoint_host, metadata["HTTPStatusCode"], body, request_id_of(metadata))


def _must_be_given_as_meant(session: object, **texts: object) -> None:
    if session is not None and not callable(getattr(session, "client", None)):
        raise ConfigurationError(
            f"a {type(session).__name__} is no boto3 session; name a profile as profile_name=, a Region as region_name="
        )
    for name, text in texts.items():
        if text is not None and not isinstance(text, str):
            raise ConfigurationError(f"{name} is a {type(text).__name__}; give text, or leave it out")


def _positive(name: str, number: float) -> float:
    if isinstance(number, bool) or not isinstance(number, (int, float)) or not number > 0:
        raise ConfigurationError(f"{name} is {shown(number)}; give a number above 0")
    return number


def _read_whole(client: BackupClient, answers: RawAnswers) -> None:
    # botocore has no setting for it. Where its inside is another, bodies are read as it does.
    endpoint = getattr(client, "_endpoint", None)
    session = getattr(endpoint, "http_session", None)
    if endpoint is not None and isinstance(session, URLLib3Session):
        endpoint.http_session = WholeBodies(session, answers.under_way)


def _session(profile_name: str | None) -> boto3.Session:
    try:
        return boto3.Session(profile_name=profile_name)
    except RAISED as error:
        raise failure(error, "", "") from error


def _client(
    session: boto3.Session,
    region_name: str | None,
    endpoint_url: str | None,
    config: Config,
) -> BackupClient:
    try:
        region = region_name or session.region_name or os.environ.get("AWS_REGION") or None
        return session.client("backup", region_name=region, endpoint_url=endpoint_url, config=config)
    except RAISED as error:
        raise failure(error, "", _host(endpoint_url or "")) from error
    except ValueError as error:
        # botocore says so where the endpoint is no URL; its text holds the URL, which may hold a password.
        raise ConfigurationError(
            "endpoint_url, or AWS_ENDPOINT_URL_BACKUP, is no URL; write it like https://backup.us-east-1.amazonaws.com"
        ) from error


def _host(url: str) -> str:
    # By hand, because it may be no URL at all; a user and password in it are nobody's business.
    return url.partition("//")[2].partition("/")[0].rpartition("@")[2]
