"""What all tests share."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def _moto_forgets() -> Iterator[None]:
    """What moto holds is the whole process's: no test may leave tables and buckets to the next."""
    yield
    moto = sys.modules.get("moto.core.base_backend")
    if moto is not None:
        moto.BackendDict.reset()
