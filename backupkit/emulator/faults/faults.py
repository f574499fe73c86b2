"""The verbs that let something go wrong, and that end it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Unpack

import attrs

from backupkit.arn import Arn
from backupkit.catalog import TYPES
from backupkit.checks import must_be_bools
from backupkit.emulator.faults import requests
from backupkit.emulator.faults.calls import LAGGING
from backupkit.emulator.faults.outages import JOBS
from backupkit.emulator.faults.requests import When
from backupkit.emulator.kernel.api_errors import CODES
from backupkit.emulator.kernel.plain_values import text
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import CallFault, FaultBook, Lag, Outage
from backupkit.problems import quote

__all__ = ["Faults"]


class Faults:
    """What goes wrong by choice in a local world, in all its accounts and Regions.

    Calls are counted for each fault by itself, from when it is set. Where several strike one call, delays come first,
    and of the others the one that was set first. What is set is part of a snapshot.

    Example:
        >>> import backupkit as bk
        >>> aws = bk.local()
        >>> fault = aws.faults.throttle("ListBackupVaults", times=2)
        >>> list(aws.vaults)
        []
        >>> fault.fired
        2
    """

    def __init__(self, simulation: Simulation, account_id: str, region_name: str) -> None:
        self._simulation = simulation
        self._account_id = account_id
        self._region_name = region_name

    def throttle(self, operation: str = "*", /, **when: Unpack[When]) -> CallFault:
        """Refuse calls with a ThrottlingException.

        Args:
            operation: The operation, or ``*`` for all.
            **when: Which of its calls.

        Raises:
            InvalidValueError: There is no such operation, or a number is out of its range.
        """
        return self.fail(operation, "ThrottlingException", **when)

    def limit(
        self,
        operation: str = "*",
        /,
        *,
        per_second: float,
        burst: float | None = None,
        account_id: str | None = None,
        region_name: str | None = None,
    ) -> CallFault:
        """Admit calls at a rate and throttle the rest, as AWS does: by a bucket of tokens for each operation.

        Each account has its own bucket for an operation in a Region. It is full at first; a call takes a token, and
        one that finds none gets a ThrottlingException and takes nothing. Tokens come by the local clock.

        Args:
            operation: The operation, or ``*`` for all, each with a bucket of its own.
            per_second: Tokens that come in a second.
            burst: Tokens that a bucket holds, 1 or more; as many as come in a second by default.
            account_id: Only calls of this account.
            region_name: Only calls in this Region.

        Returns:
            The fault; what is admitted is ``counted - fired``.

        Raises:
            InvalidValueError: There is no such operation, account or Region, or a number is out of its range.
        """
        place: When = {}
        if account_id is not None:
            place["account_id"] = account_id
        if region_name is not None:
            place["region_name"] = region_name
        fault = requests.call_fault("limit", operation, place)
        throttled = CODES["ThrottlingException"]
        fault.code, fault.message, fault.status = "ThrottlingException", throttled.message, throttled.status
        fault.last = None
        fault.per_second = requests.tokens("per_second", per_second, least=0)
        fault.burst = requests.tokens("burst", max(1, per_second) if burst is None else burst, least=1)
        return self._set(fault)

    def fail(
        self,
        operation: str = "*",
        code: str = "ServiceUnavailableException",
        message: str | None = None,
        /,
        **when: Unpack[When],
    ) -> CallFault:
        """Refuse calls with an error of AWS.

        Args:
            operation: The operation, or ``*`` for all.
            code: An error that AWS documents for AWS Backup or for all its services.
            message: Its sentence; AWS documents none, so there is a plain one.
            **when: Which calls.

        Raises:
            InvalidValueError: There is no such operation or code, or a number is out of its range.
        """
        known = CODES.get(code) if isinstance(code, str) else None
        if known is None:
            requests.refuse_argument(
                "code", f"{quote(code)} is not an error that AWS documents", requests.close(code, CODES)
            )
        fault = requests.call_fault("fail", operation, when)
        fault.code, fault.status = code, known.status
        fault.message = known.message if message is None else text(message, "faults/message")
        return self._set(fault)

    def delay(self, operation: str = "*", /, *, seconds: float, **when: Unpack[When]) -> CallFault:
        """Let time pass before calls are answered: the clock of the local world moves, and nothing is waited for.

        Args:
            operation: The operation, or ``*`` for all.
            seconds: How much.
            **when: Which calls.

        Raises:
            InvalidValueError: There is no such operation, or a number is out of its range.
        """
        fault = requests.call_fault("delay", operation, when)
        fault.seconds = requests.seconds(seconds)
        return self._set(fault)

    def drop(self, operation: str = "*", /, **when: Unpack[When]) -> CallFault:
        """Give calls no answer: an UnreachableError in the process, a closed connection over HTTP.

        Args:
            operation: The operation, or ``*`` for all.
            **when: Which calls; ``after=True`` loses the answer to work that was done.

        Raises:
            InvalidValueError: There is no such operation, or a number is out of its range.
        """
        return self._set(requests.call_fault("drop", operation, when))

    def cut(self, operation: str = "*", /, *, orderly: bool = False, **when: Unpack[When]) -> CallFault:
        """Do the work and give half an answer: over HTTP the connection breaks in the middle of the body.

        In the process that is an UnreachableError, as with every answer that cannot be used.

        Args:
            operation: The operation, or ``*`` for all.
            orderly: Whether the connection is closed in good order, and not reset. botocore by itself then does not see
                that anything is missing, and hands an empty answer to its caller.
            **when: Which calls.

        Raises:
            InvalidValueError: There is no such operation, or a number is out of its range.
        """
        must_be_bools("faults", orderly=orderly)
        fault = requests.call_fault("cut", operation, when)
        fault.after, fault.orderly = True, orderly
        return self._set(fault)

    def outage(
        self,
        resource_type: str,
        *,
        jobs: tuple[str, ...] = JOBS,
        waits: bool = False,
        starts: datetime | None = None,
        ends: datetime | None = None,
        message: str | None = None,
    ) -> Outage:
        """Let jobs of a resource type fail, or wait; those that are under way when it begins go on.

        Args:
            resource_type: As AWS Backup names it, for example ``EBS``.
            jobs: Which ones: of ``backup``, ``copy`` and ``restore``.
            waits: Whether they wait for the end, and backups expire at the end of their start windows.
            starts: The aware time from which on; now by default.
            ends: The aware time until which; until it is cleared by default.
            message: What failed jobs say; AWS's own words for that are not known.

        Raises:
            InvalidValueError: There is no such type or job, or the times are naive or the wrong way round.
        """
        if not isinstance(resource_type, str) or resource_type not in TYPES:
            requests.refuse_argument(
                "resource_type", f"{quote(resource_type)} is not a resource type", requests.close(resource_type, TYPES)
            )
        struck = requests.jobs(jobs)
        must_be_bools("faults", waits=waits)
        begins = requests.moment("starts", starts) if starts is not None else self._simulation.clock.now()
        until = requests.moment("ends", ends) if ends is not None else None
        if until is not None and until <= begins:
            requests.refuse_argument("ends", f"{until} is not after {begins}", "give a later time")
        says = f"{resource_type} is unavailable" if message is None else text(message, "faults/message")
        found = Outage(resource_type, begins, until, struck, waits, says)
        with self._simulation.lock:
            self._book().outages.append(found)
        return found

    def lag(self, seconds: float, *kinds: str) -> None:
        """Let reads be behind: what was just made is not there yet, what was just deleted still is.

        Args:
            seconds: How far; 0 ends it.
            *kinds: Of what: ``vaults``, ``plans``, ``selections``, ``jobs``; without any, of all.

        Raises:
            InvalidValueError: The number is out of its range, or there is no such kind.
        """
        requests.seconds(seconds)
        for kind in kinds:
            if kind not in LAGGING:
                requests.refuse_argument(
                    "kinds", f"{quote(kind)} cannot be seen late", f"take some of {', '.join(LAGGING)}"
                )
        with self._simulation.lock:
            self._simulation.happenings += 1
            book = self._book()
            gone = book.lag.gone if book.lag is not None else []
            book.lag = Lag(seconds, frozenset(kinds or LAGGING), gone) if seconds else None
            self._tidy()

    def deny(self, role_arn: Arn | str, /, *, until: datetime | None = None, seconds: float | None = None) -> None:
        """Let AWS Backup not know a role of this account yet: selections and policies with it are refused, jobs fail.

        Args:
            role_arn: The role.
            until: The aware time from which on it can.
            seconds: The same, counted from now. Without either: until `admit`, or `clear`.

        Raises:
            InvalidValueError: It is not the ARN of a role of this account, the time is naive, or both are given.
        """
        if until is not None and seconds is not None:
            requests.refuse_argument("until", "there are seconds, too", "give one of both")
        if seconds is not None:
            until = self._simulation.clock.now() + timedelta(seconds=requests.seconds(seconds))
        moment = requests.moment("until", until) if until is not None else None
        role_arn = requests.role("role_arn", role_arn, self._account_id)
        with self._simulation.lock:
            account = self._simulation.account(self._account_id)
            account.denied_roles.add(role_arn)
            account.denied_until.pop(role_arn, None)
            if moment is not None:
                account.denied_until[role_arn] = moment
                self._simulation.agenda.schedule(moment, _Admit(self._account_id, role_arn, moment))

    @property
    def denied_roles(self) -> frozenset[str]:
        """The ARNs of the roles that AWS Backup cannot take on now."""
        with self._simulation.lock:
            return frozenset(self._simulation.account(self._account_id).denied_roles)

    def admit(self, role_arn: Arn | str, /) -> None:
        """Take back `deny`.

        Raises:
            InvalidValueError: It is not the ARN of a role of this account.
        """
        role_arn = requests.role("role_arn", role_arn, self._account_id)
        with self._simulation.lock:
            account = self._simulation.account(self._account_id)
            account.denied_roles.discard(role_arn)
            account.denied_until.pop(role_arn, None)

    def block_backups(self, resource_arn: Arn | str, /) -> None:
        """Let no backup of a resource of this account and Region start: its jobs wait, and expire unstarted.

        Raises:
            InvalidValueError: It is not an ARN, is one of another account or Region, or there is no such resource.
        """
        here = self._account_id, self._region_name
        arn = requests.resource("resource_arn", resource_arn, *here)
        with self._simulation.lock:
            requests.must_be_here("resource_arn", arn, self._simulation.world, *here)
            self._simulation.scope(*here).blocked_backups.add(arn)

    def release(self, resource_arn: Arn | str, /) -> None:
        """Take back `block_backups`; waiting jobs start within ten minutes.

        Raises:
            InvalidValueError: It is not an ARN, or is one of another account or Region.
        """
        arn = requests.resource("resource_arn", resource_arn, self._account_id, self._region_name)
        with self._simulation.lock:
            self._simulation.scope(self._account_id, self._region_name).blocked_backups.discard(arn)

    def clear(self, *which: CallFault | Outage) -> None:
        """Let nothing go wrong any more, denied roles and held back resources included; or end only what is given.

        Raises:
            InvalidValueError: Something given is not a fault or an outage.
        """
        for each in which:
            if not isinstance(each, CallFault | Outage):
                requests.refuse_argument("clear", f"{quote(each)} is not a fault", "give what the verb returned")
        with self._simulation.lock:
            self._simulation.happenings += 1
            book = self._book()
            if which:
                book.calls[:] = [each for each in book.calls if each not in which]
                book.outages[:] = [each for each in book.outages if each not in which]
                self._tidy()
                return
            self._simulation.faults = None
            for account in self._simulation.accounts.values():
                account.denied_roles.clear()
                account.denied_until.clear()
            for scope in self._simulation.scopes.values():
                scope.blocked_backups.clear()

    def __iter__(self) -> Iterator[CallFault | Outage]:
        """What is set and not over: faults of calls, then outages."""
        with self._simulation.lock:
            self._book()
            self._tidy()
            book = self._simulation.faults or FaultBook()
            return iter([*book.calls, *book.outages])

    def _set(self, fault: CallFault) -> CallFault:
        with self._simulation.lock:
            self._book().calls.append(fault)
        return fault

    def _book(self) -> FaultBook:
        if self._simulation.faults is None:
            self._simulation.faults = FaultBook()
        return self._simulation.faults

    def _tidy(self) -> None:
        """Forget outages that are over; a simulation in which nothing can go wrong has no book."""
        book, now = self._book(), self._simulation.clock.now()
        book.outages[:] = [each for each in book.outages if each.ends is None or each.ends > now]
        if book.empty:
            self._simulation.faults = None


@attrs.frozen(eq=False)
class _Admit:
    account_id: str
    role_arn: str
    moment: datetime

    def happen(self, simulation: Simulation) -> None:
        account = simulation.account(self.account_id)
        if account.denied_until.get(self.role_arn) == self.moment:
            del account.denied_until[self.role_arn]
            account.denied_roles.discard(self.role_arn)
