"""Messages that name the arguments of Python, with those of the command line, and where they go."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable

__all__ = ["as_arguments", "complain"]

_WRITTEN = "not what Changes.to_json writes"
_REGION = "connect to the Region that they were previewed in"
_WORDS: tuple[tuple[str, str | Callable[[re.Match[str]], str]], ...] = (
    (
        r"say apply\((allow_delete|allow_irreversible|discard_unknown)=True\)",
        lambda found: f"give --{found[1].replace('_', '-')}",
    ),
    (r"say apply\(allow_drain=\[([^\]]*)\]\)", lambda found: f"give {_each('--allow-drain', found[1])}"),
    (r"changes\.without\('([^']*)'\)", r"--without \1"),
    (r"with preview\(aws, adopt=True\)", "with --adopt"),
    # Markdown writes the underscore in its own way.
    (r"preview\(aws, moved(?:_|&#95;)from='([^']*)'\)", r"give --moved-from \1"),
    (r"\bpreview/adopt: ", "--adopt-only: "),
    (r"\bpreview/moved_from: ", "--moved-from: "),
    (r"\bgive region_name, or set AWS_REGION", "give --region, or set AWS_REGION"),
    (r"\bgive another profile_name, or check AWS_PROFILE", "give another --profile, or check AWS_PROFILE"),
    (r"\bendpoint_url, or AWS_ENDPOINT_URL_BACKUP", "--endpoint-url, or AWS_ENDPOINT_URL_BACKUP"),
    (re.escape(_REGION), "give the --region that they were previewed in, or leave it out"),
    (re.escape(_WRITTEN), "not what `backupkit preview --out FILE` writes"),
)


def as_arguments(message: str) -> str:
    """Return the message with what is to be written on the command line."""
    for python, line in _WORDS:
        message = re.sub(python, line, message)
    return message


def complain(text: str) -> None:
    """Write a line to standard error, where there is one."""
    if sys.stderr is not None:
        print(f"backupkit: {text}", file=sys.stderr)  # noqa: T201 - this is what a command line is for


def _each(argument: str, names: str) -> str:
    return " ".join(f"{argument} {name.strip().strip(chr(39))}" for name in names.split(","))
