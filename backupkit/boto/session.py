"""The transport protocol over boto3."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

import attrs
import boto3
from botocore.httpsession import URLLib3Session

from backupkit.boto.answers import RAW, Exchange, RawAnswers, encoded, is_object
from backupkit.boto.bodies import WholeBodies
from backupkit.boto.failures import RAISED, Attempt, failure, not_the_api, request_id_of
from backupkit.boto.settings import Settings, check_endpoint, check_given, check_region, host_of, unusable_endpoint
from backupkit.boto.timed import time_answers
from backupkit.errors import BackupKitError, ConfigurationError, CredentialsError, InvalidValueError
from backupkit.problems import Problem
from backupkit.transport.protocol import MAX_ANSWER_BYTES, Clock, Params
from backupkit.transport.reading import Answer
from backupkit.transport.scrubbing import secrets_in
from backupkit.transport.system_clock import SystemClock

if TYPE_CHECKING:
    from mypy_boto3_backup import BackupClient

__all__ = ["Boto3Transport"]


@attrs.frozen
class _Opened:
    """A boto3 client, in the process that opened it."""

    client: BackupClient
    answers: RawAnswers
    methods: dict[str, str]
    """boto3's names of the operations."""
    process: int = attrs.field(factory=os.getpid)


class Boto3Transport:
    """Answers operations by calling AWS, or whatever answers at an endpoint. Several threads may share it.

    Each call is made once: repeating is `Retrying`'s business. A process that was forked off opens its own sockets.

    Args:
        session: A boto3 session; None: a new one.
        profile_name: A profile of the shared configuration; None: AWS_PROFILE, or the default.
        region_name: None: what boto3 finds (AWS_DEFAULT_REGION, the profile), else AWS_REGION, which boto3 ignores.
        endpoint_url: None: AWS_ENDPOINT_URL_BACKUP, AWS_ENDPOINT_URL, or AWS's own for the Region.
        connect_timeout: Seconds.
        read_timeout: Seconds for a whole answer.
        max_pool_connections: How many threads can call at once without waiting for each other.
        max_answer_bytes: Bytes that an answer may have.
        fast: Take answers before botocore parses them; False is slower, needs nothing of botocore's inside, and has no
            limit on the size of an answer, nor on the time of a whole one.

    Raises:
        ConfigurationError: There is no Region, no such profile, or a setting is impossible.
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
        max_pool_connections: int = 16,
        max_answer_bytes: int = MAX_ANSWER_BYTES,
        fast: bool = True,
    ) -> None:
        check_given(session, profile_name=profile_name, region_name=region_name, endpoint_url=endpoint_url)
        self._settings = Settings(
            endpoint_url=endpoint_url,
            connect_timeout=connect_timeout,
            read_timeout=read_timeout,
            max_pool_connections=max_pool_connections,
            max_answer_bytes=max_answer_bytes,
            fast=fast,
        )
        if session is not None and profile_name is not None:
            raise ConfigurationError("a session has its profile already: give a session or a profile_name, not both")
        self._clock = SystemClock()
        self.session_given = session is not None
        self._profile_name = profile_name
        self._refused = False
        self._session = session or _session(profile_name)
        self._opened = _opened(self._session, region_name, self._settings)

    def in_region(self, region_name: str) -> Boto3Transport:
        """Return a transport to another Region, with the same session and settings and its own sockets.

        Raises:
            ConfigurationError: The text is not a Region.
        """
        check_given(None, region_name=region_name)
        other = Boto3Transport(self._session, region_name=region_name, **attrs.asdict(self._settings))
        other.session_given, other._profile_name = self.session_given, self._profile_name
        return other

    @property
    def session(self) -> boto3.Session:
        """The boto3 session that the client was made from."""
        return self._session

    @property
    def region_name(self) -> str:
        """The Region that answers."""
        return self._opened.client.meta.region_name

    @property
    def clock(self) -> Clock:
        """This machine's clock."""
        return self._clock

    @property
    def client(self) -> BackupClient:
        """The boto3 client underneath, for what backupkit lacks; it raises botocore's errors and never retries."""
        return self._here().client

    @property
    def endpoint_host(self) -> str:
        """Where calls go: host, and port where it is not the usual one."""
        return host_of(self._opened.client.meta.endpoint_url)

    def call(self, operation: str, params: Params, /) -> bytes:
        """As `Transport.call`."""
        opened = self._here()
        method = getattr(opened.client, self._method(operation))
        parsed: dict[str, object] = {}
        failed = None
        with opened.answers.wanted() as exchange:
            try:
                parsed = method(**params)
            except RAISED as error:
                failed = failure(error, self._attempt(operation, params, exchange))
        if failed is not None:
            self._refused = isinstance(failed, CredentialsError) and not self.session_given
            # Raised out here, botocore's error, which holds the request, is neither its cause nor its context.
            raise failed
        body = parsed.get(RAW)
        whole = encoded(parsed) if not isinstance(body, bytes) else self._checked(operation, body, parsed)
        return Answer(whole, request_id_of(parsed["ResponseMetadata"]))

    def _here(self) -> _Opened:
        """The client of this process: sockets of another would mix the answers of both."""
        if self._refused:
            self._look_for_credentials()
        if self._opened.process != os.getpid():
            self._opened = _opened(self._session, self.region_name, self._settings)
        return self._opened

    def _look_for_credentials(self) -> None:
        """Take the credentials that are there now: a session keeps what it once found in files and variables."""
        self._refused = False
        with contextlib.suppress(BackupKitError):
            session = _session(self._profile_name)
            self._opened, self._session = _opened(session, self.region_name, self._settings), session

    def _attempt(self, operation: str, params: Params, exchange: Exchange) -> Attempt:
        return Attempt(
            operation,
            self.endpoint_host,
            sent=exchange.sent,
            # What was not sent, nobody can quote; it may also be too deep to be walked through.
            secrets=frozenset(exchange.secrets) | secrets_in(params) if exchange.sent else frozenset(),
            most_bytes=self._settings.max_answer_bytes,
        )

    def close(self) -> None:
        """Close the sockets that this process has opened."""
        if self._opened.process == os.getpid():
            self._opened.client.close()

    def _method(self, operation: str) -> str:
        method = self._opened.methods.get(operation)
        if method is None:
            raise InvalidValueError(
                Problem(
                    operation,
                    "is not an operation that this version of boto3 has",
                    "check its spelling, or update boto3",
                )
            )
        return method

    def _answers_nothing(self, operation: str) -> bool:
        shape = self._opened.client.meta.service_model.operation_model(operation).output_shape
        return shape is None or not shape.members

    def _checked(self, operation: str, body: bytes, parsed: dict[str, object]) -> bytes:
        if not body and self._answers_nothing(operation):
            return b"{}"
        if is_object(body):
            return body
        metadata = parsed["ResponseMetadata"]
        assert isinstance(metadata, dict)
        raise not_the_api(operation, self.endpoint_host, metadata["HTTPStatusCode"], body, request_id_of(metadata))


