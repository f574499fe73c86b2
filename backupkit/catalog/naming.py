"""How messages call what restore metadata says: by the keys of the API, or by the fields of a typed request."""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["FieldNaming", "Naming", "alternatives"]


class Naming:
    """Calls each key by its own name, as raw metadata does."""

    def name(self, key: str) -> str:
        """Return what the caller writes for the key."""
        return key

    def pair(self, key: str, *values: str) -> str:
        """Return how the caller writes the key with one of these values."""
        return f"{self.name(key)} {alternatives(values)}"

    def giving(self, key: str) -> str:
        """Return the advice to give the key."""
        return f"give {self.name(key)}"


class FieldNaming(Naming):
    """Calls each key by the field of a typed request that holds it; one that no field holds by its own name.

    Args:
        field_of: The field of a key, or the key.
    """

    def __init__(self, field_of: Callable[[str], str]) -> None:
        self._field_of = field_of

    def name(self, key: str) -> str:
        """Return the field."""
        return self._field_of(key)

    def pair(self, key: str, *values: str) -> str:
        """Return the field with a value of Python."""
        return f"{self.name(key)}={alternatives([_PYTHON.get(value, repr(value)) for value in values])}"

    def giving(self, key: str) -> str:
        """Return the advice to give the field."""
        return f"give {self.name(key)}="


_PYTHON = {"true": "True", "false": "False"}


def alternatives(values: tuple[str, ...] | list[str]) -> str:
    """Return values as a sentence offers them: ``gp2, st1 or sc1``."""
    return values[0] if len(values) == 1 else f"{', '.join(values[:-1])} or {values[-1]}"
