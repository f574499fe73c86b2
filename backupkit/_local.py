"""`local`: an AWS Backup in this process."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import attrs

from backupkit.arn import Arn
from backupkit.checks import must_be_bools
from backupkit.connection import Connection
from backupkit.neighbours import Session
from backupkit.transport.retry import Retrying, RetryPolicy

if TYPE_CHECKING:
    from backupkit.declare.framework import Framework
    from backupkit.emulator import Choices, Identity, LocalService
    from backupkit.emulator.accounts import Accounts
    from backupkit.emulator.audit.evaluation import ControlResult
    from backupkit.emulator.events.log import EventLog
    from backupkit.emulator.faults.faults import Faults
    from backupkit.emulator.kernel.clock import LocalClock
    from backupkit.emulator.kernel.resource_protocol import World
    from backupkit.emulator.model import Delivered
    from backupkit.emulator.resources.synthetic import SyntheticWorld

__all__ = ["LocalConnection", "local"]


class LocalConnection(Connection):
    """A connection to an AWS Backup in this process."""

    def __init__(self, service: LocalService, retry: RetryPolicy) -> None:
        from backupkit.emulator.neighbours import LocalNeighbours  # noqa: PLC0415 - `import backupkit` pays nothing for it

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

    def findings(self, framework_name: Framework | str) -> list[ControlResult]:
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

    def as_caller(self, caller: Arn | str | Identity, /) -> LocalConnection:
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
        InvalidValueError: The rate is not a number from 0 to 1,000,000, or an argument is of the wrong kind.
    """
    from backupkit.emulator import Choices, LocalService  # noqa: PLC0415 - as above
    from backupkit.emulator.kernel.behavior import must_be_choices  # noqa: PLC0415

    must_be_choices(choices, "local/choices")
    must_be_bools("local", default_vaults=default_vaults)
    if default_vaults:
        choices = attrs.evolve(choices or Choices(), default_vaults=True)
    service = LocalService(
        region_name, account_id, start=start, seed=seed, world=world, choices=choices, clock_rate=clock_rate
    )
    return LocalConnection(service, RetryPolicy() if retry is None else retry)