def _opened(session: boto3.Session, region_name: str | None, settings: Settings) -> _Opened:
    client = _client(session, region_name, settings)
    answers = RawAnswers()
    events = client.meta.events
    events.register("before-send.backup", answers.before_send)
    events.register("response-received.backup", answers.response_received)
    if settings.fast:
        events.register("before-parse.backup", answers.before_parse)
        _read_whole(client, answers, settings.max_answer_bytes)
    return _Opened(client, answers, {name: method for method, name in client.meta.method_to_api_mapping.items()})


def _read_whole(client: BackupClient, answers: RawAnswers, most: int) -> None:
    # botocore has no setting for it. Where its inside is another, bodies are read as it does.
    endpoint = getattr(client, "_endpoint", None)
    session = getattr(endpoint, "http_session", None)
    if endpoint is not None and isinstance(session, URLLib3Session):
        time_answers(session)
        endpoint.http_session = WholeBodies(session, answers.under_way, most)


def _session(profile_name: str | None) -> boto3.Session:
    try:
        return boto3.Session(profile_name=profile_name)
    except RAISED as error:
        failed = failure(error, Attempt())
    raise failed


def _client(session: boto3.Session, region_name: str | None, settings: Settings) -> BackupClient:
    endpoint_url = settings.endpoint_url
    try:
        region = region_name or session.region_name or os.environ.get("AWS_REGION") or None
        if region is not None:
            check_region(session, region)
        if endpoint_url is not None:
            check_endpoint(endpoint_url)
        client = session.client("backup", region_name=region, endpoint_url=endpoint_url, config=settings.config())
        check_endpoint(client.meta.endpoint_url)
    except ConfigurationError:
        raise
    except RAISED as error:
        # botocore looks at an endpoint of the environment itself, and quotes it.
        of_endpoint = str(error).startswith("Invalid endpoint: ")
        failed = unusable_endpoint() if of_endpoint else failure(error, Attempt())
    else:
        return client
    raise failed
