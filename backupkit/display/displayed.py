"""What every displayed value has: the same blocks as text, in a terminal and in a notebook."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable
from typing import TYPE_CHECKING

from backupkit.display.blocks import Block
from backupkit.display.html import html
from backupkit.display.text import text

if TYPE_CHECKING:
    from rich.console import RenderableType

__all__ = ["Displayed"]


class Displayed:
    """A value that is made of blocks where people look at it."""

    __slots__ = ()

    @abstractmethod
    def _blocks(self) -> Iterable[Block]: ...

    def __str__(self) -> str:
        return text(*self._blocks())

    def __rich__(self) -> RenderableType:
        # rich costs 0.1 s to import, which only those who draw should pay.
        from backupkit.display.terminal import renderable  # noqa: PLC0415

        return renderable(*self._blocks())

    def _repr_html_(self) -> str:
        return html(*self._blocks())
