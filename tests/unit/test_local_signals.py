"""Who is told of an event of the emulator."""

from __future__ import annotations

import pytest

from backupkit.emulator.kernel.bus import Signal


@pytest.mark.parametrize("way", [lambda signal: signal, lambda signal: signal.tell])
def test_whoever_subscribes_is_told_in_that_order_until_it_unsubscribes(way):
    """However many there are, and whether the signal is called or its `tell`."""
    signal, heard = Signal(), []
    first, second = (lambda said, name=name: heard.append((name, said)) for name in ("first", "second"))
    way(signal)(0)
    signal.subscribe(first)
    way(signal)(1)
    signal.subscribe(second)
    way(signal)(2)
    signal.unsubscribe(first)
    way(signal)(3)
    signal.unsubscribe(second)
    way(signal)(4)
    assert heard == [("first", 1), ("first", 2), ("second", 2), ("second", 3)]
