"""What every implementation of the transport promises."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol, TypeAlias, runtime_checkable

from backupkit.documents import Value

__all__ = ["MAX_ANSWER_BYTES", "Clock", "Params", "Transport", "Value"]

Params: TypeAlias = "Mapping[str, Value]"
"""The input members of one operation, under the API's own names; an absent member is left out, never None."""


MAX_ANSWER_BYTES = 64 * 2**20
"""How large an answer may be where nothing else is asked for: a page of 1,000 recovery points has about 1.2 MB."""


@runtime_checkable
class Clock(Protocol):
    """Where time comes from. The local service's clock moves when told; `sleep` moves it."""

    def now(self) -> datetime:
        """The time, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that only go forward, whatever happens to the time of day; only differences mean something."""
        ...

    def sleep(self, seconds: float) -> None:
        """Let ``seconds`` pass."""
        ...


@runtime_checkable
class Transport(Protocol):
    """Answers operations of the AWS Backup API."""

    @property
    def region_name(self) -> str:
        """The Region that answers, for example ``us-east-1``."""
        ...

    @property
    def clock(self) -> Clock:
        """The clock that waiting and retrying go by."""
        ...

    def call(self, operation: str, params: Params, /) -> bytes:
        """The JSON text of the answer to one call; ``b"{}"`` where the answer has no members.

        Args:
            operation: The API's name, for example ``DescribeBackupVault``.
            params: The API's input members.

        Raises:
            ServiceError: The service answered no.
            UnreachableError: No usable answer came.
            CredentialsError: Credentials are missing, expired or refused.
            InvalidValueError: The request breaks the API's own model; nothing was sent.
        """
        ...
