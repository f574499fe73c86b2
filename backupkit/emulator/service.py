"""The door of the local AWS Backup: operations go in, the JSON of their answers comes out."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NoReturn, Protocol

import msgspec

from backupkit.arn import Arn, is_account, is_region
from backupkit.declare.framework import Framework
from backupkit.emulator import snapshot
from backupkit.emulator.accounts import Accounts
from backupkit.emulator.api import vaults
from backupkit.emulator.audit import evaluation
from backupkit.emulator.audit.evaluation import ControlResult
from backupkit.emulator.events.log import EventLog
from backupkit.emulator.faults import calls
from backupkit.emulator.faults.faults import Faults
from backupkit.emulator.iam import authorize, identities
from backupkit.emulator.kernel import api_errors, plain_values, shapes
from backupkit.emulator.kernel.behavior import Choices, must_be_choices
from backupkit.emulator.kernel.clock import LocalClock, in_calendar
from backupkit.emulator.kernel.operations import ApiError, Handler, raise_invalid_value
from backupkit.emulator.kernel.resource_protocol import World
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import Delivered, Identity, RegionScope
from backupkit.emulator.reports import plans
from backupkit.emulator.resources.synthetic import SyntheticWorld
from backupkit.emulator.resources.worlds import Worlds
from backupkit.emulator.wiring import OPERATIONS, connect
from backupkit.errors import ConfigurationError, InvalidValueError, NotEmulatedError
from backupkit.problems import Problem, closest, quote, typed
from backupkit.transport.error_mapping import refusal
from backupkit.transport.protocol import Params

__all__ = ["START", "LocalService", "Served", "service_of"]

START = datetime(2026, 1, 1, tzinfo=UTC)
"""When the clock begins unless told otherwise; fixed, so that every run is the same."""

_NO_REGION = "{} is not a Region: give one like us-east-1"
_NO_ACCOUNT = "{} is not an account: give 12 digits, as text"
_VERBS_OF_WORLD = ("resources", "find", "capture", "restore")
_READS = ("Describe", "Export", "Get", "List")


class LocalService:
    """An AWS Backup in this process, as seen from one account in one Region.

    It answers operations as AWS does, with AWS's codes and sentences; what it does not have raises `NotEmulatedError`.
    A refused call changes nothing. It may be called from several threads.

    Args:
        region_name: The Region that answers.
        account_id: The account that calls, 12 digits.
        start: The aware time at which the clock begins; 2026-01-01 00:00 UTC by default, so that runs repeat.
        seed: Decides every id and every random moment.
        world: The resources that can be backed up and restored, to which synthetic ones can be added.
        choices: How it behaves where AWS's own behaviour is not known.
        clock_rate: Seconds that pass in each second; 0: the clock stands still until it is moved.

    Raises:
        ConfigurationError: The Region or the account is none, or ``start`` has no time zone.
        InvalidValueError: The rate is not a number from 0 to 1,000,000, or an argument is of the wrong kind.
    """

    def __init__(
        self,
        region_name: str = "us-east-1",
        account_id: str = "123456789012",
        *,
        start: datetime | None = None,
        seed: int = 0,
        world: World | None = None,
        choices: Choices | None = None,
        clock_rate: float = 0,
    ) -> None:
        if start is not None:
            start = _in_utc(start)
        if isinstance(seed, bool) or not isinstance(seed, int):
            raise ConfigurationError(f"seed {quote(seed)} is not a whole number")
        must_be_choices(choices, "choices")
        resources = _with_synthetic(world)
        simulation = Simulation(start or START, seed, resources, choices, clock_rate)
        connect(simulation)
        self._stand(simulation, resources, region_name, account_id)

    def _stand(self, simulation: Simulation, world: SyntheticWorld, region_name: str, account_id: str) -> None:
        if not is_region(region_name):
            raise ConfigurationError(_NO_REGION.format(quote(region_name)))
        if not is_account(account_id):
            raise ConfigurationError(_NO_ACCOUNT.format(quote(account_id)))
        self._simulation = simulation
        self._world = world
        self._region_name = str.__str__(region_name)
        self._account_id = str.__str__(account_id)
        self._caller = identities.root(
            simulation.scope(self._account_id, self._region_name).partition, self._account_id
        )

    @property
    def region_name(self) -> str:
        """The Region that answers."""
        return self._region_name

    @property
    def account_id(self) -> str:
        """The account that calls."""
        return self._account_id

    @property
    def clock(self) -> LocalClock:
        """The clock of the whole simulation; `advance` and `until` let happen what is due."""
        return self._simulation.local_clock

    @property
    def resources(self) -> SyntheticWorld:
        """The resources that can be backed up and restored; `add` puts synthetic ones beside all others."""
        return self._world

    @property
    def events(self) -> EventLog:
        """What it tells the outside: events, notifications and metrics; nothing until somebody listens."""
        return EventLog(self._simulation, self._account_id, self._region_name)

    @property
    def reports(self) -> list[Delivered]:
        """The reports that this account's plans in this Region delivered in the last 30 days, the oldest first.

        They are here also where no session has the buckets that they are for.
        """
        with self._simulation.lock:
            return plans.delivered(self._simulation, self._here())

    def findings(self, framework: Framework | str, /) -> list[ControlResult]:
        """What the controls of a framework of this account and Region found; no operation of AWS tells it.

        Raises:
            InvalidValueError: There is no such framework.
        """
        framework_name = framework.name if isinstance(framework, Framework) else framework
        with self._simulation.lock:
            frameworks = self._here().frameworks
            if not isinstance(framework_name, str) or framework_name not in frameworks:
                known = f"there are {', '.join(sorted(frameworks))}" if frameworks else "make it with CreateFramework"
                raise InvalidValueError(Problem("findings", f"there is no framework {quote(framework_name)}", known))
            return evaluation.evaluate(self._simulation, self._here(), frameworks[framework_name])

    @property
    def faults(self) -> Faults:
        """What goes wrong by choice: calls, jobs and roles, and how far reads are behind."""
        return Faults(self._simulation, self._account_id, self._region_name)

    @property
    def choices(self) -> Choices:
        """How it behaves where AWS's own behaviour is not known."""
        return self._simulation.choices

    @property
    def simulation(self) -> Simulation:
        """Everything behind this door; for tests that set a stage no operation can set."""
        return self._simulation

    @property
    def accounts(self) -> Accounts:
        """What AWS Organizations, AWS RAM, STS and approval teams would do: organize, share, approve."""
        return Accounts(self._simulation, self._account_id, self._region_name)

    def in_region(self, region_name: str, /) -> LocalService:
        """The same resources and clock, seen from another Region by the same caller.

        Raises:
            ConfigurationError: The text is not a Region.
        """
        if not is_region(region_name):
            raise ConfigurationError(_NO_REGION.format(quote(region_name)))
        return self.scoped(region_name=region_name)

    def as_account(self, account_id: str, /) -> LocalService:
        """The same resources and clock, seen by the root of another account in the same Region.

        Raises:
            ConfigurationError: The text is not an account.
        """
        if not is_account(account_id):
            raise ConfigurationError(_NO_ACCOUNT.format(quote(account_id)))
        return self.scoped(account_id=account_id)

    def as_caller(self, caller: Arn | str | Identity, /) -> LocalService:
        """The same resources and clock, seen by the user, role or role session with this ARN, in its account.

        Raises:
            ConfigurationError: The text is not the ARN of somebody who can call.
        """
        return self.scoped(caller=caller)

    def scoped(
        self,
        *,
        region_name: str | None = None,
        account_id: str | None = None,
        caller: Arn | str | Identity | None = None,
    ) -> LocalService:
        """The same resources and clock, seen from another account or Region, or by another caller.

        Args:
            region_name: Another Region.
            account_id: Another account; its root calls.
            caller: The ARN of the user, role or role's session that calls, for access policies to decide about; or an
                `Identity`, where they ask for its unique id, too. The account is its own.

        Raises:
            ConfigurationError: The Region, the account or the caller is none, or the caller is of another account.
        """
        who = identities.caller(caller, account_id) if caller is not None else self._caller
        own = identities.account_of(who)
        other = LocalService.__new__(LocalService)
        other._stand(  # noqa: SLF001 - another of this very class
            self._simulation,
            self._world,
            self._region_name if region_name is None else region_name,
            own if account_id is None else account_id,
        )
        if other.account_id == own:
            other._caller = who  # noqa: SLF001 - as above
        return other

    def call(self, operation: str, params: Params, /) -> bytes:
        """The JSON text of the answer to one call.

        Args:
            operation: The API's name, for example ``DescribeBackupVault``.
            params: The API's input members; moments are aware datetimes.

        Raises:
            ServiceError: The local service answered no, as AWS would.
            NotEmulatedError: It does not have that operation.
            InvalidValueError: The request breaks the API's own model; botocore would not send it.
        """
        found = OPERATIONS.get(operation) if isinstance(operation, str) else None
        if found is None:
            _missing(operation)
        faults = shapes.input_check(operation)(params)
        if faults:
            shapes.raise_unsent(operation, faults)
        with self._simulation.lock:
            self._simulation.local_clock.catch_up()
            book = self._simulation.faults
            if book is None:
                return self._answered(operation, found.handler, params, faults)
            return calls.answered(
                self._simulation,
                book,
                self._here(),
                operation,
                found.handler,
                lambda handler: self._answered(operation, handler, params, faults),
            )

    def _answered(self, operation: str, handler: Handler, params: Params, faults: list[shapes.Fault] | None) -> bytes:
        try:
            if faults:
                raise_invalid_value(api_errors.refusal_of(faults[0]))
            if not operation.startswith(_READS):
                self._simulation.happenings += 1
            here, request = self._here(), plain_values.copied(params)
            if self._simulation.choices.default_vaults:
                vaults.add_automatic_vault(self._simulation, here, operation, request)
            authorize.check(self._simulation, here, operation, request, self._caller)
            self._simulation.caller = self._caller
            answer = handler(self._simulation, here, request)
        except ApiError as no:
            raise refusal(
                operation, no.code, no.message, request_id=self._simulation.new_request_id(), status=no.status
            ) from None
        body = msgspec.json.encode(plain_values.wire_form(answer))
        self._simulation.bus.settled(self._simulation.clock.now())
        return body

    def _here(self) -> RegionScope:
        return self._simulation.scope(self._account_id, self._region_name)

    def save_state(self) -> bytes:
        """The state of the whole simulation, for `load_state` of this version of backupkit.

        What points hold is in it. Resources of a synthetic world are in it too; those behind a session are not.
        """
        with self._simulation.lock:
            return snapshot.taken(self._simulation)

    def load_state(self, data: bytes) -> None:
        """Be as `save_state` found it, the clock included. All places of this simulation go back together.

        Raises:
            InvalidValueError: ``data`` is not a saved state, is damaged, or is of another version; nothing was changed.
        """
        with self._simulation.lock:
            snapshot.put_back(self._simulation, data)

    def __repr__(self) -> str:
        return f"LocalService(region_name={self._region_name!r}, account_id={self._account_id!r})"


