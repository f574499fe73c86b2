"""Laws of lists that are read side by side: each point once, whatever AWS's order and limits, while points come and go."""

from __future__ import annotations

import json
import math
import random
import threading
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime

import attrs
from hypothesis import given, settings
from hypothesis import strategies as st

import backupkit as bk
from backupkit import RecoveryPoint
from backupkit.emulator import LocalService
from backupkit.recover.caller import Caller
from backupkit.recover.point_listing import Splitting, split_pages

# As if every answer were waited for.
SPLIT = Splitting(readers=5, pays_from_seconds=-1.0, first_pages=2)
PAGE = 5
START = datetime(2026, 1, 1, tzinfo=UTC).timestamp()
LIST = "ListRecoveryPointsByBackupVault"


@attrs.define(eq=False)
class Vaults:
    """An AWS Backup that only lists, in an order and with limits that can be chosen, and changes with every call."""

    points: dict[str, dict[str, float]]
    """The moments at which points were made, by their vaults and ARNs."""
    order: str = "newest"
    """Which points come first: ``newest``, ``oldest``, or as it happens: ``any``."""
    inclusive: bool = False
    """Whether the limits of creation are among what they limit."""
    whole_seconds: bool = False
    """Whether filters leave parts of seconds out."""
    dice: random.Random | None = None
    """Decides what comes and goes."""
    calls: int = 0
    gone: set[str] = attrs.field(factory=set)
    made: set[str] = attrs.field(factory=set)
    lock: threading.Lock = attrs.field(factory=threading.Lock)
    region_name: str = "us-east-1"
    clock: object = None

    def call(self, operation, params, /):
        """Answer one page."""
        assert operation == LIST
        with self.lock:
            self.calls += 1
            held = self.points[params["BackupVaultName"]]
            answer = self._page(held, params)
            if self.dice is not None:
                self._change(held)
            return json.dumps(answer).encode()

    def _page(self, held, params):
        after = params.get("NextToken")
        keys = sorted(self._key(arn, at) for arn, at in held.items() if self._asked_for(at, params))
        left = [key for key in keys if after is None or list(key) > json.loads(after)]
        size = params["MaxResults"]
        shown = [{"RecoveryPointArn": arn, "CreationDate": held[arn]} for *_, arn in left[:size]]
        return {"RecoveryPoints": shown, "NextToken": json.dumps(left[size - 1]) if len(left) > size else None}

    def _key(self, arn, at):
        if self.order == "any":
            return zlib.crc32(arn.encode()), arn
        return (-at if self.order == "newest" else at), arn

    def _asked_for(self, at, params):
        limits = [params.get("ByCreatedAfter"), params.get("ByCreatedBefore")]
        given = [limit.timestamp() if limit is not None else at for limit in limits]
        after, at, before = (math.floor(each) if self.whole_seconds else each for each in (given[0], at, given[1]))
        after, before = (after if limits[0] else after - 1), (before if limits[1] else before + 1)
        return after <= at <= before if self.inclusive else after < at < before

    def _change(self, held):
        if held and self.dice.random() < 0.5:
            arn = self.dice.choice(sorted(held))
            del held[arn]
            self.gone.add(arn)
        # An end: what comes with every call could keep a list from ever ending.
        if self.dice.random() < 0.5 and len(self.made) < 40:
            arn = f"new-{self.calls}"
            held[arn] = max(held.values(), default=START) + self.dice.choice([0, 0.25, 90])
            self.made.add(arn)


def pages(service, names=("v",), split=SPLIT, size=PAGE, **limits) -> Iterator[list[RecoveryPoint]]:
    caller = Caller(service)

    def opened(name, more):
        return caller.paged(LIST, RecoveryPoint, {"BackupVaultName": name, "MaxResults": size, **more})

    return split_pages(iter(names), opened, splitting=split, **limits)


def arns(service, *args, **words) -> list[str]:
    return [point.recovery_point_arn for page in pages(service, *args, **words) for point in page]


# Points of one moment, of one second, and far apart.
gaps = st.sampled_from([0.0, 0.0, 0.0, 0.001, 0.3, 1.0, 60.0, 3600.0, 86_400.0, 30_000_000.0])


@st.composite
def some_points(draw, vault: str) -> dict[str, float]:
    at, found = START, {}
    for group in range(draw(st.integers(0, 5))):
        at += draw(gaps)
        for number in range(draw(st.sampled_from([1, 2, 7, 25]))):
            found[f"{vault}-{group}-{number}"] = round(at, 3)
    return found


@settings(max_examples=30, deadline=None)
@given(
    st.fixed_dictionaries({"v": some_points("v"), "w": some_points("w")}),
    st.sampled_from(["newest", "newest", "oldest", "any"]),
    st.booleans(),
    st.booleans(),
    st.one_of(st.none(), st.integers(0, 999).map(random.Random)),
)
def test_each_point_is_there_once(points, order, inclusive, whole_seconds, dice):
    """Those that stay are all there, none is there twice, and nothing else but what came meanwhile."""
    service = Vaults(points, order, inclusive, whole_seconds, dice)
    before = {arn for held in points.values() for arn in held}
    found = arns(service, ("v", "w"))
    assert len(found) == len(set(found))
    assert before - service.gone <= set(found) <= before | service.made


