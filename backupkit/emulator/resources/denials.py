"""What goes wrong behind a session, as sentences that a job can end with."""

from __future__ import annotations

import logging
from types import TracebackType
from typing import TYPE_CHECKING

from backupkit.emulator.kernel.resource_protocol import WorldError
from backupkit.errors import ConfigurationError

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

__all__ = ["NotAllowedError", "PassedOver", "Plainly", "UnansweredError"]

_LOG = logging.getLogger(__name__)

_DENIED = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "AuthorizationError",
        "NotAuthorized",
        "OptInRequired",
        "SubscriptionRequiredException",
        "UnauthorizedOperation",
    }
)
"""The codes with which services refuse to one caller what they do for others."""


class NotAllowedError(WorldError):
    """The session may not make a call."""


class UnansweredError(WorldError):
    """The emulator behind the session does not do what a type of resource needs."""


class PassedOver:
    """Ends its block quietly where the session may not read one resource of a listing; a warning in the log tells.

    Args:
        arn: The resource.
    """

    def __init__(self, arn: str) -> None:
        self._arn = arn

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> bool:
        response = getattr(error, "response", None) or {}
        denied = response.get("Error", {}).get("Code") in _DENIED
        if denied:
            _LOG.warning("%s is passed over: %s", self._arn, error)
        return denied


class Plainly:
    """Turns every error of botocore and of an emulator in its block into a `WorldError`.

    Args:
        resource_type: The type in question, which the sentences name.
        region_name: The Region in question.
    """

    def __init__(self, resource_type: str, region_name: str) -> None:
        self._type = resource_type
        self._region = region_name

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if error is None or isinstance(error, WorldError):
            return
        # Importing backupkit must not import botocore; here it has been at work already.
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

        match error:
            case ClientError():
                raise self._refused(error) from error
            case BotoCoreError():
                raise WorldError(f"{self._type}: {error}") from error
            case ImportError() | NotImplementedError() | ConfigurationError():
                # An emulator in this process that lacks a package or an operation says so in these ways.
                raise UnansweredError(
                    f"The emulator behind the session cannot do what {self._type} needs: {error}"
                ) from error
            case KeyError(args=(str() as key,)) if key == self._region:
                # What moto raises in a Region for which it does not have the service.
                raise UnansweredError(f"The emulator has no {self._type} in {self._region}") from error

    def _refused(self, error: ClientError) -> WorldError:
        code, operation = error.response.get("Error", {}).get("Code", ""), error.operation_name
        if code not in _DENIED:
            return WorldError(f"{self._type}: {error}")
        return NotAllowedError(
            f"The session may not call {operation} ({code}), which {self._type} needs; allow it, or leave the type out "
            "with SessionWorld(types=...)"
        )
