"""Calls the service for handles: records come back typed, and know whom to ask next."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TypeVar

import attrs
import msgspec

from backupkit.errors import ConfigurationError, UnreachableError
from backupkit.neighbours import NO_NEIGHBOURS, Neighbours
from backupkit.observe import Record, decode
from backupkit.recover.job_kinds import JOB_KINDS
from backupkit.transport.connected import Connected, transport_of
from backupkit.transport.paging import Pages, tags
from backupkit.transport.protocol import Params, Transport, Value
from backupkit.transport.reading import read

__all__ = ["Caller", "caller_at", "caller_of", "present"]

R = TypeVar("R", bound=Record)


@attrs.frozen
class Caller:
    """Asks a transport, and hands out records that can ask it again."""

    transport: Transport
    neighbours: Neighbours = attrs.field(default=NO_NEIGHBOURS, repr=False)
    vault_account_id: str | None = None
    """The account whose shared vault the points are in that this hands out; None: the connection's own."""

    def call(self, operation: str, params: Params) -> bytes:
        """The JSON text of one answer."""
        return self.transport.call(operation, present(params))

    def fetch(self, operation: str, cls: type[R], params: Params, *, member: str | None = None) -> R:
        """One record: the whole answer, or one member of it."""
        return self.attached(read(self.transport, operation, present(params), _parser(cls, member)))

    def started(self, operation: str, cls: type[R], params: Params) -> R:
        """The job that an operation started, with its id and little more.

        Raises:
            UnreachableError: The answer does not name the job, which may be under way all the same.
        """
        return self.attached(read(self.transport, operation, present(params), partial(_job, operation, cls)))

    def listed(self, operation: str, cls: type[R], params: Params) -> Iterator[R]:
        """All records of a list operation, a page at a time."""
        for page in self.paged(operation, cls, params):
            yield from page

    def paged(self, operation: str, cls: type[R], params: Params) -> Pages[R]:
        """As `listed`, page by page; the next one is asked for when it is wanted."""
        handles = "_aws" in cls.__struct_fields__
        return Pages(self.transport, operation, cls, present(params), self._attach if handles else None)

    def _attach(self, page: Sequence[Record]) -> None:
        attach = msgspec.structs.force_setattr
        for record in page:
            attach(record, "_aws", self)

    def tags(self, arn: str) -> dict[str, str]:
        """All tags of one of AWS Backup's own ARNs."""
        return tags(self.transport, arn)

    def attached(self, record: R) -> R:
        """The record, knowing whom to ask where it is a handle."""
        if "_aws" in record.__struct_fields__:
            msgspec.structs.force_setattr(record, "_aws", self)
        return record


def _parser(cls: type[R], member: str | None) -> Callable[[bytes], R]:
    return lambda body: decode.record(body, cls) if member is None else decode.member(body, member, cls)


def _job(operation: str, cls: type[R], body: bytes) -> R:
    job = decode.record(body, cls)
    if not getattr(job, job.__struct_fields__[0]):
        raise UnreachableError(f"the answer does not name the job; look for it in aws.{_LISTS[operation]}()")
    return job


_LISTS = {kind.start: f"{kind.name}_jobs" for kind in JOB_KINDS.values()}
"""Where the jobs of each start are found."""


def present(params: Params) -> dict[str, Value]:
    """Only the members that are given."""
    return {name: value for name, value in params.items() if value is not None}


def caller_of(held: object) -> Caller:
    """The caller that a handle carries.

    Raises:
        ConfigurationError: The handle was made or unpickled without a connection.
    """
    if not isinstance(held, Caller):
        raise ConfigurationError(
            "this record has no connection: get it again from aws.recovery_points() or aws.backup_jobs()"
        )
    return held


def caller_at(aws: Connected, where: str, *methods: str) -> Caller:
    """What a connection calls with.

    Args:
        aws: What was given as the connection.
        where: The public name that was called; with ``/`` and the argument where it is not ``aws``.
        methods: What is called of the connection besides.

    Raises:
        InvalidValueError: It is not a connection.
    """
    return Caller(transport_of(aws, where, *methods), getattr(aws, "neighbours", NO_NEIGHBOURS))
