"""The two doors: `connect` to AWS, or to an AWS Backup on this machine with `local`."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import attrs

from backupkit.connection import Connection
from backupkit.neighbours import Session, SessionNeighbours
from backupkit.transport.protocol import MAX_ANSWER_BYTES
from backupkit.transport.retry import Retrying, RetryPolicy

if TYPE_CHECKING:
    import boto3
    from mypy_boto3_backup import BackupClient

    from backupkit.boto import Boto3Transport
    from backupkit.emulator import Choices, Identity, LocalService
    from backupkit.emulator.accounts import Accounts
    from backupkit.emulator.audit.evaluation import ControlResult
    from backupkit.emulator.events.log import EventLog
    from backupkit.emulator.faults.faults import Faults
    from backupkit.emulator.kernel.clock import LocalClock
    from backupkit.emulator.kernel.resource_protocol import World
    from backupkit.emulator.model import Delivered
    from backupkit.emulator.resources.synthetic import SyntheticWorld

__all__ = ["AWSConnection", "LocalConnection", "connect", "local"]


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


class LocalConnection(Connection):
    """A connection to an AWS Backup in this process."""

    def __init__(self, service: LocalService, retry: RetryPolicy) -> None:
        from backupkit.emulator.neighbours import LocalNeighbours  # noqa: PLC0415 - the door alone knows the local service

        super().__init__(Retrying(service, retry), LocalNeighbours(service))
        self.service = service
        self._retry = retry

    @property
    def session(self) -> Session | None:
        """The session that the resources to protect are behind; None where all are synthetic."""
        from backupkit.emulator.neighbours import session_of  # noqa: PLC0415 - as above

        return session_of(self.service.resources)

    @property
    def resources(self) -> SyntheticWorld:
        """The resources to protect; synthetic ones can be added to any world."""
        return self.service.resources

    @property
    def clock(self) -> LocalClock:
        """The service's clock: ``clock.advance(days=40)`` lets 40 days happen."""
        return self.service.clock

    @property
    def faults(self) -> Faults:
        """What goes wrong by choice: ``faults.throttle("StartBackupJob", times=3)``."""
        return self.service.faults

    @property
    def accounts(self) -> Accounts:
        """What AWS Organizations, AWS RAM, STS and approval teams would do: organize, share, approve."""
        return self.service.accounts

    @property
    def events(self) -> EventLog:
        """Events, notifications and metrics; ``events.listen()`` keeps them from then on."""
        return self.service.events

    @property
    def reports(self) -> list[Delivered]:
        """The reports that report plans delivered in the last 30 days, the oldest first."""
        return self.service.reports

    def findings(self, framework_name: str) -> list[ControlResult]:
        """What the controls of a framework found; no operation of AWS tells it.

        Raises:
            InvalidValueError: There is no such framework.
        """
        return self.service.findings(framework_name)

    @property
    def account_id(self) -> str:
        """The account, 12 digits."""
        return self.service.account_id

    def in_region(self, region_name: str, /) -> LocalConnection:
        """Return a connection of the same caller to another Region, with the same resources and clock.

        Raises:
            ConfigurationError: The text is not a Region, or the connection is closed.
        """
        self._closable.check_open()
        return LocalConnection(self.service.in_region(region_name), self._retry)

    def as_account(self, account_id: str, /) -> LocalConnection:
        """Return a connection of another account's root to the same Region, with the same resources and clock.

        Args:
            account_id: 12 digits.

        Raises:
            ConfigurationError: The text is not an account, or the connection is closed.
        """
        self._closable.check_open()
        return LocalConnection(self.service.as_account(account_id), self._retry)

    def as_caller(self, caller: str | Identity, /) -> LocalConnection:
        """Return a connection of another caller, about whom access policies of vaults decide.

        Args:
            caller: The ARN of a user, a role or a role session, or an `Identity`; the account is its own.

        Raises:
            ConfigurationError: The text is not the ARN of somebody who can call, or the connection is closed.
        """
        self._closable.check_open()
        return LocalConnection(self.service.as_caller(caller), self._retry)

    def __repr__(self) -> str:
        return f"LocalConnection({self.region_name!r}, account_id={self.account_id!r})"

    def save_state(self) -> bytes:
        """Return everything the service holds, for `load_state`: its clock, what points hold, and synthetic resources.

        Resources behind a session are not in it, and neither are functions that listen for news.
        """
        return self.service.save_state()

    def load_state(self, state: bytes, /) -> None:
        """Make the service what it was when the state was saved, its clock included.

        Raises:
            InvalidValueError: The bytes are not a state of this version.
        """
        self.service.load_state(state)


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
    return AWSConnection(boto, retry or RetryPolicy())


def local(
    *,
    region_name: str = "us-east-1",
    account_id: str = "123456789012",
    start: datetime | None = None,
    seed: int = 0,
    world: World | None = None,
    choices: Choices | None = None,
    clock_rate: float = 0,
    default_vaults: bool = False,
    retry: RetryPolicy | None = None,
) -> LocalConnection:
    """An AWS Backup in this process, with a clock that moves when told.

    Args:
        region_name: Its Region.
        account_id: Its account, 12 digits.
        start: The aware moment at which its clock begins; None: midnight UTC on 2026-01-01, so that runs repeat.
        seed: Decides every id and every random moment.
        world: The resources to protect; None: synthetic ones, to be added with ``aws.resources.add(...)``.
        choices: How it behaves where AWS's own behaviour is not known.
        clock_rate: Seconds that pass on its clock in each second; 0: it stands still until it is moved.
        default_vaults: Whether accounts have the vaults that AWS makes by itself: ``Default``, and from when a file
            system is there ``aws/efs/automatic-backup-vault``, whose policy denies restores and deletions.
        retry: How often and how long calls are repeated; pauses move the local clock, or are waited for where it runs.

    Raises:
        ConfigurationError: The Region or the account is none, or ``start`` has no time zone.
        InvalidValueError: The rate is not a number from 0 to 1,000,000.
    """
    from backupkit.emulator import Choices, LocalService  # noqa: PLC0415 - the one production import of the local service

    if default_vaults:
        choices = attrs.evolve(choices or Choices(), default_vaults=True)
    service = LocalService(
        region_name, account_id, start=start, seed=seed, world=world, choices=choices, clock_rate=clock_rate
    )
    return LocalConnection(service, retry or RetryPolicy())
