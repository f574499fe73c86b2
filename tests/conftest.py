"""What all tests share."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
from hypothesis import settings

# A deadline in milliseconds measures how busy the machine is.
settings.register_profile("backupkit", deadline=None)
settings.load_profile("backupkit")


@pytest.fixture(autouse=True)
def _moto_forgets() -> Iterator[None]:
    """What moto holds is the whole process's: no test may leave tables and buckets to the next."""
    yield
    moto = sys.modules.get("moto.core.base_backend")
    if moto is not None:
        moto.BackendDict.reset()
