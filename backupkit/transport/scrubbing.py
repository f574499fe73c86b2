"""The one place that decides what a message may hold of texts that came from elsewhere: no secrets, and not too much.

Errors of other libraries are never kept as the cause of ours: they hold requests, URLs and answers as they were.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from urllib.parse import quote

from backupkit.transport.protocol import Params, Value

__all__ = ["cut", "scrubbed", "secrets_in"]

LONGEST = 2_000
"""Characters of somebody else's text that a message holds at most; AWS's own sentences are shorter."""

# The patterns are bounded as well, so that a hostile text takes no time.
_READ_AT_MOST = 10 * LONGEST
_SHORTEST_SECRET = 4
_HIDDEN = "***"
_USERINFO = re.compile(r"//[^/\s\"']*@")
_AFTER_PATH = re.compile(r"(\w://[^\s\"'?#]{0,1000})[?#][^\s\"']*")
_NAMED = re.compile(
    r"(?i)((?:secret|password|passwd|(?:session|security|access|auth|bearer|refresh)[_-]?token|signature)[\w-]{0,40}"
    r"[\"']?\s?[:=]\s?[\"']?)[^\s\"',;&}]+"
)


def cut(text: str, most: int = LONGEST) -> str:
    """Return the beginning of a long text, and how long it is; a short one as it is.

    Args:
        text: Any text.
        most: Characters to keep.
    """
    return text if len(text) <= most else f"{text[:most]}… ({len(text):,} characters)"


def scrubbed(text: str, secrets: Collection[str] = ()) -> str:
    """Return the text as a message may show it: without secrets, and cut.

    Args:
        text: What another program said, which may quote a request.
        secrets: Texts that must not be shown, as `secrets_in` finds them. Beside them, users and passwords in URLs,
            what follows a URL's path, and what is called a password, secret or signature are left out.
    """
    short = text[:_READ_AT_MOST]
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= _SHORTEST_SECRET:
            for spelled in (secret, repr(secret)[1:-1], quote(secret, safe="")):
                short = short.replace(spelled, _HIDDEN)
    short = _USERINFO.sub(f"//{_HIDDEN}@", short)
    short = _AFTER_PATH.sub(r"\1", short)
    short = _NAMED.sub(rf"\1{_HIDDEN}", short)
    return cut(short) if len(text) <= _READ_AT_MOST else f"{short[:LONGEST]}… ({len(text):,} characters)"


def secrets_in(params: Params) -> set[str]:
    """Return the values of tags, options and restore metadata in a request, without those that are names in it as well.

    Args:
        params: The API's input members.
    """
    found = set(_texts(params, secret=False))
    return {text for secret, text in found if secret} - {text for secret, text in found if not secret}


def _texts(value: Value, *, secret: bool) -> Iterator[tuple[bool, str]]:
    """Every text in a piece of a request, and whether it may be a secret."""
    if isinstance(value, str):
        yield secret, value
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _texts(inner, secret=secret or str(name).endswith(_HOLD_SECRETS))
    elif isinstance(value, Sequence) and not isinstance(value, bytes):
        for inner in value:
            yield from _texts(inner, secret=secret)


_HOLD_SECRETS = ("Metadata", "Options", "Tags")
"""How the members are called whose values nobody but their owner should see."""
