"""Files that users name: read, and written whole or not at all. What the system refuses is an error of backupkit's."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from backupkit.errors import ConfigurationError
from backupkit.problems import label

__all__ = ["is_directory", "read_file", "replacing", "why_not"]


def read_file(path: Path) -> bytes:
    """Return what is in a file.

    Raises:
        ConfigurationError: It cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"{label(str(path))} cannot be read: {why_not(error)}") from None


@contextmanager
def replacing(path: Path, *, private: bool) -> Iterator[Path]:
    """Give a file beside ``path`` to write to, which takes its place once the block has ended well.

    Args:
        path: Where; a file that is there is replaced.
        private: Whether nobody but its owner may read it.

    Raises:
        ConfigurationError: It cannot be written; there is nothing new at ``path``, nor beside it. What is there and is
            not a file, such as a device, stays what it is.
    """
    try:
        path = _file_at(path)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        os.close(handle)
        beside = Path(name)
        try:
            yield beside
            if not private:
                beside.chmod(0o666 & ~_mask())
            beside.replace(path)
        except BaseException:
            with suppress(OSError):
                beside.unlink(missing_ok=True)
            raise
    except (ConnectionError, TimeoutError):
        # Of what is read while the file is written.
        raise
    except OSError as error:
        hint = f"; make the folder {label(str(path.parent))} first" if isinstance(error, FileNotFoundError) else ""
        raise ConfigurationError(f"{label(str(path))} cannot be written: {why_not(error)}{hint}") from None


def _file_at(path: Path) -> Path:
    """Return where the file is that a path leads to, over links, which stay.

    Raises:
        ConfigurationError: Something else is there.
    """
    if path.exists() and not path.is_file():
        # Whoever may replace any name could make a file of a device.
        what = "a folder" if path.is_dir() else "a device or a pipe"
        raise ConfigurationError(f"{label(str(path))} is {what}, not a file; name another file")
    return Path(os.path.realpath(path)) if path.is_symlink() else path


def is_directory(path: Path) -> bool:
    """Whether a directory is there; one whose name the system does not take is not."""
    try:
        return path.is_dir()
    except OSError:
        return False


def why_not(error: Exception) -> str:
    """Return why the system refuses a file; the text of an OSError repeats the path."""
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def _mask() -> int:
    """Return the rights that a new file does not get."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
