"""Ctrl-C while changes are applied, and changes that fail side by side."""

from __future__ import annotations

import copy
import logging
import os
import pickle
import signal
import threading
from collections.abc import Callable

import attrs
import pytest

import backupkit as bk
from backupkit.errors import ApplyError, RejectedError
from backupkit.provider.stoppable import Stoppable
from backupkit.transport.protocol import Params, Transport
from backupkit.transport.system_clock import SystemClock
from backupkit.transport.wrapper import Wrapper


@attrs.frozen
class Over:
    """A connection by another transport."""

    transport: Transport


class Before(Wrapper):
    """Calls a function with each operation before it is sent."""

    def __init__(self, inner: Transport, before: Callable[[str, Params], None]) -> None:
        super().__init__(inner)
        self._before = before

    def call(self, operation: str, params: Params, /) -> bytes:
        self._before(operation, params)
        return self._transport.call(operation, params)


def stack() -> bk.Stack:
    vault = bk.Vault("prod").locked(bk.GovernanceLock(min_days=7))
    return bk.Stack("shop", vault, bk.Plan("nightly", bk.Rule("daily", vault).keep(days=35)))


@pytest.fixture
def warned():
    """Set when apply says that it was interrupted."""
    event = threading.Event()

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if "interrupted" in record.getMessage():
                event.set()

    handler, logger = Handler(), logging.getLogger("backupkit.provider")
    logger.addHandler(handler)
    yield event
    logger.removeHandler(handler)


def interrupted(aws: bk.LocalConnection, changes: Callable[[Over], bk.Changes], at: str, warned: threading.Event):
    """Apply, with Ctrl-C while one operation is under way."""

    def press(operation: str, _: Params) -> None:
        if operation == at and not warned.is_set():
            os.kill(os.getpid(), signal.SIGINT)
            assert warned.wait(30)

    with pytest.raises(bk.ApplyInterrupted) as caught:
        changes(Over(Before(aws.transport, press))).apply(allow_delete=True, allow_drain="prod")
    return caught.value


def test_ctrl_c_ends_what_is_under_way_and_tells_what_was_made(warned):
    """The call under way ends, nothing is begun after it, what was made is told, and applying again does the rest."""
    with bk.local() as aws:
        stopped = interrupted(aws, stack().preview, "CreateBackupVault", warned)
        assert stopped.applied.done == ("vault.prod",)
        assert not stopped.unfinished
        assert stopped.not_started == ("vault.prod/lock", "plan.nightly")
        assert str(stopped) == (
            "interrupted: 1 change made, 2 not started; what was done stays, and previewing and applying again goes on "
            "from there"
        )
        assert stack().preview(aws).apply().done
        assert not stack().preview(aws)


def test_ctrl_c_ends_between_two_calls_of_one_change(warned):
    """A change of several calls is cut between them, and told by its address; the next run ends it."""
    with bk.local() as aws:
        tested = bk.RestoreTestingPlan("weekly", schedule="cron(0 6 ? * 1 *)", vaults="*")
        bk.Stack("shop", tested).preview(aws).apply()
        changed = bk.Stack("shop", attrs.evolve(tested, start_window_hours=2, tags={"Team": "platform"}))
        assert [call.operation for call in changed.preview(aws).calls] == ["TagResource", "UpdateRestoreTestingPlan"]
        stopped = interrupted(aws, changed.preview, "TagResource", warned)
        assert (stopped.applied.done, stopped.unfinished) == ((), ("restore_testing_plan.weekly",))
        assert [call.operation for call in changed.preview(aws).calls] == ["UpdateRestoreTestingPlan"]


def test_ctrl_c_stops_the_emptying_of_a_vault(warned):
    """Once it is pressed, no more points are deleted than those whose deletion was under way."""
    table = "arn:aws:dynamodb:us-east-1:123456789012:table/orders"
    with bk.local() as aws:
        bk.Stack("shop", bk.Vault("prod")).preview(aws).apply()
        aws.resources.add(table)
        for _ in range(40):
            aws.back_up(table, vault="prod", keep_days=35).wait()
            aws.clock.advance(minutes=1)

        shop = bk.Stack("shop", bk.Vault("prod"))
        stopped = interrupted(aws, shop.preview_destroy, "DeleteRecoveryPoint", warned)
        assert stopped.unfinished == ("vault.prod",)
        assert len(list(aws.recovery_points(vault="prod"))) > 0
        shop.preview_destroy(aws).apply(allow_delete=True, allow_drain="prod")
        assert not list(aws.vaults)


def test_a_pause_of_this_machine_ends_at_once_when_it_is_stopped():
    """Who waits by the real clock does not wait to the end of the pause."""

    @attrs.frozen
    class Silent:
        region_name: str = "us-east-1"
        clock: SystemClock = attrs.field(factory=SystemClock)

        def call(self, operation: str, params: Params, /) -> bytes:
            return b"{}"

    stoppable = Stoppable(Silent())
    began = threading.Event()
    ended: list[BaseException] = []

    def wait() -> None:
        began.set()
        try:
            stoppable.clock.sleep(3600)
        except KeyboardInterrupt as stopped:
            ended.append(stopped)

    waiting = threading.Thread(target=wait)
    waiting.start()
    began.wait()
    stoppable.stop()
    waiting.join(60)
    assert len(ended) == 1


def test_what_was_interrupted_survives_copying():
    """It can be sent to another process, with all that it tells."""
    stopped = bk.ApplyInterrupted(bk.Applied(("vault.a",)), ("vault.b",), ("vault.c",))
    for again in (copy.copy(stopped), pickle.loads(pickle.dumps(stopped))):
        assert (again.applied, again.unfinished, again.not_started) == (
            stopped.applied,
            stopped.unfinished,
            stopped.not_started,
        )
        assert "1 cut short (vault.b)" in str(again)


def test_every_change_that_failed_is_told_with_its_reason():
    """Where several fail side by side, the message has each of them, and what to do next once."""
    both = threading.Barrier(2, timeout=30)

    def refuse(operation: str, params: Params) -> None:
        if operation == "CreateBackupVault":
            both.wait()
            raise RejectedError(
                operation=operation, code="InvalidParameterValueException", message=f"not {params['BackupVaultName']}"
            )

    with bk.local() as aws:
        changes = bk.Stack("shop", bk.Vault("one"), bk.Vault("two")).preview(Over(Before(aws.transport, refuse)))
        with pytest.raises(ApplyError) as caught:
            changes.apply()
    lines = str(caught.value).splitlines()
    assert lines[0] == "2 changes failed:"
    assert {line.split(":")[0] for line in lines[1:3]} == {"  - vault.one", "  - vault.two"}
    assert all(line.endswith(("not one", "not two")) for line in lines[1:3])
    assert lines[3].startswith("(0 done, 2 failed, 0 not started;")
    assert sorted(caught.value.failed) == ["vault.one", "vault.two"]
