"""What every typed restore request shares: metadata that starts from what the point holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import ClassVar, Protocol, runtime_checkable

import attrs

from backupkit.errors import InvalidValueError
from backupkit.observe import RecoveryPoint
from backupkit.problems import Problem, located

__all__ = ["Raw", "RestoreRequest", "mapping", "merged", "word"]


@runtime_checkable
class RestoreRequest(Protocol):
    """Says what to restore a point to."""

    @property
    def resource_type(self) -> str:
        """AWS Backup's type string of what is restored."""
        ...

    def metadata(self, point: RecoveryPoint, held: Mapping[str, str]) -> dict[str, str]:
        """The Metadata of StartRestoreJob.

        Args:
            point: What is restored.
            held: What GetRecoveryPointRestoreMetadata answered for it: the resource as it was, never a ready request.

        Raises:
            InvalidValueError: The request does not fit the point.
        """
        ...


def merged(held: Mapping[str, str | None], drop: Iterable[str], put: Mapping[str, str | None]) -> dict[str, str]:
    """``held`` without the keys in ``drop``, then with ``put``; keys compare without case, None is left out.

    The documentation spells keys in several ways and says of some types that case does not count, so a key is never
    sent in two spellings.
    """
    without = {key.casefold() for key in (*drop, *put)}
    kept = {key: value for key, value in held.items() if value is not None and key.casefold() not in without}
    return kept | {key: value for key, value in put.items() if value is not None}


def word(flag: bool | None) -> str | None:
    """A boolean as metadata spells it."""
    return None if flag is None else "true" if flag else "false"


def mapping(metadata: Mapping[str, str]) -> Mapping[str, str]:
    """Metadata, if it is a mapping.

    Raises:
        InvalidValueError: It is none.
    """
    if not isinstance(metadata, Mapping):
        what = f"a {type(metadata).__name__} is not a mapping of metadata keys to values"
        raise InvalidValueError(Problem("restore", what, "give a dict"))
    return metadata


class Checked:
    """The base of typed requests: refuses bad fields when it is made."""

    __slots__ = ()
    _KIND: ClassVar[str] = "restore"

    def __attrs_post_init__(self) -> None:
        found = tuple(self._problems())
        if found:
            raise InvalidValueError(located(self._KIND, found))

    def _problems(self) -> Iterator[Problem]:
        return iter(())


@attrs.frozen
class Raw:
    """Metadata as it is, for types and keys that backupkit has no typed request for.

    Args:
        resource_type: AWS Backup's type string.
        values: The whole Metadata of StartRestoreJob; lists and structures are JSON text.
    """

    resource_type: str
    values: Mapping[str, str] = attrs.field(converter=mapping, hash=False)

    def metadata(self, point: RecoveryPoint, held: Mapping[str, str]) -> dict[str, str]:  # noqa: ARG002
        """The values, and nothing that the point holds."""
        return dict(self.values)
