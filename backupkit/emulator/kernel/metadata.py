"""The Metadata of a restore, read without case, as AWS reads it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from backupkit.emulator.kernel.resource_protocol import WorldError

__all__ = ["Metadata"]


class Metadata(Mapping[str, str]):
    """Metadata whose keys compare without case."""

    def __init__(self, given: Mapping[str, str]) -> None:
        self._values = {key.casefold(): value for key, value in given.items()}
        self._spellings = {key.casefold(): key for key in given}

    def __getitem__(self, key: str) -> str:
        return self._values[key.casefold()]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def spelling(self, key: str) -> str:
        """How the caller spelled ``key``."""
        return self._spellings.get(key.casefold(), key)

    def need(self, key: str) -> str:
        """The value of ``key``.

        Raises:
            WorldError: It is missing or empty.
        """
        value = self.get(key, "")
        if not value:
            raise WorldError(f"Invalid restore metadata. {key} is required")
        return value

    def flag(self, key: str) -> bool:
        """Whether ``key`` is there and says true."""
        return self.get(key, "").casefold() == "true"

    def texts(self, key: str) -> list[str]:
        """The JSON list of texts under ``key``; empty where it is missing.

        Raises:
            WorldError: The value is no such list.
        """
        try:
            found: object = json.loads(self.get(key) or "[]")
        except ValueError as error:
            raise WorldError(f"Invalid restore metadata. {key} is not a JSON list") from error
        if not isinstance(found, list) or not all(isinstance(item, str) for item in found):
            raise WorldError(f"Invalid restore metadata. {key} is not a JSON list of texts")
        return [str(item) for item in found]