@settings(max_examples=20, deadline=None)
@given(some_points("v"), st.sampled_from(["newest", "oldest"]), st.data())
def test_the_limits_of_the_caller_hold_in_every_part(points, order, data):
    """What is asked for by time of creation is what comes, and all of it."""
    moments = st.sampled_from(sorted({*points.values(), START})).map(lambda at: datetime.fromtimestamp(at, UTC))
    after, before = data.draw(st.one_of(st.none(), moments)), data.draw(st.one_of(st.none(), moments))
    found = arns(Vaults({"v": points}, order), created_after=after, created_before=before)
    wanted = {
        arn
        for arn, at in points.items()
        if (after is None or at > after.timestamp()) and (before is None or at < before.timestamp())
    }
    assert sorted(found) == sorted(wanted)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 6 * PAGE), st.integers(1, 3))
def test_a_small_vault_takes_no_call_more_than_its_pages(count, first_pages):
    """Up to the pages that come one after another, and one more, there is nothing to be divided."""
    service = Vaults({"v": {f"p{number}": START + 60 * number for number in range(count)}})
    assert len(arns(service, split=attrs.evolve(SPLIT, first_pages=first_pages))) == count
    fewest = max(1, -(-count // PAGE))
    assert service.calls == fewest if fewest <= first_pages + 1 else service.calls <= 2 * fewest


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 40))
def test_who_stops_early_has_not_asked_for_much_more(wanted):
    """The first page takes one call, and what is read ahead is no more than a few pages, and at first fewer."""
    service = Vaults({"v": {f"p{number}": START + 60 * number for number in range(1000)}})
    found = pages(service)
    for _ in range(wanted):
        next(found)
    found.close()
    assert service.calls <= (1 if wanted == 1 else wanted + 2 * min(wanted, SPLIT.readers))


def test_a_large_vault_takes_few_calls_more_than_its_pages():
    """Also where points come in heaps, with nothing in between."""
    heaps = {f"p{day}-{number}": START + 86_400.0 * day + number // 40 for day in range(20) for number in range(50)}
    service = Vaults({"v": heaps})
    assert len(arns(service)) == len(heaps)
    assert service.calls <= 1.5 * len(heaps) / PAGE


def test_an_error_of_one_part_ends_the_list():
    """What was read until then was given; what is wrong is told, and nobody takes the rest for the whole."""

    class Failing(Vaults):
        """Fails from some call on."""

        def call(self, operation, params, /):
            if self.calls >= 30:
                raise bk.errors.AccessDeniedError(operation, "AccessDeniedException", "No.")
            return super().call(operation, params)

    service = Failing({"v": {f"p{number}": START + 60 * number for number in range(1000)}})
    given = []
    try:
        for page in pages(service):
            given += page
    except bk.errors.AccessDeniedError:
        pass
    else:
        raise AssertionError("the error was lost")
    # Sixteen pages may be under way when the first call fails.
    assert 5 * PAGE <= len(given) <= (30 + 16) * PAGE
    assert len({point.recovery_point_arn for point in given}) == len(given)


@settings(max_examples=5, deadline=None)
@given(st.integers(0, 99))
def test_the_emulator_lists_each_point_once_while_points_come_and_go(seed):
    """Backups end and deletions are carried out between pages, and the list is that of points that stay."""
    service, dice = LocalService(seed=seed), random.Random(seed)
    service.call("CreateBackupVault", {"BackupVaultName": "vault"})
    for number in range(6):
        service.resources.add(f"arn:aws:dynamodb:us-east-1:123456789012:table/t{number}")
    rule = {"RuleName": "hourly", "TargetBackupVaultName": "vault", "ScheduleExpression": "cron(0 * ? * * *)"}
    plan = json.loads(service.call("CreateBackupPlan", {"BackupPlan": {"BackupPlanName": "p", "Rules": [rule]}}))
    selection = {"SelectionName": "s", "IamRoleArn": "arn:aws:iam::123456789012:role/r", "Resources": ["*"]}
    service.call("CreateBackupSelection", {"BackupPlanId": plan["BackupPlanId"], "BackupSelection": selection})
    service.clock.advance(hours=60)
    before = arns(service, ("vault",), split=attrs.evolve(SPLIT, pays_from_seconds=1e9))
    gone: set[str] = set()

    class Changing:
        """Lets time pass after each page, and deletes a point now and then."""

        region_name = service.region_name
        clock = service.clock

        def call(self, operation, params, /):
            body = service.call(operation, params)
            with service.simulation.lock:
                if dice.random() < 0.3:
                    arn = dice.choice(before)
                    if arn not in gone:
                        gone.add(arn)
                        service.call("DeleteRecoveryPoint", {"BackupVaultName": "vault", "RecoveryPointArn": arn})
                service.clock.advance(minutes=dice.choice([0, 1, 20]))
            return body

    found = arns(Changing(), ("vault",))
    assert len(found) == len(set(found))
    assert set(before) - gone <= set(found)
