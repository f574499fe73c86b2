"""What all tests share."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator

import pytest
from hypothesis import settings

# A deadline in milliseconds measures how busy the machine is.
settings.register_profile("backupkit", deadline=None)
settings.load_profile("backupkit")


# What tests and the libraries make is long-lived, or small and gone by itself: looking for garbage as often as Python
# does by default takes a fifth of all time.
gc.set_threshold(10_000, 20, 50)


def pytest_collection_finish() -> None:
    """Leave ten thousand tests and all modules out of every later search for garbage."""
    gc.collect()
    gc.freeze()


def pytest_xdist_auto_num_workers() -> int:
    """One worker more than there are cores: tests that kill programs and servers wait more than they compute."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the slow ones first, so that no worker begins a long one when the others are done."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.fixture(autouse=True)
def _moto_forgets() -> Iterator[None]:
    """What moto holds is the whole process's: no test may leave tables and buckets to the next."""
    yield
    moto = sys.modules.get("moto.core.base_backend")
    if moto is not None:
        moto.BackendDict.reset()
