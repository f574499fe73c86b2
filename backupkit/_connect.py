"""`connect`: the way to AWS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backupkit.connection import Connection
from backupkit.neighbours import SessionNeighbours
from backupkit.transport.protocol import MAX_ANSWER_BYTES
from backupkit.transport.retry import Retrying, RetryPolicy

if TYPE_CHECKING:
    import boto3
    from mypy_boto3_backup import BackupClient

    from backupkit.boto import Boto3Transport

__all__ = ["AWSConnection", "connect"]


class AWSConnection(Connection):
    """A connection to AWS, or to whatever answers at an endpoint."""

    def __init__(self, boto: Boto3Transport, retry: RetryPolicy) -> None:
        # An emulator's neighbours are not AWS's, unless the caller's own session says where they are.
        of_aws = boto.session_given or boto.endpoint_host.endswith((".amazonaws.com", ".amazonaws.com.cn", ".api.aws"))
        neighbours = SessionNeighbours(boto.session, boto.region_name, boto.clock.sleep) if of_aws else None
        super().__init__(Retrying(boto, retry), neighbours)
        self._boto = boto
        self._retry = retry

    def in_region(self, region_name: str, /) -> AWSConnection:
        """Return a connection to another Region with the same session, settings and retries.

        Close it by itself. An endpoint that was given for this connection is used for that one, too.

        Raises:
            ConfigurationError: The text is not a Region, or the connection is closed.
        """
        self._closable.check_open()
        return AWSConnection(self._boto.in_region(region_name), self._retry)

    @property
    def session(self) -> boto3.Session:
        """The boto3 session underneath, for neighbour services."""
        return self._boto.session

    @property
    def client(self) -> BackupClient:
        """The boto3 client underneath, for what backupkit does not do; without backupkit's retries and errors.

        Raises:
            ConfigurationError: The connection is closed.
        """
        self._closable.check_open()
        return self._boto.client

    def close(self) -> None:
        """Close the sockets. What is asked afterwards, also of handles, is a ConfigurationError."""
        super().close()
        self._boto.close()


def connect(
    session: boto3.Session | None = None,
    *,
    profile_name: str | None = None,
    region_name: str | None = None,
    endpoint_url: str | None = None,
    connect_timeout: float = 10.0,
    read_timeout: float = 60.0,
    max_pool_connections: int = 16,
    max_answer_bytes: int = MAX_ANSWER_BYTES,
    retry: RetryPolicy | None = None,
) -> AWSConnection:
    """Connect to AWS Backup, with boto3's own credential chain and environment variables.

    A process that is forked off may use the connection, too: it opens its own sockets.

    Args:
        session: A boto3 session; None: a new one.
        profile_name: A profile of the shared configuration; None: AWS_PROFILE, or the default.
        region_name: None: AWS_DEFAULT_REGION or the profile's, as boto3 finds it; else AWS_REGION.
        endpoint_url: None: AWS_ENDPOINT_URL_BACKUP, AWS_ENDPOINT_URL, or AWS's own for the Region.
        connect_timeout: Seconds.
        read_timeout: Seconds for a whole answer.
        max_pool_connections: How many threads can call at once without waiting for each other.
        max_answer_bytes: Bytes that an answer may have; a larger one is an error.
        retry: How often and how long calls are repeated.

    Raises:
        ConfigurationError: There is no Region, no such profile, or a setting is impossible.
    """
    # Importing boto3 takes 0.45 s, which only those who connect should pay.
    from backupkit.boto import Boto3Transport  # noqa: PLC0415

    boto = Boto3Transport(
        session,
        profile_name=profile_name,
        region_name=region_name,
        endpoint_url=endpoint_url,
        connect_timeout=connect_timeout,
        read_timeout=read_timeout,
        max_pool_connections=max_pool_connections,
        max_answer_bytes=max_answer_bytes,
    )
    return AWSConnection(boto, RetryPolicy() if retry is None else retry)
