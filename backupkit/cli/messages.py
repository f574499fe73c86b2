"""Errors that name the arguments of Python, with those of the command line."""

from __future__ import annotations

import re

__all__ = ["as_arguments"]

_FLAG = re.compile(r"say apply\((allow_delete|allow_irreversible|discard_unknown)=True\)")
_DRAIN = re.compile(r"say apply\(allow_drain=\[([^\]]*)\]\)")
_WITHOUT = re.compile(r"changes\.without\('([^']*)'\)")


def as_arguments(message: str) -> str:
    """Return the message with what is to be written after ``backupkit apply``."""
    text = _FLAG.sub(lambda found: f"give --{found[1].replace('_', '-')}", message)
    text = _DRAIN.sub(lambda found: f"give {_each('--allow-drain', found[1])}", text)
    return _WITHOUT.sub(lambda found: f"--without {found[1]}", text)


def _each(argument: str, names: str) -> str:
    return " ".join(f"{argument} {name.strip().strip(chr(39))}" for name in names.split(","))
