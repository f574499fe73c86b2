"""All examples of kinds, by the words of their addresses; the file of each is named after what it is near to."""

from __future__ import annotations

from kinds_beside import EXAMPLES as BESIDE
from kinds_restoring import EXAMPLES as RESTORING
from kinds_table import EXAMPLES as TABLE
from kinds_table import Example

__all__ = ["EXAMPLES"]

EXAMPLES: dict[str, Example] = {**TABLE, **RESTORING, **BESIDE}
