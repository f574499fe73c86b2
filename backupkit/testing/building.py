"""How composite strategies make values, so that hypothesis shows a failing example as the call that makes it again."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from hypothesis import strategies as st

__all__ = ["built"]

_Made = TypeVar("_Made")


def built(draw: st.DrawFn, make: Callable[..., _Made], /, *arguments: object, **members: object) -> _Made:
    """Return what ``make`` makes; the repr of declared values is short and hides tags, and could not be pasted."""
    positional = [st.just(each) for each in arguments]
    return draw(st.builds(make, *positional, **{name: st.just(value) for name, value in members.items()}))
