"""What several threads do to one local service at a time is as good as done one after another."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator

import pytest
from local_stage import Stage, table_arn

from backupkit.emulator import LocalService

TABLE = table_arn("orders")
ROUNDS, THREADS = 300, 4


@pytest.fixture(autouse=True)
def _switching_often() -> Iterator[None]:
    """Let threads take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def at_once(*works: Callable[[], object]) -> None:
    """Do each in a thread of its own; what one of them raises is raised here."""
    raised: list[Exception] = []
    ready = threading.Barrier(len(works))

    def run(work: Callable[[], object]) -> None:
        ready.wait()
        try:
            work()
        except Exception as error:  # noqa: BLE001 - raised again in the test's own thread
            raised.append(error)

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for error in raised:
        raise error


def test_a_resource_that_threads_tag_keeps_every_tag() -> None:
    """No thread ever finds it missing, and none loses what another wrote."""
    world = Stage().world
    world.add(TABLE)

    def tags(number: int) -> Callable[[], object]:
        return lambda: [world.tag(TABLE, {f"{number}-{turn}": "x"}) for turn in range(ROUNDS)]

    at_once(*map(tags, range(THREADS)))
    assert len(world[TABLE].tags) == ROUNDS * THREADS


def test_a_resource_that_threads_change_keeps_every_change() -> None:
    """Malware, what is sealed, tags and backups come from four threads."""
    stage = Stage()
    stage.world.add(TABLE, daily_change=0.1)
    at_once(
        lambda: [stage.world.infect(TABLE, f"m{turn}") for turn in range(ROUNDS)],
        lambda: [stage.world.seal(TABLE, f"s{turn}") for turn in range(ROUNDS)],
        lambda: [stage.world.tag(TABLE, {f"t{turn}": "x"}) for turn in range(ROUNDS)],
        lambda: [stage.world.capture(TABLE, "123456789012", "us-east-1", stage.clock.now()) for _ in range(ROUNDS)],
    )
    held = stage.world[TABLE]
    assert (len(held.malware), len(held.sealed), len(held.tags)) == (ROUNDS, ROUNDS, ROUNDS)
    assert held.since is not None


@pytest.mark.slow
def test_resources_can_be_looked_at_while_others_are_added() -> None:
    """Iteration, membership, listing, saving and the clock go on beside `add` and `remove`."""
    stage = Stage()
    stage.plan({"RuleName": "hourly", "ScheduleExpression": "cron(0 * ? * * *)"})

    def comes_and_goes() -> None:
        for turn in range(ROUNDS):
            stage.world.add(table_arn(f"t{turn}"))
            if turn % 2:
                stage.world.remove(table_arn(f"t{turn}"))

    at_once(
        comes_and_goes,
        lambda: [sum(1 for _ in stage.world) for _ in range(ROUNDS)],
        lambda: [TABLE in stage.world for _ in range(ROUNDS)],
        lambda: [stage.service.save_state() for _ in range(20)],
        lambda: [stage.clock.advance(hours=1) for _ in range(20)],
    )
    assert sum(1 for _ in stage.world) == ROUNDS // 2


def test_an_iteration_goes_on_over_what_was_there_when_it_began() -> None:
    """Adding a resource in the middle of a loop over the resources does not break the loop."""
    world = Stage().world
    for name in ("a", "b"):
        world.add(table_arn(name))
    seen = iter(world)
    first = next(seen)
    world.add(table_arn("c"))
    assert [first.arn, *(each.arn for each in seen)] == [table_arn("a"), table_arn("b")]


def test_connections_to_one_region_opened_at_once_are_of_one_region() -> None:
    """A vault that one thread makes in a Region of its own is not lost to another that opens it at that moment."""
    service = LocalService()
    regions = [f"us-east-{number}" for number in range(2, 80)]

    def makes() -> None:
        for region in regions:
            service.in_region(region).call("CreateBackupVault", {"BackupVaultName": f"by-{threading.get_ident()}"})

    at_once(*[makes] * THREADS)
    for region in regions:
        assert len(service.simulation.scope("123456789012", region).vaults) == THREADS
