"""A boto3 session whose calls end in moto, in this process."""

from __future__ import annotations

import os
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from backupkit.errors import ConfigurationError

if TYPE_CHECKING:
    import boto3
    import botocore.session

__all__ = ["is_private", "private_moto_session"]

_PRIVATE: weakref.WeakSet[boto3.Session] = weakref.WeakSet()


def private_moto_session(region_name: str = "us-east-1") -> boto3.Session:
    """A boto3 session whose calls end in moto, in this process, while every other session goes where it always goes.

    Nothing global is switched: neither ``mock_aws`` nor the environment. No profile, file or variable leads the session
    elsewhere, and what moto does not answer is refused, never sent. What moto holds is shared by all such sessions of
    the process, and a ``mock_aws`` that a test opens empties it.

    Raises:
        ConfigurationError: moto is not installed, or AWS_PROFILE names no profile.
    """
    import boto3  # noqa: PLC0415 - importing backupkit must not import boto3
    from botocore.exceptions import ProfileNotFound  # noqa: PLC0415

    try:
        from moto.core.botocore_stubber import BotocoreStubber  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise ConfigurationError(
            "moto is not installed, so there are no resources on this machine; install backupkit[local]"
        ) from error
    try:
        boto3.Session()  # moto makes one for itself, out of the environment
    except ProfileNotFound as error:
        raise ConfigurationError(f"moto cannot start: {error}; unset AWS_PROFILE, or make that profile") from error
    session = boto3.Session(
        aws_access_key_id="backupkit-local",
        aws_secret_access_key="backupkit-local",  # noqa: S106 - moto takes any
        region_name=region_name,
        botocore_session=_unconfigured(),
    )
    stubber = BotocoreStubber()
    stubber.enabled = True
    # A handler of "before-send" answers a request by returning a response, which the stubs of boto3 do not know.
    register: Any = session.events.register_first
    register("before-send", _OnlyMoto(stubber))
    _PRIVATE.add(session)
    return session


def is_private(session: boto3.Session) -> bool:
    """Whether `private_moto_session` made the session."""
    return session in _PRIVATE


def _unconfigured() -> botocore.session.Session:
    """A session that no environment variable and no file leads elsewhere: not to a profile, not to an endpoint."""
    import botocore.session  # noqa: PLC0415 - importing backupkit must not import botocore

    # Each: its name in the file, its name in the environment, its value, its conversion.
    fixed: Any = {
        "profile": (None, None, None, None),
        "config_file": (None, None, os.devnull, None),
        "credentials_file": (None, None, os.devnull, None),
        "account_id_endpoint_mode": (None, None, "disabled", None),
        "ignore_configured_endpoint_urls": (None, None, True, None),
        "use_fips_endpoint": (None, None, False, None),
        "use_dualstack_endpoint": (None, None, False, None),
    }
    return botocore.session.Session(session_vars=fixed)


class _OnlyMoto:
    """Answers every request with moto's answer; where moto has none, nothing is sent either.

    Args:
        stubber: moto's own handler of "before-send", which returns None where it does not know an address.
    """

    def __init__(self, stubber: Callable[..., object]) -> None:
        self._stubber = stubber

    def __call__(self, event_name: str, request: Any, **more: object) -> object:
        answer = self._stubber(event_name=event_name, request=request, **more)
        if answer is None:
            raise ConfigurationError(
                f"moto does not answer {request.method} {request.url}, and nothing leaves this process; "
                "use a session of your own for it"
            )
        return answer