def _in_utc(start: datetime) -> datetime:
    if not isinstance(start, datetime) or start.tzinfo is None:
        raise ConfigurationError(f"start {quote(start)} has no time zone: give an aware datetime")
    try:
        moment = start.astimezone(UTC)
    except OverflowError:
        moment = datetime.max.replace(tzinfo=UTC)
    if not in_calendar(moment):
        raise ConfigurationError(f"start {quote(start)} is outside the years 1900 to 9699: give a moment inside them")
    return moment


def _with_synthetic(world: World | None) -> SyntheticWorld:
    if world is None:
        return SyntheticWorld()
    if isinstance(world, type) or not all(callable(getattr(world, verb, None)) for verb in _VERBS_OF_WORLD):
        hint = "give SessionWorld(session), or leave it out for synthetic resources"
        raise InvalidValueError(Problem("world", f"{typed(world)} does not hold resources", hint))
    return world if isinstance(world, SyntheticWorld) else Worlds(world)


def _missing(operation: str) -> NoReturn:
    known = shapes.operation_names()
    if isinstance(operation, str) and operation in known:
        raise NotEmulatedError(
            f"the local service does not have {operation}; call it through connect() against AWS, "
            "or leave it out of what runs locally"
        )
    meant = closest(operation, known)
    example = "take a name from the API reference, like ListBackupVaults"
    hint = f"did you mean {meant}?" if meant is not None else example
    raise InvalidValueError(Problem("call", f"{quote(operation)} is not an operation of AWS Backup", hint))


class Served(Protocol):
    """Whatever has a local service behind it, as the connection that ``bk.local()`` opens."""

    @property
    def service(self) -> LocalService:
        """That service."""
        ...


def service_of(given: LocalService | Served) -> LocalService:
    """The service itself.

    Raises:
        ConfigurationError: There is none, for example because it is a connection to AWS.
    """
    found = given if isinstance(given, LocalService) else getattr(given, "service", None)
    if not isinstance(found, LocalService):
        raise ConfigurationError(f"{given!r} is not a local AWS Backup: give what bk.local() opened")
    return found
