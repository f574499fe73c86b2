"""What a connection can be given, looked at before anything is made of it."""

from __future__ import annotations

from urllib.parse import urlsplit

import attrs
import boto3
from botocore.config import Config
from botocore.utils import is_valid_endpoint_url, is_valid_ipv6_endpoint_url

from backupkit.arn import is_region
from backupkit.errors import ConfigurationError
from backupkit.problems import nearest, quote, typed

__all__ = ["Settings", "check_endpoint", "check_given", "check_region", "host_of", "unusable_endpoint"]

_LONGEST_SECONDS = 1_000_000
_MOST_CONNECTIONS = 10_000


@attrs.frozen(kw_only=True)
class Settings:
    """How a transport talks to its endpoint.

    Raises:
        ConfigurationError: A number is out of range, or the endpoint is not text.
    """

    endpoint_url: str | None
    connect_timeout: float
    read_timeout: float
    max_pool_connections: int
    max_answer_bytes: int
    fast: bool

    def __attrs_post_init__(self) -> None:
        for name in ("connect_timeout", "read_timeout"):
            _check_number(name, getattr(self, name), _LONGEST_SECONDS, "seconds")
        _check_number("max_pool_connections", self.max_pool_connections, _MOST_CONNECTIONS, "connections", whole=True)
        _check_number("max_answer_bytes", self.max_answer_bytes, 2**40, "bytes", whole=True)

    def config(self) -> Config:
        """Return botocore's configuration for them; its own retries are off."""
        return Config(
            connect_timeout=self.connect_timeout,
            read_timeout=self.read_timeout,
            max_pool_connections=self.max_pool_connections,
            retries={"total_max_attempts": 1},
        )


def _check_number(name: str, number: object, most: int, unit: str, *, whole: bool = False) -> None:
    kinds = int if whole else (int, float)
    if isinstance(number, bool) or not isinstance(number, kinds) or not 0 < number <= most:
        raise ConfigurationError(
            f"{name} is {quote(number)}; give a number above 0 and up to {most:,} {unit}{', without decimals' * whole}"
        )


def check_given(session: object, **texts: object) -> None:
    """Refuse a session that is none, and settings that are not text.

    Raises:
        ConfigurationError: One of them is something else.
    """
    if session is not None and not callable(getattr(session, "client", None)):
        raise ConfigurationError(
            f"{typed(session)} is not a boto3 session; a profile is profile_name=, a Region is region_name="
        )
    for name, text in texts.items():
        if text is not None and not isinstance(text, str):
            raise ConfigurationError(f"{name} is {typed(text)}; give text, or leave it out")


def check_region(session: boto3.Session, region_name: str) -> None:
    """Refuse what cannot be a Region; one that this version of botocore does not know may be new.

    Raises:
        ConfigurationError: It is not spelled like a Region.
    """
    if not is_region(region_name):
        known = session.get_available_regions("backup")
        raise ConfigurationError(f"{quote(region_name)} is not a Region; {nearest(region_name, known)}")


def check_endpoint(url: str) -> None:
    """Refuse an endpoint that nothing can be sent to.

    Raises:
        ConfigurationError: It has no host, a port that is not one, or a query or fragment.
    """
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and _is_host(url) and parts.port != 0
        extra = bool(parts.query or parts.fragment)
    except ValueError:
        usable = extra = False
    if not usable:
        raise unusable_endpoint()
    if extra:
        raise ConfigurationError(
            "endpoint_url, or AWS_ENDPOINT_URL_BACKUP, has a part after ? or #; leave that part out"
        )


def unusable_endpoint() -> ConfigurationError:
    """Return the error for an endpoint that nothing can be sent to, without its text: it may hold a password."""
    return ConfigurationError(
        "endpoint_url, or AWS_ENDPOINT_URL_BACKUP, is not an HTTP URL with a host, and a port from 1 to 65535 or "
        "none; write it like https://backup.us-east-1.amazonaws.com"
    )


def _is_host(url: str) -> bool:
    return bool(is_valid_endpoint_url(url) or is_valid_ipv6_endpoint_url(url))


def host_of(url: str) -> str:
    """Return the host of a URL, and its port where it tells one; never its user and password."""
    try:
        return urlsplit(url).netloc.rpartition("@")[2]
    except ValueError:
        return ""
